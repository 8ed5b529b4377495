// Linear ops: what a matmul and a convolution by weights share, so that one set of rules folds scales and shifts into both.

import type { NodeId, NodeOf } from '../../lib/ir/graph.js'
import type { Shape, ValueType } from '../../lib/ir/types.js'
import { convSliding } from '../../lib/ops/primitives/conv.js'
import { infersTo, operand, shapeOf } from '../match.js'
import type { View } from '../pass.js'
import { isAffine } from './affine.js'
import { knownPadding } from './windows.js'

/** Channels are the last axis of the operand and of the result; the kernel's last two axes are rows and columns. */
export type Linear = NodeOf<'matmul'> | NodeOf<'conv'>

/** A matmul or convolution of a run-time value by weights. */
export function linearAt(id: NodeId, view: View): Linear | undefined {
  const node = view.at(id)
  return (node.op === 'matmul' || node.op === 'conv') && isAffine(node, view) ? node : undefined
}

/** The same op of other operands, if it infers the type given. */
export function emitLinear(linear: Linear, value: NodeId, kernel: NodeId, type: ValueType, view: View): NodeId | undefined {
  const operands = [value, kernel]
  return infersTo(linear.op, operands, linear.attrs, type, view) ? view.emit(linear.op, operands, linear.attrs, type) : undefined
}

/** A value as one scalar, or one per entry of a last axis of the given size; undefined for what is neither. */
export function perChannel(id: NodeId, last: Shape[number] | undefined, view: View): NodeId | undefined {
  const shape = shapeOf(view.at(id))
  const size = shape.at(-1)
  if (size === undefined) return id
  if ((size !== 1 && size !== last) || shape.slice(0, -1).some(leading => leading !== 1)) return undefined
  return shape.length === 1 ? id : view.emit('reshape', [id], { shape: [size] })
}

/** The kernel with the rows of each input channel scaled by `vector`, which holds one value, or one per channel. */
export function scaleRows(linear: Linear, vector: NodeId, view: View): NodeId {
  const kernel = operand(linear, 1)
  const [size = 1] = shapeOf(view.at(vector))
  return view.emit('multiply', [kernel, size === 1 ? vector : asRows(linear, vector, view)], {})
}

/** One value per input channel, shaped to scale the rows of the kernel; groups have rows of their own. */
function asRows(linear: Linear, vector: NodeId, view: View): NodeId {
  const [rows = 1, columns = 1] = shapeOf(view.at(operand(linear, 1))).slice(-2)
  const groups = linear.op === 'conv' ? linear.attrs.groups : 1
  if (groups === 1) return view.emit('reshape', [vector], { shape: [rows, 1] })
  const width = Number(columns) / groups
  const byGroup = view.emit('transpose', [view.emit('reshape', [vector], { shape: [groups, rows] })], { perm: [1, 0] })
  const column = view.emit('reshape', [byGroup], { shape: [rows, groups, 1] })
  return view.emit('reshape', [view.emit('broadcast', [column], { shape: [rows, groups, width] })], { shape: [rows, columns] })
}

/**
 * What adding `vector`, one value or one per input channel, to the operand adds to each output channel. Undefined where
 * zeros stand among the values that are summed: the vector is not added to padding.
 */
export function shiftResult(linear: Linear, vector: NodeId, view: View): NodeId | undefined {
  const kernel = operand(linear, 1)
  const taps = shapeOf(view.at(kernel)).slice(0, -2)
  const [rows = 1, columns = 1] = shapeOf(view.at(kernel)).slice(-2)
  if (linear.op === 'matmul') {
    if (taps.length > 0) return undefined
    const row = view.emit('broadcast', [vector], { shape: [1, rows] })
    return view.emit('reshape', [view.emit('matmul', [row, kernel], {})], { shape: [columns] })
  }
  if (!readsValuesOnly(linear, view)) return undefined
  const { groups } = linear.attrs
  const ones = taps.map(() => 1)
  const image = view.emit('broadcast', [vector], { shape: [1, ...taps, Number(rows) * groups] })
  const padding = taps.map(() => [0, 0] as const)
  const sums = view.emit('conv', [image, kernel], { strides: ones, padding, inputDilation: ones, kernelDilation: ones, groups })
  return view.emit('reshape', [sums], { shape: [columns] })
}

/** Whether every cell under the kernel is one of the operand: no padding, no zeros in between. */
function readsValuesOnly(conv: NodeOf<'conv'>, view: View): boolean {
  if (conv.attrs.inputDilation.some(dilation => dilation !== 1)) return false
  const sliding = convSliding(shapeOf(view.at(operand(conv, 1))) as readonly number[], conv.attrs)
  const padding = knownPadding(sliding, shapeOf(view.at(operand(conv))).slice(1, -1))
  return padding?.flat().every(cells => cells <= 0) ?? false
}
