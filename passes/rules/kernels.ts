// Rules that fold per-channel scales and shifts, and permutations, into the kernel and bias of a matmul or a convolution.

import type { Node, NodeId } from '../../lib/ir/graph.js'
import { isConcrete, type Shape, sizeOf } from '../../lib/ir/types.js'
import { elementwiseOps } from '../../lib/ops/commonOps.js'
import { as, hasOneReader, infersTo, isFill, operand, shapeOf, standIn } from '../match.js'
import type { Rule, View } from '../pass.js'
import { isAffine } from './affine.js'
import { emitLinear, linearAt, perChannel, scaleRows, shiftResult } from './linear.js'

/** What a linear op reads: `value` scaled or shifted by `vector`, which goes along the input channels. */
interface Channelwise {
  readonly value: NodeId
  readonly vector: NodeId
}

/** The scale or shift by weights that gives a linear op's operand, also through a reshape that flattens whole trailing axes. */
function channelwise(id: NodeId, op: 'add' | 'multiply', view: View): Channelwise | undefined {
  const direct = affineAt(id, op, view)
  if (direct) {
    const vector = perChannel(operand(direct, 1), shapeOf(direct).at(-1), view)
    return vector === undefined ? undefined : { value: operand(direct), vector }
  }
  const reshape = as(view.at(id), 'reshape')
  const inner = reshape && hasOneReader(id, view) ? affineAt(operand(reshape), op, view) : undefined
  if (!reshape || !inner) return undefined
  const trailing = flattenedTail(shapeOf(inner), shapeOf(reshape).at(-1))
  const vector = operand(inner, 1)
  const size = shapeOf(view.at(vector))
  if (!trailing || size.length > trailing.length) return undefined
  const value = view.emit('reshape', [operand(inner)], reshape.attrs, reshape.type)
  if (size.length === 0) return { value, vector }
  const tiled = view.emit('broadcast', [vector], { shape: trailing })
  return { value, vector: view.emit('reshape', [tiled], { shape: [sizeOf(trailing)] }) }
}

/** An add or multiply by weights that leaves the shape of its operand and has no other reader. */
function affineAt(id: NodeId, op: 'add' | 'multiply', view: View): Node | undefined {
  const found = view.at(id)
  const fits = found.op === op && isAffine(found, view) && hasOneReader(id, view)
  return fits && standIn(operand(found), found, view) !== undefined ? found : undefined
}

/** The trailing axes that a reshape merges into a last axis of size `last`. */
function flattenedTail(from: Shape, last: Shape[number] | undefined): readonly number[] | undefined {
  for (let axis = from.length - 1; axis >= 0; axis--) {
    const tail = from.slice(axis)
    if (isConcrete(tail) && sizeOf(tail) === last) return tail
  }
  return undefined
}

/** What an op of one operand reads, if it is a linear op, or a scale or shift by weights, that nothing else reads. */
function gathererUnder(node: Node, view: View): Node | undefined {
  const id = operand(node)
  if (!hasOneReader(node.id, view) || !hasOneReader(id, view)) return undefined
  return linearAt(id, view) ?? affineAt(id, 'add', view) ?? affineAt(id, 'multiply', view)
}

export const kernels = [
  {
    name: 'scaleIntoKernel',
    formula: '(x · K) · s → x · (K · s), the same for conv',
    why: 's is per output channel and, as K, depends on weights only; nothing else reads the product',
    numerics: 'rounding',
    ops: ['multiply'],
    rewrite(product, view) {
      if (!isAffine(product, view)) return undefined
      const linear = linearAt(operand(product), view)
      if (!linear || !hasOneReader(linear.id, view) || !standIn(linear.id, product, view)) return undefined
      const scale = perChannel(operand(product, 1), shapeOf(linear).at(-1), view)
      if (scale === undefined) return undefined
      return emitLinear(linear, operand(linear), view.emit('multiply', [operand(linear, 1), scale], {}), product.type, view)
    },
  },
  {
    name: 'scaleFromOperand',
    formula: '(x · s) K → x (diag(s) · K), the same for conv',
    why: 's is per input channel and, as K, depends on weights only; zeros of padding stay zeros; a flatten in between repeats s',
    numerics: 'rounding',
    ops: ['matmul', 'conv'],
    rewrite(node, view) {
      const linear = linearAt(node.id, view)
      const found = linear && channelwise(operand(linear), 'multiply', view)
      return found && emitLinear(linear, found.value, scaleRows(linear, found.vector, view), linear.type, view)
    },
  },
  {
    name: 'shiftFromOperand',
    formula: '(x + t) K → x K + t K, the same for conv without padding',
    why: 't is per input channel and, as K, depends on weights only, so t K is prepared and joins the bias; a conv must read no padding, to which t is not added',
    numerics: 'rounding',
    ops: ['matmul', 'conv'],
    rewrite(node, view) {
      const linear = linearAt(node.id, view)
      const found = linear && channelwise(operand(linear), 'add', view)
      if (!found) return undefined
      const unshifted = emitLinear(linear, found.value, operand(linear, 1), linear.type, view)
      const shift = unshifted === undefined ? undefined : shiftResult(linear, found.vector, view)
      return unshifted === undefined || shift === undefined ? undefined : view.emit('add', [unshifted, shift], {}, linear.type)
    },
  },
  {
    name: 'affineAboveReshape',
    formula: 'reshape(y) · s → reshape(y · s), the same for +',
    why: 's goes along the last axis, which both sides share, or is a scalar; only where y is linear by weights, or a scale or shift',
    numerics: 'exact',
    ops: ['multiply', 'add'],
    rewrite(outer, view) {
      if (!isAffine(outer, view)) return undefined
      const reshape = as(view.at(operand(outer)), 'reshape')
      const inner = reshape && standIn(reshape.id, outer, view) !== undefined ? gathererUnder(reshape, view) : undefined
      if (!reshape || !inner) return undefined
      const vector = perChannel(operand(outer, 1), shapeOf(inner).at(-1), view)
      if (vector === undefined) return undefined
      if (!infersTo('reshape', [inner.id], reshape.attrs, outer.type, view)) return undefined
      return view.emit('reshape', [view.emit(outer.op, [inner.id, vector], outer.attrs)], reshape.attrs, outer.type)
    },
  },
  {
    name: 'affineAboveMean',
    formula: 'mean(y) · s → mean(y · s), mean(y + b) + t → mean((y + b) + t)',
    why: 'means are linear and take whole channels, so s and t fold into the kernel and bias before them; averages over windows count only cells that exist',
    numerics: 'rounding',
    ops: ['multiply', 'add'],
    rewrite(outer, view) {
      if (!isAffine(outer, view)) return undefined
      const mean = view.at(operand(outer))
      if (!isChannelMean(mean, view) || standIn(mean.id, outer, view) === undefined) return undefined
      const inner = gathererUnder(mean, view)
      if (!inner || (outer.op === 'add' && inner.op !== 'add')) return undefined
      const vector = perChannel(operand(outer, 1), shapeOf(inner).at(-1), view)
      if (vector === undefined) return undefined
      return view.emit(mean.op, [view.emit(outer.op, [inner.id, vector], outer.attrs)], mean.attrs, outer.type)
    },
  },
  {
    name: 'scaleAbovePad',
    formula: 'pad(y, 0) · s → pad(y · s, 0)',
    why: 'zeros scaled are zeros; only where y is linear by weights, or a scale or shift, so that s folds into it',
    numerics: 'rounding',
    ops: ['multiply'],
    rewrite(outer, view) {
      if (!isAffine(outer, view)) return undefined
      const pad = as(view.at(operand(outer)), 'pad')
      if (!pad || !isFill(view.at(operand(pad, 1)), 0) || standIn(pad.id, outer, view) === undefined) return undefined
      const inner = gathererUnder(pad, view)
      const vector = inner && perChannel(operand(outer, 1), shapeOf(inner).at(-1), view)
      if (!inner || vector === undefined) return undefined
      return view.emit('pad', [view.emit('multiply', [inner.id, vector], {}), operand(pad, 1)], pad.attrs, outer.type)
    },
  },
  {
    name: 'transposeIntoKernel',
    formula: 'flatten(transpose(x)) · K → flatten(x) · (rows of K in the order of x)',
    why: 'K depends on weights only, so its rows are put in order once; ops on each element alone may stand in between',
    numerics: 'rounding',
    ops: ['matmul'],
    rewrite(node, view) {
      const linear = linearAt(node.id, view)
      if (linear?.op !== 'matmul') return undefined
      const between = elementwiseAbove(operand(linear), view)
      const reshape = as(view.at(between.at(-1)?.inputs[0] ?? operand(linear)), 'reshape')
      const transpose = reshape && hasOneReader(reshape.id, view) ? as(view.at(operand(reshape)), 'transpose') : undefined
      const kernel = operand(linear, 1)
      const [rows, columns, ...more] = shapeOf(view.at(kernel))
      if (!reshape || !transpose || rows === undefined || columns === undefined || more.length > 0) return undefined
      const { perm } = transpose.attrs
      const lead = shapeOf(reshape).length - 1
      const tail = shapeOf(transpose).slice(lead)
      if (lead < 1 || !isConcrete(tail) || perm.some((axis, k) => k < lead && axis !== k)) return undefined
      if (shapeOf(reshape).some((size, axis) => axis < lead && size !== shapeOf(transpose)[axis])) return undefined
      const back = [...tail.map((_, k) => perm.indexOf(lead + k) - lead), tail.length]
      const ordered = view.emit('transpose', [view.emit('reshape', [kernel], { shape: [...tail, columns] })], { perm: back })
      let value = view.emit('reshape', [operand(transpose)], reshape.attrs, reshape.type)
      for (const f of between.toReversed()) value = view.emit(f.op, [value], f.attrs)
      return emitLinear(linear, value, view.emit('reshape', [ordered], { shape: [rows, columns] }), linear.type, view)
    },
  },
] as const satisfies readonly Rule[]

/** Whether a node averages each channel apart: over windows, or over axes other than the last. */
function isChannelMean(node: Node, view: View): boolean {
  if (node.op === 'avg_pool') return true
  if (node.op !== 'reduce_mean') return false
  const { length } = shapeOf(view.at(operand(node)))
  return node.attrs.axes.every(axis => (axis < 0 ? axis + length : axis) !== length - 1)
}

/** The elementwise ops of one operand that a value comes through, each with one reader, the nearest first. */
function elementwiseAbove(id: NodeId, view: View): Node[] {
  const found: Node[] = []
  for (let at = view.at(id); elementwiseOps.has(at.op) && at.inputs.length === 1 && hasOneReader(at.id, view); at = view.at(operand(at)))
    found.push(at)
  return found
}
