// Golden files: what Keras 3.15.1 computes, as scripts/goldens wrote it; reading and comparing.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { DType } from '../../lib/ir/types.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'

/** A tensor in a golden file; NaN and the infinities are strings. */
export interface GoldenTensor {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
}

export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as T
}

export function isGoldenTensor(value: unknown): value is GoldenTensor {
  return typeof value === 'object' && value !== null && 'dtype' in value && 'shape' in value && 'data' in value
}

export function goldenValue({ dtype, shape, data }: GoldenTensor): Value {
  const round = dtype === 'float32' ? Math.fround : (x: number) => x // files hold the shortest digits that round-trip
  return makeValue(dtype, shape, flat => round(goldenNumber(data[flat] as number | string)))
}

export function goldenNumber(value: number | string): number {
  if (typeof value === 'number') return value
  if (value === 'nan') return Number.NaN
  return value === '-inf' ? -Infinity : Infinity
}

/** How far a result may be from the expected one, element by element. */
export type Tolerance = (wanted: number, element: number) => number

/** No rounding at all. */
export const exact: Tolerance = () => 0

const unit = 2 ** -23

/**
 * Eight units in the last place of float32. XLA flushes results below the smallest normal float32, 2⁻¹²⁶, to 0: even
 * after a factor of 2⁸ they count as 0.
 */
export const rounded: Tolerance = wanted => 8 * unit * Math.abs(wanted) + 2 ** -118

/** For differences of numbers as large as `scale`: as many units in the last place of those. */
export function cancelling(scale: (element: number) => number): Tolerance {
  return (wanted, element) => rounded(wanted, element) + 4 * unit * scale(element)
}

/** Fails unless dtype, shape and every element agree; NaN agrees with NaN, infinities with themselves. */
export function assertClose(actual: Value, expected: Value, tolerance: Tolerance, what: string): void {
  assert.equal(actual.dtype, expected.dtype, `${what}: dtype`)
  assert.deepEqual(actual.shape, expected.shape, `${what}: shape`)
  expected.data.forEach((wanted, k) => {
    const got = actual.data[k] as number
    const close = Math.abs(got - wanted) <= tolerance(wanted, k)
    assert.ok(
      close || got === wanted || (Number.isNaN(got) && Number.isNaN(wanted)),
      `${what}: element ${k} should be ${wanted}, got ${got}`,
    )
  })
}
