// Arbitrary tensors: shapes that broadcast, floats of several scales, numbers at the edge of what a dtype holds.

import fc from 'fast-check'
import { type DType, sizeOf } from '../../lib/ir/types.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'

/** Which float values may occur: `odd` adds NaN, infinities and −0. */
export type Range = 'plain' | 'odd' | 'positive'

/** One size of a tensor. */
export const size = fc.integer({ min: 1, max: 4 })

/** Sizes of rank `minRank` to 5, not more than a few hundred elements. */
export function shapes(minRank = 0, maxRank = 5): fc.Arbitrary<number[]> {
  return fc.array(size, { minLength: minRank, maxLength: maxRank }).filter(shape => sizeOf(shape) <= 400)
}

/** Numbers so small that only a kernel's flushing of subnormal results would be tested are 0. */
const real = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true }).map(x => (Math.abs(x) < 2 ** -20 ? 0 : x))

const floats: Readonly<Record<Range, fc.Arbitrary<number>>> = {
  plain: fc.oneof(fc.integer({ min: -4, max: 4 }), real(4), real(80)),
  // not so large that sums and products of a few overflow float32 on the way to a result that does not
  odd: fc.oneof(real(4), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 0, 1, -1, 1e15, -1e15)),
  positive: fc.double({ min: 0.01, max: 4, noNaN: true }),
}

const ints = fc.oneof(fc.integer({ min: -6, max: 6 }), fc.constantFrom(2147483647, -2147483648, 65537, -46341, 16777217))

/** A tensor; floats come in one of several scales, so that small results are not hidden by large ones. */
export function value(dtype: DType, shape: readonly number[], range: Range): fc.Arbitrary<Value> {
  const length = sizeOf(shape)
  const fill = (list: readonly number[], scale: number) =>
    makeValue(dtype, shape, k => (dtype === 'float32' ? Math.fround((list[k] as number) * scale) : (list[k] as number)))
  if (dtype === 'float32') {
    const scale = range === 'plain' ? fc.constantFrom(1, 1, 1e-3) : fc.constant(1)
    return fc.tuple(fc.array(floats[range], { minLength: length, maxLength: length }), scale).map(([list, by]) => fill(list, by))
  }
  const element = dtype === 'int32' ? ints : fc.integer({ min: 0, max: 1 })
  return fc.array(element, { minLength: length, maxLength: length }).map(list => fill(list, 1))
}

/** Replaces numbers of more than 1 by 1. */
export function tamed(x: Value): Value {
  return x.dtype === 'int32'
    ? x
    : makeValue(x.dtype, x.shape, k =>
        Number.isFinite(x.data[k]) ? Math.max(-1, Math.min(1, x.data[k] as number)) : (x.data[k] as number),
      )
}

/** A shape that broadcasts to `shape`. */
export function narrower(shape: readonly number[]): fc.Arbitrary<number[]> {
  return fc
    .tuple(fc.integer({ min: 0, max: shape.length }), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }))
    .map(([drop, unit]) => shape.map((extent, axis) => (unit[axis] ? 1 : extent)).slice(drop))
}
