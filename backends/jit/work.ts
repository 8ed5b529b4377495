// Work: how many arithmetic operations and bytes a kernel call stands for, from its shapes, as profiles show them.

import { sizeOf } from '../../lib/ir/types.js'
import type { Body } from './scalar/body.js'
import type { ElementwiseName } from './scalar/table.js'
import type { Tensor } from './schedule.js'

/**
 * Operations per element, as TensorFlow's float statistics count them: one per function, however many instructions it
 * takes, so that figures compare between libraries. What only picks, tests or converts is not arithmetic.
 */
const flops = {
  negate: 1,
  abs: 1,
  sign: 1,
  exp: 1,
  expm1: 1,
  log: 1,
  log1p: 1,
  sqrt: 1,
  rsqrt: 1,
  sin: 1,
  cos: 1,
  tanh: 1,
  sigmoid: 1,
  erf: 1,
  normal_cdf: 1,
  floor: 1,
  ceil: 1,
  round: 1,
  is_nan: 0,
  is_finite: 0,
  logical_not: 0,
  cast: 0,
  add: 1,
  subtract: 1,
  multiply: 1,
  divide: 1,
  floor_divide: 1,
  mod: 1,
  power: 1,
  maximum: 1,
  minimum: 1,
  logical_and: 0,
  logical_or: 0,
  shift_right_logical: 0,
  equal: 0,
  not_equal: 0,
  less: 0,
  less_equal: 0,
  greater: 0,
  greater_equal: 0,
  select: 0,
} as const satisfies Record<ElementwiseName, number>

/** Of softmax and log-softmax: greatest, difference, exp, sum, quotient. */
export const softmaxFlops = 5

/** Of logsumexp: greatest, difference, exp, sum. */
export const logSumExpFlops = 4

/** Operations per element of an expression. */
export function bodyFlops({ steps }: Body): number {
  return steps.reduce((sum, { op }) => sum + flops[op], 0)
}

/** Bytes that leave and reach memory: what only moves reads no more of an operand than it writes. */
export function bytesMoved(result: Tensor, operands: readonly Tensor[], flops: number): number {
  const written = sizeOf(result.shape)
  const read = operands.map(({ shape }) => (flops > 0 ? sizeOf(shape) : Math.min(sizeOf(shape), written)))
  return 4 * read.reduce((sum, elements) => sum + elements, written)
}
