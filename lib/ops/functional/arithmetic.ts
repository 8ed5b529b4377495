// Arithmetic and elementary functions, element by element, with NumPy broadcasting and Keras' promotion.

import { ArgumentError } from '../../ir/errors.js'
import { type DType, dtypes } from '../../ir/types.js'
import type { OpName } from '../../ir/vocabulary.js'
import type { TracedTensor } from '../builder.js'
import {
  builderOf,
  cast as convert,
  enter,
  type Operand,
  promotedPair,
  refuseBool,
  resultType,
  scalar,
  toFloat,
  toNumber,
  toTensor,
} from './operands.js'
import { named } from './options.js'

/** Ops without attributes. */
type Plain = { [K in OpName]: K }['add' | 'subtract' | 'multiply' | 'divide' | 'floor_divide' | 'mod' | 'power' | 'maximum' | 'minimum']

/** Two operands in their common dtype; bool counts as int32 where only numbers have a meaning. */
function ofNumbers(name: string, op: Plain, x1: Operand, x2: Operand): TracedTensor {
  const common = resultType([x1, x2])
  const [a, b] = promotedPair(name, x1, x2, common === 'bool' ? 'int32' : common)
  return a.builder.emit(op, [a, b], {})
}

/** x1 + x2; of two bools, whether any is true. */
export function add(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('add', x1, x2)
  return a.builder.emit(a.dtype === 'bool' ? 'logical_or' : 'add', [a, b], {})
}

/** x1 − x2. @throws DTypeError for two bools. */
export function subtract(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('subtract', x1, x2)
  return a.builder.emit('subtract', [refuseBool('subtract', a, 'use logicalXor() or cast()'), b], {})
}

/** x1 · x2; of two bools, whether both are true. */
export function multiply(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('multiply', x1, x2)
  return a.builder.emit(a.dtype === 'bool' ? 'logical_and' : 'multiply', [a, b], {})
}

/** x1 / x2 as float32. */
export function divide(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('divide', x1, x2, 'float32')
  return a.builder.emit('divide', [a, b], {})
}

/** ⌊x1 / x2⌋ in the common dtype; int32 by 0 is 0. */
export function floorDivide(x1: Operand, x2: Operand): TracedTensor {
  return ofNumbers('floorDivide', 'floor_divide', x1, x2)
}

/** Python's remainder, which has the divisor's sign; int32 by 0 is 0. */
export function mod(x1: Operand, x2: Operand): TracedTensor {
  return ofNumbers('mod', 'mod', x1, x2)
}

/** x1 to the power x2; a whole power of int32 stays int32, and wraps. */
export function power(x1: Operand, x2: Operand): TracedTensor {
  return ofNumbers('power', 'power', x1, x2)
}

/** The greater of two; NaN if either is. */
export function maximum(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('maximum', x1, x2)
  return a.builder.emit('maximum', [a, b], {})
}

/** The lesser of two; NaN if either is. */
export function minimum(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('minimum', x1, x2)
  return a.builder.emit('minimum', [a, b], {})
}

/** −x. @throws DTypeError for bool. */
export function negative(x: Operand): TracedTensor {
  const a = refuseBool('negative', toTensor('negative', x), 'use logicalNot() or cast()')
  return a.builder.emit('negate', [a], {})
}

/** |x|; a bool stays as it is. */
export function abs(x: Operand): TracedTensor {
  const a = toTensor('abs', x)
  return a.dtype === 'bool' ? a : a.builder.emit('abs', [a], {})
}

/** −1, 0 or 1; NaN and −0 stay. @throws DTypeError for bool. */
export function sign(x: Operand): TracedTensor {
  const a = refuseBool('sign', toTensor('sign', x))
  return a.builder.emit('sign', [a], {})
}

/** x²; a bool becomes int32. */
export function square(x: Operand): TracedTensor {
  const a = toNumber('square', x)
  return a.builder.emit('square', [a], {})
}

/** 1 / x as float32. */
export function reciprocal(x: Operand): TracedTensor {
  const a = toFloat('reciprocal', x)
  return a.builder.emit('reciprocal', [a], {})
}

type FloatOp = 'exp' | 'expm1' | 'log' | 'log1p' | 'sqrt' | 'rsqrt' | 'sin' | 'cos' | 'tanh' | 'sigmoid' | 'erf' | 'floor' | 'ceil'

/** A function of floats: other dtypes become float32 first. */
function ofFloat(op: FloatOp): (x: Operand) => TracedTensor {
  return x => {
    const a = toFloat(op, x)
    return a.builder.emit(op, [a], {})
  }
}

export const exp = ofFloat('exp')
/** eˣ − 1, exact near 0. */
export const expm1 = ofFloat('expm1')
/** The natural logarithm. */
export const log = ofFloat('log')
/** log(1 + x), exact near 0. */
export const log1p = ofFloat('log1p')
export const sqrt = ofFloat('sqrt')
/** 1 / √x. */
export const rsqrt = ofFloat('rsqrt')
export const sin = ofFloat('sin')
export const cos = ofFloat('cos')
export const tanh = ofFloat('tanh')
/** 1 / (1 + e⁻ˣ). */
export const sigmoid = ofFloat('sigmoid')
/** The error function. */
export const erf = ofFloat('erf')
/** The next whole number below; int32 becomes float32, as in Keras. */
export const floor = ofFloat('floor')
/** The next whole number above; int32 becomes float32, as in Keras. */
export const ceil = ofFloat('ceil')

/** sin x / cos x. */
export function tan(x: Operand): TracedTensor {
  const a = toFloat('tan', x)
  return a.builder.emit('divide', [a.builder.emit('sin', [a], {}), a.builder.emit('cos', [a], {})], {})
}

/**
 * Rounds half to even, to `decimals` places; int32 stays int32.
 * Source: jax.numpy.round (scale, round, unscale).
 */
export function round(x: Operand, decimals?: number | { readonly decimals?: number }): TracedTensor {
  const places = named<number, { decimals: number }>('round', decimals, first => ({ decimals: first ?? 0 })).decimals
  if (!Number.isInteger(places)) throw new ArgumentError(`round: decimals should be a whole number, got ${places}`)
  const a = toNumber('round', x)
  if (a.dtype === 'int32' && places >= 0) return a
  const b = convert(a, 'float32')
  if (places === 0) return b.builder.emit('round', [b], {})
  const factor = scalar(b, 10 ** places)
  const scaled = b.builder.emit('round', [b.builder.emit('multiply', [b, factor], {})], {})
  return convert(b.builder.emit('divide', [scaled, factor], {}), a.dtype)
}

/**
 * min(max(x, min), max); null leaves a side open, and NaN stays. Bounds may be tensors. An int32 tensor stays int32
 * between whole bounds; bool becomes int32.
 */
export function clip(x: Operand, min: Operand | null, max: Operand | null): TracedTensor {
  const operands = [x, min, max].filter(operand => operand !== null)
  const builder = builderOf('clip', operands)
  const common = resultType(operands)
  const dtype = common === 'bool' ? 'int32' : common
  const a = enter(builder, x, dtype)
  if (typeof min === 'number' && typeof max === 'number') return builder.emit('clip', [a], { min, max })
  const low = min === null ? a : builder.emit('maximum', [a, enter(builder, min, dtype)], {})
  return max === null ? low : builder.emit('minimum', [low, enter(builder, max, dtype)], {})
}

/**
 * x in another dtype: floats truncate towards zero to int32 (NaN to 0, the ends saturate); not 0 is true.
 * @throws ArgumentError for a dtype other than float32, int32 and bool.
 */
export function cast(x: Operand, dtype: DType): TracedTensor {
  return convert(toTensor('cast', x), checkedDType('cast', dtype))
}

/** @throws ArgumentError when there is no such dtype. */
export function checkedDType(op: string, dtype: DType): DType {
  if (!dtypes.includes(dtype)) throw new ArgumentError(`${op}: there is no dtype "${dtype}"`, `dtypes are ${dtypes.join(', ')}`)
  return dtype
}
