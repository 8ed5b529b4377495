// Comparisons, logic and choice: bool results, NumPy broadcasting, Keras' promotion.

import type { TracedTensor } from '../builder.js'
import { builderOf, enter, type Operand, promotedPair, resultType, toBool, toFloat } from './operands.js'

type CompareOp = 'equal' | 'not_equal' | 'less' | 'less_equal' | 'greater' | 'greater_equal'

function comparison(name: string, op: CompareOp): (x1: Operand, x2: Operand) => TracedTensor {
  return (x1, x2) => {
    const [a, b] = promotedPair(name, x1, x2)
    return a.builder.emit(op, [a, b], {})
  }
}

/** x1 = x2; NaN equals nothing. */
export const equal = comparison('equal', 'equal')
/** x1 ≠ x2; NaN differs from everything. */
export const notEqual = comparison('notEqual', 'not_equal')
export const less = comparison('less', 'less')
export const lessEqual = comparison('lessEqual', 'less_equal')
export const greater = comparison('greater', 'greater')
export const greaterEqual = comparison('greaterEqual', 'greater_equal')

/** Whether both are true; numbers are true where they are not 0. */
export function logicalAnd(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('logicalAnd', x1, x2, 'bool')
  return a.builder.emit('logical_and', [a, b], {})
}

/** Whether either is true. */
export function logicalOr(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('logicalOr', x1, x2, 'bool')
  return a.builder.emit('logical_or', [a, b], {})
}

/** Whether exactly one is true. */
export function logicalXor(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('logicalXor', x1, x2, 'bool')
  return a.builder.emit('not_equal', [a, b], {})
}

export function logicalNot(x: Operand): TracedTensor {
  const a = toBool('logicalNot', x)
  return a.builder.emit('logical_not', [a], {})
}

export function isnan(x: Operand): TracedTensor {
  const a = toFloat('isnan', x)
  return a.builder.emit('is_nan', [a], {})
}

export function isfinite(x: Operand): TracedTensor {
  const a = toFloat('isfinite', x)
  return a.builder.emit('is_finite', [a], {})
}

/** Whether x is ∞ or −∞. */
export function isinf(x: Operand): TracedTensor {
  const a = toFloat('isinf', x)
  const size = a.builder.emit('abs', [a], {})
  return a.builder.emit('equal', [size, a.builder.constant([Infinity], { dtype: 'float32', shape: [] })], {})
}

/**
 * x1 where the condition is not 0, else x2; all three broadcast. Whole numbers on both sides give int32: cast, or write
 * the tensor's zeros with zerosLike(), where floats are meant.
 */
export function where(condition: Operand, x1: Operand, x2: Operand): TracedTensor {
  const builder = builderOf('where', [condition, x1, x2])
  const dtype = resultType([x1, x2])
  return builder.emit('select', [enter(builder, condition, 'bool'), enter(builder, x1, dtype), enter(builder, x2, dtype)], {})
}
