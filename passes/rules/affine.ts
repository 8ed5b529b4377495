// Rules that gather per-channel scales and shifts by weights: into one multiply and one add.

import { type Node, type NodeId, tensorType } from '../../lib/ir/graph.js'
import type { Shape } from '../../lib/ir/types.js'
import { hasOneReader, infersTo, isFill, operand, shapeOf, standIn } from '../match.js'
import type { Rule, View } from '../pass.js'
import { sketch } from '../sketch.js'

const vectors = ['gamma', 'beta', 'mean', 'variance'].flatMap(name => [
  `var "${name}" : float32[4] weight`,
  `%${name} = variable() {name: "${name}"} : float32[4]`,
])
const weight = (name: string) => [`var "${name}" : float32[4] weight`, `%${name} = variable() {name: "${name}"} : float32[4]`]
const x = 'x float32[batch,4]'
const row = (id: string, call: string) => `%${id} = ${call} : float32[batch,4]`
const vector = (id: string, call: string) => `%${id} = ${call} : float32[4]`

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

export const affine: readonly Rule[] = [
  {
    name: 'batchNormToAffine',
    formula: 'batch_norm(x, γ, β, μ, σ²) → x · s + (β − μ · s), s = γ / √(σ² + ε)',
    why: 's and the shift depend on weights only, so they are prepared once; statistics of the batch itself do not qualify',
    numerics: 'rounding',
    ops: ['batch_norm'],
    before: sketch(x, ...vectors, row('y', 'batch_norm(%x, %gamma, %beta, %mean, %variance) {axis: 1, epsilon: 0.001}')),
    after: sketch(
      x,
      ...vectors,
      '%e = constant() {data: [0.001]} : float32[]',
      vector('v', 'add(%variance, %e)'),
      vector('r', 'rsqrt(%v)'),
      vector('s', 'multiply(%r, %gamma)'),
      row('m', 'multiply(%x, %s)'),
      vector('n', 'multiply(%mean, %s)'),
      vector('t', 'subtract(%beta, %n)'),
      row('y', 'add(%m, %t)'),
    ),
    nearMiss: sketch(
      `${x}; mean float32[4]`,
      ...vectors.filter(line => !line.includes('mean')),
      row('y', 'batch_norm(%x, %gamma, %beta, %mean, %variance) {axis: 1, epsilon: 0.001}'),
    ),
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
    before: sketch(x, ...weight('w'), row('y', 'subtract(%x, %w)')),
    after: sketch(x, ...weight('w'), vector('n', 'negate(%w)'), row('y', 'add(%x, %n)')),
    nearMiss: sketch(`${x}; z float32[4]`, row('y', 'subtract(%x, %z)')),
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
    before: sketch(x, ...weight('w'), row('y', 'divide(%x, %w)')),
    after: sketch(
      x,
      ...weight('w'),
      '%c = constant() {data: [1]} : float32[]',
      vector('r', 'divide(%c, %w)'),
      row('y', 'multiply(%x, %r)'),
    ),
    nearMiss: sketch(x, '%c = constant() {data: [1e-40]} : float32[]', row('y', 'divide(%x, %c)')),
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
    before: sketch(x, '%c = constant() {data: [0]} : float32[]', row('a', 'add(%x, %c)'), row('y', 'tanh(%a)')),
    after: sketch(x, row('y', 'tanh(%x)')),
    nearMiss: sketch('x float32[4]', '%c = constant() {data: [0]} : float32[3,4]', '%y = add(%x, %c) : float32[3,4]'),
    rewrite: (node, view) => (isFill(view.at(operand(node, 1)), 0) ? standIn(operand(node), node, view) : undefined),
  },
  {
    name: 'mergeScales',
    formula: '(x · a) · b → x · (a · b)',
    why: 'a and b depend on weights only, their product is no larger than they are, and nothing else reads x · a',
    numerics: 'rounding',
    ops: ['multiply'],
    before: sketch(x, ...weight('a'), ...weight('b'), row('m', 'multiply(%x, %a)'), row('y', 'multiply(%m, %b)')),
    after: sketch(x, ...weight('a'), ...weight('b'), vector('m', 'multiply(%a, %b)'), row('y', 'multiply(%x, %m)')),
    nearMiss: sketch(
      x,
      ...weight('a'),
      ...weight('b'),
      row('m', 'multiply(%x, %a)'),
      row('y', 'multiply(%m, %b)'),
      'output "m" = %m',
      'output "y" = %y',
    ),
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
    before: sketch(x, ...weight('a'), ...weight('b'), row('m', 'add(%x, %a)'), row('y', 'add(%m, %b)')),
    after: sketch(x, ...weight('a'), ...weight('b'), vector('m', 'add(%a, %b)'), row('y', 'add(%x, %m)')),
    nearMiss: sketch(`${x}; z float32[4]`, ...weight('a'), row('m', 'add(%x, %a)'), row('y', 'add(%m, %z)')),
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
    before: sketch(x, ...weight('a'), ...weight('b'), row('m', 'add(%x, %a)'), row('y', 'multiply(%m, %b)')),
    after: sketch(
      x,
      ...weight('a'),
      ...weight('b'),
      row('m', 'multiply(%x, %b)'),
      vector('t', 'multiply(%a, %b)'),
      row('y', 'add(%m, %t)'),
    ),
    nearMiss: sketch(x, ...weight('a'), ...weight('b'), row('m', 'multiply(%x, %a)'), row('y', 'add(%m, %b)')),
    rewrite(node, view) {
      const inner = affineInside(node, 'add', view)
      if (!inner) return undefined
      const scaled = view.emit('multiply', [operand(inner), operand(node, 1)], {})
      const shift = view.emit('multiply', [operand(inner, 1), operand(node, 1)], {})
      return emitChecked('add', scaled, shift, node, view)
    },
  },
]

/** Emits an op if it infers the type of the node that it replaces. */
function emitChecked(op: 'add' | 'multiply', left: NodeId, right: NodeId, node: Node, view: View): NodeId | undefined {
  return infersTo(op, [left, right], {}, node.type, view) ? view.emit(op, [left, right], {}, node.type) : undefined
}
