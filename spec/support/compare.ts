// Comparison of evaluations: to the bit, or within what rounding allows.

import assert from 'node:assert/strict'
import type { Evaluation } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'

/** Every value of an evaluation by a name that says which kind of result it is. */
export function valuesOf({ outputs, losses, updates }: Evaluation): Map<string, Value> {
  return new Map([
    ...Object.entries(outputs).map(([name, value]) => [`output ${name}`, value] as const),
    ...losses.map(({ name, value }, k) => [`loss ${k} ${name}`, value] as const),
    ...Object.entries(updates).map(([name, value]) => [`update ${name}`, value] as const),
  ])
}

/** Asserts that each of the expected results is there to the bit; NaN equals NaN. */
export function assertSameValues(actual: Evaluation, expected: Evaluation): void {
  const values = valuesOf(actual)
  const wanted = valuesOf(expected)
  assert.deepEqual([...values.keys()].sort(), [...wanted.keys()].sort())
  for (const [name, value] of wanted) {
    const got = values.get(name) as Value
    assert.deepEqual([got.dtype, [...got.shape]], [value.dtype, [...value.shape]], name)
    const at = value.data.findIndex((item, k) => !Object.is(item, got.data[k]))
    if (at >= 0) assert.fail(`${name}[${at}]: expected ${show(value.data[at])}, got ${show(got.data[at])}`)
  }
}

/**
 * Asserts that each result is as near to the exact one as float32 allows:
 * 16 · max|ref32 − ref64| + 2⁻²⁰ · max|ref64| per result.
 */
export function assertNearValues(actual: Evaluation, ref32: Evaluation, ref64: Evaluation): void {
  const [values, rounded] = [valuesOf(actual), valuesOf(ref32)]
  for (const [name, exact] of valuesOf(ref64)) {
    const [got, near] = [values.get(name) as Value, rounded.get(name) as Value]
    assert.deepEqual([got.dtype, [...got.shape]], [exact.dtype, [...exact.shape]], name)
    let error = 0
    let size = 0
    exact.data.forEach((value, k) => {
      error = Math.max(error, Math.abs((near.data[k] as number) - value))
      size = Math.max(size, Math.abs(value))
    })
    if (!Number.isFinite(error)) continue // what overflows float32 in the reference has no error to compare with
    const tolerance = 16 * error + 2 ** -20 * size
    exact.data.forEach((value, k) => {
      const off = Math.abs((got.data[k] as number) - value)
      if (!(off <= tolerance)) assert.fail(`${name}[${k}]: expected ${value} ± ${tolerance}, got ${got.data[k]}`)
    })
  }
}

function show(value: number | undefined): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
