// Definitions of tensor ops by index, as a textbook writes them: the oracle of the reference evaluation.

import assert from 'node:assert/strict'
import type { DType } from '../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import { evaluateOp } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'

/** Every index of a shape, in row-major order. */
export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((lists, size) => lists.flatMap(list => Array.from({ length: size }, (_, k) => [...list, k])), [[]])
}

/** The element at an index. */
export function at(x: Value, index: readonly number[]): number {
  const flat = index.reduce((sum, k, axis) => sum * (x.shape[axis] as number) + k, 0)
  return x.data[flat] as number
}

/** The element that a broadcast of `x` has at an index of the result. */
export function broadcastAt(x: Value, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length)
  return at(
    x,
    own.map((k, axis) => (x.shape[axis] === 1 ? 0 : k)),
  )
}

/** The tensor whose element at each index is `f(index)`. */
export function fromIndices(dtype: DType, shape: readonly number[], f: (index: number[]) => number): Value {
  const values = indicesOf(shape).map(f)
  return makeValue(dtype, shape, flat => values[flat] as number)
}

export function scalarOf(dtype: DType, value: number): Value {
  return makeValue(dtype, [], () => value)
}

/** An op applied to scalars. */
export function onScalars(op: OpName, operands: readonly Value[], attrs: OpAttrs[OpName], elements: readonly number[]): number {
  const scalars = operands.map(({ dtype }, k) => scalarOf(dtype, elements[k] as number))
  return evaluateOp(op, scalars, attrs).data[0] as number
}

/** Equal in dtype, shape and every bit but the sign of zero; NaN equals NaN. */
export function assertSame(actual: Value, expected: Value): void {
  assert.equal(actual.dtype, expected.dtype)
  assert.deepEqual(actual.shape, expected.shape)
  assert.deepEqual(Array.from(actual.data, plain), Array.from(expected.data, plain))
}

function plain(x: number): number {
  return x === 0 ? 0 : x
}
