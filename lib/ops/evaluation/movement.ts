// What data movement computes: copies by strides, and by indices.

import { sizeOf } from '../../ir/types.js'
import type { Evaluate, Value } from '../op.js'
import { sliceBounds } from '../primitives/movement.js'
import { broadcastStrides, checkedAxis, forEachOffset, resolveReshape, stridesOf } from '../shapes.js'
import { concrete, makeValue } from '../values.js'

/** Copies from `x`, walking its data by `strides` from `start`. */
function strided(x: Value, shape: readonly number[], strides: readonly number[], start = 0): Value {
  const out = makeValue(x.dtype, shape)
  forEachOffset(shape, strides, (flat, offset) => {
    out.data[flat] = x.data[start + offset] as number
  })
  return out
}

const noSite = { fresh: (axis: number) => `axis${axis}` }

export const reshape: Evaluate<'reshape', 1> = ([x], { shape }) => ({ ...x, shape: concrete(resolveReshape(x, shape, noSite)) })

export const broadcast: Evaluate<'broadcast', 1> = ([x], { shape }) => {
  const target = concrete(shape)
  return strided(x, target, broadcastStrides(x.shape, target))
}

export const transpose: Evaluate<'transpose', 1> = ([x], { perm }) => {
  const strides = stridesOf(x.shape)
  return strided(
    x,
    perm.map(axis => x.shape[axis] as number),
    perm.map(axis => strides[axis] as number),
  )
}

export const reverse: Evaluate<'reverse', 1> = ([x], { axes }) => {
  let start = 0
  const strides = stridesOf(x.shape).map((stride, axis) => {
    if (!axes.includes(axis)) return stride
    start += stride * ((x.shape[axis] as number) - 1)
    return -stride
  })
  return strided(x, x.shape, strides, start)
}

export const concat: Evaluate<'concat', 'any'> = (operands, { axis }) => {
  const [first] = operands as readonly [Value, ...Value[]]
  const at = checkedAxis('concat', axis, first)
  const shape = first.shape.map((size, k) => (k === at ? operands.reduce((sum, x) => sum + (x.shape[k] as number), 0) : size))
  const out = makeValue(first.dtype, shape)
  const strides = stridesOf(shape)
  let start = 0
  for (const x of operands) {
    forEachOffset(x.shape, strides, (flat, offset) => {
      out.data[start + offset] = x.data[flat] as number
    })
    start += (strides[at] as number) * (x.shape[at] as number)
  }
  return out
}

export const slice: Evaluate<'slice', 1> = ([x], { begin, end, strides }) => {
  const xStrides = stridesOf(x.shape)
  let origin = 0
  const shape = x.shape.map((size, axis) => {
    const { start, stop } = sliceBounds(size, begin[axis] as number, end[axis] as number | null)
    origin += start * (xStrides[axis] as number)
    return Math.ceil((stop - start) / (strides[axis] as number))
  })
  return strided(
    x,
    shape,
    xStrides.map((stride, axis) => stride * (strides[axis] as number)),
    origin,
  )
}

export const pad: Evaluate<'pad', 2> = ([x, fill], { low, high }) => {
  const shape = x.shape.map((size, axis) => size + (low[axis] as number) + (high[axis] as number))
  const out = makeValue(x.dtype, shape, () => fill.data[0] as number)
  const strides = stridesOf(shape)
  const start = strides.reduce((sum, stride, axis) => sum + stride * (low[axis] as number), 0)
  forEachOffset(x.shape, strides, (flat, offset) => {
    out.data[start + offset] = x.data[flat] as number
  })
  return out
}

export const gather: Evaluate<'gather', 2> = ([x, indices], { axis }) => {
  const at = checkedAxis('gather', axis, x)
  const { outer, length, inner } = split(x.shape, at)
  const out = makeValue(x.dtype, [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)])
  const count = indices.data.length
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      const from = (o * length + clampIndex(indices.data[k] as number, length)) * inner
      const to = (o * count + k) * inner
      for (let i = 0; i < inner; i++) out.data[to + i] = x.data[from + i] as number
    }
  }
  return out
}

export const scatterAdd: Evaluate<'scatter_add', 3> = ([x, indices, updates], { axis }) => {
  const at = checkedAxis('scatter_add', axis, x)
  const { outer, length, inner } = split(x.shape, at)
  const out = makeValue(x.dtype, x.shape, flat => x.data[flat] as number)
  const count = indices.data.length
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      const to = (o * length + clampIndex(indices.data[k] as number, length)) * inner
      const from = (o * count + k) * inner
      for (let i = 0; i < inner; i++) out.data[to + i] = (out.data[to + i] as number) + (updates.data[from + i] as number)
    }
  }
  return out
}

function split(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), length: shape[axis] as number, inner: sizeOf(shape.slice(axis + 1)) }
}

function clampIndex(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index))
}
