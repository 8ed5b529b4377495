// What elementwise primitives compute: one scalar function each.

import type { DType } from '../../ir/types.js'
import type { PrimitiveName } from '../../ir/vocabulary.js'
import type { Evaluate, Value } from '../op.js'
import type { elementwise as types } from '../primitives/elementwise.js'
import { erf, normalCdf } from '../scalar.js'
import { broadcastStrides, forEachOffset } from '../shapes.js'
import { makeValue } from '../values.js'

function unary<K extends PrimitiveName>(f: (x: number) => number, result?: DType): Evaluate<K, 1> {
  return ([x]) => makeValue(result ?? x.dtype, x.shape, flat => f(x.data[flat] as number))
}

function binary<K extends PrimitiveName>(
  f: (x: number, y: number) => number,
  options: { result?: DType; int?: (x: number, y: number) => number } = {},
): Evaluate<K, 2> {
  return ([x, y]) => {
    const g = x.dtype === 'int32' && options.int ? options.int : f
    return mapBroadcast(options.result ?? x.dtype, [x, y], (at, bt) => g(x.data[at] as number, y.data[bt] as number))
  }
}

/** Applies `f` to the offsets of two broadcast operands. */
function mapBroadcast(dtype: DType, [x, y]: readonly [Value, Value], f: (xAt: number, yAt: number) => number): Value {
  const shape = concreteBroadcast([x, y])
  const out = makeValue(dtype, shape)
  const yAt = offsets(shape, y)
  forEachOffset(shape, broadcastStrides(x.shape, shape), (flat, xOffset) => {
    out.data[flat] = f(xOffset, yAt[flat] as number)
  })
  return out
}

function offsets(shape: readonly number[], x: Value): Int32Array {
  const at = makeValue('int32', shape).data
  forEachOffset(shape, broadcastStrides(x.shape, shape), (flat, offset) => {
    at[flat] = offset
  })
  return at instanceof Int32Array ? at : new Int32Array()
}

function concreteBroadcast(values: readonly Value[]): number[] {
  const rank = Math.max(...values.map(value => value.shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = values.map(({ shape }) => shape[axis - rank + shape.length] ?? 1)
    return sizes.find(size => size !== 1) ?? 1
  })
}

function bool(f: (x: number, y: number) => boolean): (x: number, y: number) => number {
  return (x, y) => (f(x, y) ? 1 : 0)
}

/** Python's modulo: the result has the divisor's sign. */
function floorMod(x: number, y: number): number {
  const rest = x % y
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest
}

/** Rounds half to even, as NumPy and Keras do. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest < 0.5) return floor === 0 && Object.is(Math.sign(x), -0) ? -0 : floor
  if (rest > 0.5 || floor % 2 !== 0) return Math.ceil(x)
  return floor
}

/** C's pow, as Keras has it: 1 to any power and anything to the power 0 is 1, and so is −1 to ±∞; JavaScript says NaN. */
function floatPower(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y
}

function intPower(x: number, y: number): number {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0
  let result = 1
  let base = x
  for (let rest = y; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, base)
    base = Math.imul(base, base)
  }
  return result
}

export const elementwise = {
  negate: unary<'negate'>(x => -x),
  abs: unary<'abs'>(Math.abs),
  sign: unary<'sign'>(Math.sign),
  exp: unary<'exp'>(Math.exp),
  expm1: unary<'expm1'>(Math.expm1),
  log: unary<'log'>(Math.log),
  log1p: unary<'log1p'>(Math.log1p),
  sqrt: unary<'sqrt'>(Math.sqrt),
  rsqrt: unary<'rsqrt'>(x => 1 / Math.sqrt(x)),
  sin: unary<'sin'>(Math.sin),
  cos: unary<'cos'>(Math.cos),
  tanh: unary<'tanh'>(Math.tanh),
  sigmoid: unary<'sigmoid'>(x => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))),
  erf: unary<'erf'>(erf),
  normal_cdf: unary<'normal_cdf'>(normalCdf),
  floor: unary<'floor'>(Math.floor),
  ceil: unary<'ceil'>(Math.ceil),
  round: unary<'round'>(roundHalfEven),
  is_nan: unary<'is_nan'>(x => (Number.isNaN(x) ? 1 : 0), 'bool'),
  is_finite: unary<'is_finite'>(x => (Number.isFinite(x) ? 1 : 0), 'bool'),
  logical_not: unary<'logical_not'>(x => (x ? 0 : 1)),
  add: binary<'add'>((x, y) => x + y),
  subtract: binary<'subtract'>((x, y) => x - y),
  multiply: binary<'multiply'>((x, y) => x * y, { int: Math.imul }),
  divide: binary<'divide'>((x, y) => x / y),
  floor_divide: binary<'floor_divide'>((x, y) => Math.floor(x / y)),
  mod: binary<'mod'>(floorMod),
  power: binary<'power'>(floatPower, { int: intPower }),
  maximum: binary<'maximum'>(Math.max),
  minimum: binary<'minimum'>(Math.min),
  logical_and: binary<'logical_and'>((x, y) => x & y),
  logical_or: binary<'logical_or'>((x, y) => x | y),
  shift_right_logical: binary<'shift_right_logical'>((x, y) => (y >= 32 || y < 0 ? 0 : x >>> y)),
  equal: binary<'equal'>(
    bool((x, y) => x === y),
    { result: 'bool' },
  ),
  not_equal: binary<'not_equal'>(
    bool((x, y) => x !== y),
    { result: 'bool' },
  ),
  less: binary<'less'>(
    bool((x, y) => x < y),
    { result: 'bool' },
  ),
  less_equal: binary<'less_equal'>(
    bool((x, y) => x <= y),
    { result: 'bool' },
  ),
  greater: binary<'greater'>(
    bool((x, y) => x > y),
    { result: 'bool' },
  ),
  greater_equal: binary<'greater_equal'>(
    bool((x, y) => x >= y),
    { result: 'bool' },
  ),
} satisfies { [K in keyof typeof types]: Evaluate<K, (typeof types)[K]['arity'] & (1 | 2)> }

export const cast: Evaluate<'cast', 1> = ([x], { dtype }) =>
  makeValue(dtype, x.shape, flat => {
    const value = x.data[flat] as number
    if (dtype === 'bool') return value !== 0 ? 1 : 0
    return dtype === 'int32' && x.dtype === 'float32' ? saturate(value) : value
  })

/** Float to int32 as WebAssembly's trunc_sat: NaN is 0, the ends saturate. */
function saturate(x: number): number {
  if (Number.isNaN(x)) return 0
  return Math.max(-2147483648, Math.min(2147483647, Math.trunc(x)))
}

export const select: Evaluate<'select', 3> = ([condition, onTrue, onFalse]) => {
  const shape = concreteBroadcast([condition, onTrue, onFalse])
  const [at, trueAt, falseAt] = [offsets(shape, condition), offsets(shape, onTrue), offsets(shape, onFalse)]
  return makeValue(onTrue.dtype, shape, flat =>
    condition.data[at[flat] as number]
      ? (onTrue.data[trueAt[flat] as number] as number)
      : (onFalse.data[falseAt[flat] as number] as number),
  )
}
