// Elementwise functions of many instructions: the math functions, integer and floored division, sign, shifts.

import { binary, byDType, push, type ScalarFunction, unary } from '../basics.js'
import { power, unaryMath } from '../math/index.js'
import { floorDivideFloats, floorDivideInts, modFloats, modInts, powerInts } from './division.js'

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

export const functions = {
  sign,
  exp: unary(unaryMath.exp),
  expm1: unary(unaryMath.expm1),
  log: unary(unaryMath.log),
  log1p: unary(unaryMath.log1p),
  sin: unary(unaryMath.sin),
  cos: unary(unaryMath.cos),
  tanh: unary(unaryMath.tanh),
  sigmoid: unary(unaryMath.sigmoid),
  erf: unary(unaryMath.erf),
  normal_cdf: unary(unaryMath.normal_cdf),
  floor_divide: byDType(binary(floorDivideFloats), binary(floorDivideInts)),
  mod: byDType(binary(modFloats), binary(modInts)),
  power: byDType(binary(power), binary(powerInts)),
  shift_right_logical: shiftRightLogical,
}
