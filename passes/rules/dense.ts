// Rules that fold per-channel scales and shifts into the kernel and bias of a matmul.

import { type Node, type NodeId, type NodeOf, tensorType } from '../../lib/ir/graph.js'
import { isConcrete, type Shape, sizeOf } from '../../lib/ir/types.js'
import { as, hasOneReader, infersTo, operand, shapeOf, standIn } from '../match.js'
import type { Rule, View } from '../pass.js'
import { isAffine } from './affine.js'

/** A matmul of a run-time value by weights. */
function denseAt(id: NodeId, view: View): NodeOf<'matmul'> | undefined {
  const matmul = as(view.at(id), 'matmul')
  return matmul && isAffine(matmul, view) ? matmul : undefined
}

/** Whether a value is one scalar, or one per entry of a last axis of the given size. */
function isPerChannel(id: NodeId, last: Shape[number] | undefined, view: View): boolean {
  const shape = shapeOf(view.at(id))
  return shape.length === 0 || (shape.length === 1 && (shape[0] === 1 || shape[0] === last))
}

/** What a matmul reads: `value` scaled or shifted by `vector`, which goes along the matmul's inner axis. */
interface Channelwise {
  readonly op: 'add' | 'multiply'
  readonly value: NodeId
  readonly vector: NodeId
}

/** The scale or shift by weights that gives a matmul's left operand, also through a reshape that flattens whole trailing axes. */
function channelwise(id: NodeId, op: 'add' | 'multiply', view: View): Channelwise | undefined {
  const direct = affineAt(id, op, view)
  if (direct) {
    const vector = operand(direct, 1)
    return isPerChannel(vector, shapeOf(direct).at(-1), view) ? { op, value: operand(direct), vector } : undefined
  }
  const reshape = as(view.at(id), 'reshape')
  const inner = reshape && hasOneReader(id, view) ? affineAt(operand(reshape), op, view) : undefined
  if (!reshape || !inner) return undefined
  const trailing = flattenedTail(shapeOf(inner), shapeOf(reshape).at(-1))
  const vector = operand(inner, 1)
  const size = shapeOf(view.at(vector))
  if (!trailing || size.length > trailing.length) return undefined
  const value = view.emit('reshape', [operand(inner)], reshape.attrs, reshape.type)
  if (size.length === 0) return { op, value, vector }
  const tiled = view.emit('broadcast', [vector], { shape: trailing })
  return { op, value, vector: view.emit('reshape', [tiled], { shape: [sizeOf(trailing)] }) }
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

/** A per-channel vector as the column that scales the rows of a kernel. */
function asColumn(vector: NodeId, view: View): NodeId {
  const [size, ...more] = shapeOf(view.at(vector))
  return size === undefined || size === 1 || more.length > 0 ? vector : view.emit('reshape', [vector], { shape: [size, 1] })
}

export const dense = [
  {
    name: 'scaleIntoKernel',
    formula: '(x · K) · s → x · (K · s)',
    why: 's is per output channel and, as K, depends on weights only; nothing else reads the product',
    numerics: 'rounding',
    ops: ['multiply'],
    rewrite(product, view) {
      if (!isAffine(product, view)) return undefined
      const matmul = denseAt(operand(product), view)
      const scale = operand(product, 1)
      if (!matmul || !hasOneReader(matmul.id, view) || !standIn(matmul.id, product, view)) return undefined
      if (!isPerChannel(scale, shapeOf(matmul).at(-1), view)) return undefined
      const scaled = view.emit('multiply', [operand(matmul, 1), scale], {})
      return view.emit('matmul', [operand(matmul), scaled], {})
    },
  },
  {
    name: 'scaleFromOperand',
    formula: '(x · s) K → x (diag(s) · K)',
    why: 's is per input channel and, as K, depends on weights only; a flatten in between repeats s',
    numerics: 'rounding',
    ops: ['matmul'],
    rewrite(matmul, view) {
      if (!denseAt(matmul.id, view) || tensorType(matmul).dtype !== 'float32') return undefined
      const found = channelwise(operand(matmul), 'multiply', view)
      if (!found) return undefined
      const scaled = view.emit('multiply', [operand(matmul, 1), asColumn(found.vector, view)], {})
      return emitMatmul(found.value, scaled, matmul, view)
    },
  },
  {
    name: 'shiftFromOperand',
    formula: '(x + t) K → x K + t K',
    why: 't is per input channel and, as K, depends on weights only, so t K is prepared and joins the bias',
    numerics: 'rounding',
    ops: ['matmul'],
    rewrite(matmul, view) {
      if (!denseAt(matmul.id, view) || tensorType(matmul).dtype !== 'float32') return undefined
      const weights = operand(matmul, 1)
      const [rows, columns, ...more] = shapeOf(view.at(weights))
      if (rows === undefined || columns === undefined || more.length > 0) return undefined
      const found = channelwise(operand(matmul), 'add', view)
      const unshifted = found && emitMatmul(found.value, weights, matmul, view)
      if (!found || !unshifted) return undefined
      const row = view.emit('broadcast', [found.vector], { shape: [1, rows] })
      const shift = view.emit('reshape', [view.emit('matmul', [row, weights], {})], { shape: [columns] })
      return view.emit('add', [unshifted, shift], {}, matmul.type)
    },
  },
  {
    name: 'affineAboveReshape',
    formula: 'reshape(y) · s → reshape(y · s), the same for +',
    why: 's goes along the last axis, which both sides share, or is a scalar; only where y is a matmul by weights, or a scale or shift',
    numerics: 'exact',
    ops: ['multiply', 'add'],
    rewrite(outer, view) {
      if (!isAffine(outer, view)) return undefined
      const reshape = as(view.at(operand(outer)), 'reshape')
      if (!reshape || !hasOneReader(reshape.id, view) || !standIn(reshape.id, outer, view)) return undefined
      const inner = view.at(operand(reshape))
      const gathers = denseAt(inner.id, view) ?? affineAt(inner.id, 'add', view) ?? affineAt(inner.id, 'multiply', view)
      const last = shapeOf(inner).at(-1)
      const vector = operand(outer, 1)
      if (!gathers || !hasOneReader(inner.id, view) || !isPerChannel(vector, last, view)) return undefined
      if (!infersTo('reshape', [inner.id], reshape.attrs, outer.type, view)) return undefined
      return view.emit('reshape', [view.emit(outer.op, [inner.id, vector], outer.attrs)], reshape.attrs, outer.type)
    },
  },
] as const satisfies readonly Rule[]

/** A matmul of other operands, if it infers the type of the one that it replaces. */
function emitMatmul(value: NodeId, weights: NodeId, matmul: Node, view: View): NodeId | undefined {
  return infersTo('matmul', [value, weights], {}, matmul.type, view) ? view.emit('matmul', [value, weights], {}, matmul.type) : undefined
}
