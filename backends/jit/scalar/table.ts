// What each elementwise primitive is on four lanes. Bools are masks: all bits set is true.

import type { DType } from '../../../lib/ir/types.js'
import type { OpAttrs } from '../../../lib/ir/vocabulary.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import { power, unaryMath } from '../math/index.js'
import type { Instruction } from '../opcodes.js'
import { floorDivideFloats, floorDivideInts, modFloats, modInts, powerInts } from './division.js'

/** An operand in a local; its value is known when all four lanes are one constant. */
export interface Lanes {
  readonly local: Local
  readonly constant?: number
}

/** Emits one op on lanes whose operands are of `dtype` (of the last one, for select); leaves the result on the stack. */
export type ScalarFunction = (f: FunctionAssembler, operands: readonly Lanes[], dtype: DType, attrs: object) => void

export type ElementwiseName = keyof typeof scalarFunctions

function push(f: FunctionAssembler, ...operands: readonly (Lanes | undefined)[]): void {
  for (const operand of operands) f.get((operand as Lanes).local)
}

/** One instruction per dtype, on the operands in order. */
function plain(instructions: Partial<Record<DType, Instruction>>, swap = false): ScalarFunction {
  return (f, operands, dtype) => {
    const name = instructions[dtype]
    if (!name) throw new Error(`internal: there is no elementwise instruction for ${dtype}`)
    push(f, ...(swap ? [...operands].reverse() : operands))
    f.op(name)
  }
}

function unary(write: (f: FunctionAssembler, x: Local) => void): ScalarFunction {
  return (f, [x]) => write(f, (x as Lanes).local)
}

function binary(write: (f: FunctionAssembler, x: Local, y: Local) => void): ScalarFunction {
  return (f, [x, y]) => write(f, (x as Lanes).local, (y as Lanes).local)
}

/** −1, 0 or 1; NaN and −0 stay themselves. */
const sign: ScalarFunction = (f, [x], dtype) => {
  if (dtype === 'int32') {
    for (const test of ['i32x4.lt_s', 'i32x4.gt_s'] as const) {
      push(f, x)
      f.splat(0, 'i32')
      f.op(test)
    }
    f.op('i32x4.sub')
    return
  }
  push(f, x)
  f.splat(-0)
  f.op('v128.and')
  f.splat(1)
  f.op('v128.or')
  push(f, x)
  push(f, x)
  f.op('f32x4.abs')
  f.splat(0)
  f.op('f32x4.gt')
  f.op('v128.bitselect')
}

/**
 * The greater or the lesser. Against a constant one instruction does it (pmax(x, c) = x < c ? c : x), which keeps NaN
 * in x as JavaScript does, but also −0 against 0; two unknown operands take the slow exact one.
 */
function extreme(quick: Instruction, exact: Instruction, int: Instruction, bool: Instruction): ScalarFunction {
  return (f, [x, y], dtype) => {
    const known = (operand: Lanes | undefined): boolean => operand?.constant !== undefined && !Number.isNaN(operand.constant)
    if (dtype !== 'float32') {
      push(f, x, y)
      f.op(dtype === 'int32' ? int : bool)
    } else if (known(y) || known(x)) {
      push(f, ...(known(y) ? [x, y] : [y, x]))
      f.op(quick)
    } else {
      push(f, x, y)
      f.op(exact)
    }
  }
}

const cast: ScalarFunction = (f, [x], dtype, attrs) => {
  const target = (attrs as OpAttrs['cast']).dtype
  push(f, x)
  if (target === dtype) return
  if (target === 'bool') {
    f.splat(0)
    f.op(dtype === 'float32' ? 'f32x4.ne' : 'i32x4.ne')
  } else if (dtype === 'bool') {
    f.splat(1, target === 'float32' ? 'f32' : 'i32')
    f.op('v128.and')
  } else f.op(target === 'int32' ? 'i32x4.trunc_sat_f32x4_s' : 'f32x4.convert_i32x4_s')
}

/** Lanes have no shift of their own: a constant count shifts all, an unknown one goes bit by bit of the count. */
const shiftRightLogical: ScalarFunction = (f, [x, y]) => {
  const count = y?.constant
  if (count !== undefined) {
    if (count < 0 || count >= 32) f.splat(0, 'i32')
    else {
      push(f, x)
      f.i32(count)
      f.op('i32x4.shr_u')
    }
    return
  }
  const value = f.local('v128')
  push(f, x)
  f.set(value)
  for (let bit = 1; bit < 32; bit *= 2) {
    f.get(value)
    f.i32(bit)
    f.op('i32x4.shr_u')
    f.get(value)
    push(f, y)
    f.splat(bit, 'i32')
    f.op('v128.and')
    f.splat(0, 'i32')
    f.op('i32x4.ne')
    f.op('v128.bitselect')
    f.set(value)
  }
  // a count outside 0…31 has a bit above the lowest five, and gives 0
  f.get(value)
  push(f, y)
  f.splat(~31, 'i32')
  f.op('v128.and')
  f.splat(0, 'i32')
  f.op('i32x4.eq')
  f.op('v128.and')
  f.release(value)
}

function byDType(float: ScalarFunction, int: ScalarFunction): ScalarFunction {
  return (f, operands, dtype, attrs) => (dtype === 'int32' ? int : float)(f, operands, dtype, attrs)
}

function compare(test: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'): ScalarFunction {
  const int = test === 'eq' || test === 'ne' ? (`i32x4.${test}` as const) : (`i32x4.${test}_s` as const)
  const order = plain({ float32: `f32x4.${test}`, int32: int })
  const mask = plain({ bool: int }, true) // as numbers, true masks are below false ones
  return (f, operands, dtype, attrs) => (dtype === 'bool' ? mask : order)(f, operands, dtype, attrs)
}

export const scalarFunctions = {
  negate: plain({ float32: 'f32x4.neg', int32: 'i32x4.neg' }),
  abs: plain({ float32: 'f32x4.abs', int32: 'i32x4.abs' }),
  sign,
  exp: unary(unaryMath.exp),
  expm1: unary(unaryMath.expm1),
  log: unary(unaryMath.log),
  log1p: unary(unaryMath.log1p),
  sqrt: plain({ float32: 'f32x4.sqrt' }),
  rsqrt: (f, [x]) => {
    f.splat(1)
    push(f, x)
    f.op('f32x4.sqrt')
    f.op('f32x4.div')
  },
  sin: unary(unaryMath.sin),
  cos: unary(unaryMath.cos),
  tanh: unary(unaryMath.tanh),
  sigmoid: unary(unaryMath.sigmoid),
  erf: unary(unaryMath.erf),
  floor: plain({ float32: 'f32x4.floor' }),
  ceil: plain({ float32: 'f32x4.ceil' }),
  round: plain({ float32: 'f32x4.nearest' }),
  is_nan: (f, [x]) => {
    push(f, x, x)
    f.op('f32x4.ne')
  },
  is_finite: (f, [x]) => {
    push(f, x)
    f.op('f32x4.abs')
    f.splat(Infinity)
    f.op('f32x4.lt')
  },
  logical_not: plain({ bool: 'v128.not' }),
  cast,
  add: plain({ float32: 'f32x4.add', int32: 'i32x4.add' }),
  subtract: plain({ float32: 'f32x4.sub', int32: 'i32x4.sub' }),
  multiply: plain({ float32: 'f32x4.mul', int32: 'i32x4.mul' }),
  divide: plain({ float32: 'f32x4.div' }),
  floor_divide: byDType(binary(floorDivideFloats), binary(floorDivideInts)),
  mod: byDType(binary(modFloats), binary(modInts)),
  power: byDType(binary(power), binary(powerInts)),
  maximum: extreme('f32x4.pmax', 'f32x4.max', 'i32x4.max_s', 'v128.or'),
  minimum: extreme('f32x4.pmin', 'f32x4.min', 'i32x4.min_s', 'v128.and'),
  logical_and: plain({ bool: 'v128.and' }),
  logical_or: plain({ bool: 'v128.or' }),
  shift_right_logical: shiftRightLogical,
  equal: compare('eq'),
  not_equal: compare('ne'),
  less: compare('lt'),
  less_equal: compare('le'),
  greater: compare('gt'),
  greater_equal: compare('ge'),
  select: (f, [condition, onTrue, onFalse]) => {
    push(f, onTrue, onFalse, condition)
    f.op('v128.bitselect')
  },
} satisfies Record<string, ScalarFunction>

export function isElementwiseName(op: string): op is ElementwiseName {
  return Object.hasOwn(scalarFunctions, op)
}
