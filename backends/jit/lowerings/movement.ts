// Data movement: views where the elements stay in line, one strided copy where they do not.

import { checkedAxis, collapse, copyBody, nest, sizeOf, stridesOf } from '../common.js'
import type { BoundType, Scheduling } from '../context.js'
import { gather, scatterAdd } from '../kernels/indexed.js'
import { keepsOrder, transpose } from '../kernels/transpose.js'
import type { Walk } from '../kernels/walks.js'
import type { Tensor } from '../schedule.js'
import type { Family, Lowering } from './lowering.js'

function copy(s: Scheduling, result: Tensor, to: Walk, from: Tensor, walk: Walk, shape: readonly number[], whole: boolean): void {
  if (sizeOf(shape) > 0) s.call(nest({ shape, result: to, operands: [walk], body: copyBody, whole }), result, [from])
}

/** Reads `x` by a walk: a view if that is a straight line, else a copy. A literal stays one. */
function read(s: Scheduling, x: Tensor, type: BoundType, walk: Walk): Tensor {
  if (x.literal !== undefined) return { ...x, shape: type.shape }
  const { shape, walks } = collapse(type.shape, [walk])
  const straight = shape.length === 0 || (shape.length === 1 && walks[0]?.strides[0] === 1)
  if (straight || sizeOf(type.shape) === 0) return s.view(x, type, straight ? walk.offset : 0)
  const result = s.temporary(type)
  copy(s, result, { offset: 0, strides: stridesOf(type.shape) }, x, walk, type.shape, true)
  return result
}

const transposeOp: Lowering<'transpose'> = (s, [x], { perm }, type) => {
  const operand = x as Tensor
  if (operand.literal !== undefined || keepsOrder(operand.shape, perm)) return s.view(operand, type)
  const result = s.temporary(type)
  s.call(transpose(operand.shape, perm), result, [operand])
  return result
}

const reverse: Lowering<'reverse'> = (s, [x], { axes }, type) => {
  const sizes = type.shape
  let offset = 0
  const strides = stridesOf(sizes).map((stride, axis) => {
    if (!axes.includes(axis)) return stride
    offset += stride * ((sizes[axis] as number) - 1)
    return -stride
  })
  return read(s, x as Tensor, type, { offset, strides })
}

const concat: Lowering<'concat'> = (s, operands, { axis }, type) => {
  const [first] = operands as [Tensor]
  if (operands.length === 1) return first
  const at = checkedAxis('concat', axis, first)
  const result = s.temporary(type)
  const strides = stridesOf(type.shape)
  let offset = 0
  for (const operand of operands) {
    copy(s, result, { offset, strides }, operand, { offset: 0, strides: stridesOf(operand.shape) }, operand.shape, false)
    offset += (strides[at] as number) * (operand.shape[at] as number)
  }
  return result
}

const slice: Lowering<'slice'> = (s, [x], { begin, strides: steps }, type) => {
  const operand = x as Tensor
  const strides = stridesOf(operand.shape)
  let offset = 0
  operand.shape.forEach((size, axis) => {
    const bound = begin[axis] as number
    const start = Math.max(0, Math.min(size, bound < 0 ? bound + size : bound))
    if ((type.shape[axis] as number) > 0) offset += start * (strides[axis] as number)
  })
  return read(s, operand, type, { offset, strides: strides.map((stride, axis) => stride * (steps[axis] as number)) })
}

const pad: Lowering<'pad'> = (s, operands, { low, high }, type) => {
  const [x, fill] = operands as [Tensor, Tensor]
  if ([...low, ...high].every(cells => cells === 0)) return x
  const result = s.temporary(type)
  const strides = stridesOf(type.shape)
  const nothing = { offset: 0, strides: type.shape.map(() => 0) }
  copy(s, result, { offset: 0, strides }, fill, nothing, type.shape, true)
  const offset = strides.reduce((sum, stride, axis) => sum + stride * (low[axis] as number), 0)
  copy(s, result, { offset, strides }, x, { offset: 0, strides: stridesOf(x.shape) }, x.shape, false)
  return result
}

function split(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), length: shape[axis] as number, inner: sizeOf(shape.slice(axis + 1)) }
}

const gatherOp: Lowering<'gather'> = (s, operands, { axis }, type) => {
  const [x, indices] = operands as [Tensor, Tensor]
  if (x.literal !== undefined) return { ...x, shape: type.shape }
  const result = s.temporary(type)
  s.call(gather({ ...split(x.shape, checkedAxis('gather', axis, x)), count: sizeOf(indices.shape) }), result, [x, indices])
  return result
}

const scatterAddOp: Lowering<'scatter_add'> = (s, operands, { axis }, type) => {
  const [x, indices, updates] = operands as [Tensor, Tensor, Tensor]
  const result = s.temporary(type)
  const walk = { offset: 0, strides: stridesOf(type.shape) }
  copy(s, result, walk, x, walk, type.shape, true)
  const at = checkedAxis('scatter_add', axis, x)
  if (sizeOf(updates.shape) > 0)
    s.call(scatterAdd({ ...split(x.shape, at), count: sizeOf(indices.shape) }, x.dtype), result, [indices, updates], sizeOf(updates.shape))
  return result
}

export const lowerings = {
  transpose: transposeOp,
  reverse,
  concat,
  slice,
  pad,
  gather: gatherOp,
  scatter_add: scatterAddOp,
} satisfies Family<'movement'>
