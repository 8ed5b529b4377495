// Rules that gather per-channel scales and shifts by weights: into one multiply and one add.

import { type Node, type NodeId, tensorType } from '../../lib/ir/graph.js'
import type { Shape } from '../../lib/ir/types.js'
import { hasOneReader, infersTo, isFill, operand, shapeOf, standIn } from '../match.js'
import type { Rule, View } from '../pass.js'

/** Whether a node is a float op of a run-time value and, on the right, one that only weights change. */
export function isAffine(node: Node, view: View): boolean {
  if (node.inputs.length !== 2 || tensorType(node).dtype !== 'float32') return false
  return view.dependence(operand(node, 0)) === 'run' && view.dependence(operand(node, 1)) !== 'run'
}

/** Whether combining two operands makes nothing larger than the larger of them. */
function staysSmall(a: NodeId, b: NodeId, view: View): boolean {
  const within = (small: Shape, large: Shape) => {
    const offset = large.length - small.length
    return offset >= 0 && small.every((size, axis) => size === 1 || size === large[axis + offset])
  }
  const [left, right] = [shapeOf(view.at(a)), shapeOf(view.at(b))]
  return within(left, right) || within(right, left)
}

/** `inner` of a node that applies `op` by weights to a value that does the same by `innerOp`, read once. */
function affineInside(node: Node, innerOp: 'add' | 'multiply', view: View): Node | undefined {
  if (!isAffine(node, view)) return undefined
  const inner = view.at(operand(node))
  const fits = inner.op === innerOp && isAffine(inner, view) && hasOneReader(inner.id, view)
  return fits && staysSmall(operand(inner, 1), operand(node, 1), view) ? inner : undefined
}

export const affine = [
  {
    name: 'batchNormToAffine',
    formula: 'batch_norm(x, γ, β, μ, σ²) → x · s + (β − μ · s), s = γ / √(σ² + ε)',
    why: 's and the shift depend on weights only, so they are prepared once; statistics of the batch itself do not qualify',
    numerics: 'rounding',
    ops: ['batch_norm'],
    rewrite(node, view) {
      if (node.op !== 'batch_norm' || node.inputs.slice(1).some(id => view.dependence(id) === 'run')) return undefined
      const [value, gamma, beta, mean, variance] = node.inputs as [NodeId, NodeId, NodeId, NodeId, NodeId]
      const shape = shapeOf(node)
      const axis = node.attrs.axis < 0 ? node.attrs.axis + shape.length : node.attrs.axis
      const along = (id: NodeId) =>
        axis === shape.length - 1 ? id : view.emit('reshape', [id], { shape: shape.slice(axis).map((size, k) => (k === 0 ? size : 1)) })
      const epsilon = view.emit('constant', [], { data: [node.attrs.epsilon], dtype: 'float32', shape: [] })
      const root = view.emit('rsqrt', [view.emit('add', [variance, epsilon], {})], {})
      const scale = view.emit('multiply', [root, gamma], {})
      const scaled = view.emit('multiply', [value, along(scale)], {})
      const shift = view.emit('subtract', [beta, view.emit('multiply', [mean, scale], {})], {})
      return view.emit('add', [scaled, along(shift)], {})
    },
  },
  {
    name: 'subtractWeight',
    formula: 'x − w → x + (−w)',
    why: 'exact; −w is prepared, and rules for adding weights then serve both',
    numerics: 'exact',
    ops: ['subtract'],
    rewrite(node, view) {
      if (!isAffine(node, view)) return undefined
      return view.emit('add', [operand(node), view.emit('negate', [operand(node, 1)], {})], {}, node.type)
    },
  },
  {
    name: 'divideByWeight',
    formula: 'x / w → x · (1 / w)',
    why: 'one rounding more; a zero still gives ±∞ or NaN, and constants whose reciprocal overflows are left alone',
    numerics: 'rounding',
    ops: ['divide'],
    rewrite(node, view) {
      if (!isAffine(node, view)) return undefined
      const divisor = view.at(operand(node, 1))
      if (divisor.op === 'constant' && !divisor.attrs.data.every(value => Math.abs(value) >= 2 ** -126)) return undefined
      const one = view.emit('constant', [], { data: [1], dtype: 'float32', shape: [] })
      const reciprocal = view.emit('divide', [one, divisor.id], {})
      return view.emit('multiply', [operand(node), reciprocal], {}, node.type)
    },
  },
  {
    name: 'addPositiveZero',
    formula: 'x + 0 → x',
    why: 'only −0 + 0, which is +0, comes out as −0',
    numerics: 'rounding',
    ops: ['add'],
    rewrite: (node, view) => (isFill(view.at(operand(node, 1)), 0) ? standIn(operand(node), node, view) : undefined),
  },
  {
    name: 'mergeScales',
    formula: '(x · a) · b → x · (a · b)',
    why: 'a and b depend on weights only, their product is no larger than they are, and nothing else reads x · a',
    numerics: 'rounding',
    ops: ['multiply'],
    rewrite(node, view) {
      const inner = affineInside(node, 'multiply', view)
      if (!inner) return undefined
      const product = view.emit('multiply', [operand(inner, 1), operand(node, 1)], {})
      return emitChecked('multiply', operand(inner), product, node, view)
    },
  },
  {
    name: 'mergeShifts',
    formula: '(x + a) + b → x + (a + b)',
    why: 'a and b depend on weights only, their sum is no larger than they are, and nothing else reads x + a',
    numerics: 'rounding',
    ops: ['add'],
    rewrite(node, view) {
      const inner = affineInside(node, 'add', view)
      if (!inner) return undefined
      const sum = view.emit('add', [operand(inner, 1), operand(node, 1)], {})
      return emitChecked('add', operand(inner), sum, node, view)
    },
  },
  {
    name: 'scaleBeforeShift',
    formula: '(x + a) · b → x · b + a · b',
    why: 'a · b is prepared, and the scale comes next to what it may fold into; a and b depend on weights only',
    numerics: 'rounding',
    ops: ['multiply'],
    rewrite(node, view) {
      const inner = affineInside(node, 'add', view)
      if (!inner) return undefined
      const scaled = view.emit('multiply', [operand(inner), operand(node, 1)], {})
      const shift = view.emit('multiply', [operand(inner, 1), operand(node, 1)], {})
      return emitChecked('add', scaled, shift, node, view)
    },
  },
] as const satisfies readonly Rule[]

/** Emits an op if it infers the type of the node that it replaces. */
function emitChecked(op: 'add' | 'multiply', left: NodeId, right: NodeId, node: Node, view: View): NodeId | undefined {
  return infersTo(op, [left, right], {}, node.type, view) ? view.emit(op, [left, right], {}, node.type) : undefined
}
