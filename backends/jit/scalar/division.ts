// Division that rounds down, its remainder, and integer powers: in doubles, two lanes at a time, as the definitions have them.

import type { FunctionAssembler, Local } from '../assembler.js'

/** Two f64x2 halves of a computation on four 32-bit lanes; `join` makes one vector of the two results. */
function byHalves(
  f: FunctionAssembler,
  widen: 'f64x2.promote_low_f32x4' | 'f64x2.convert_low_i32x4_s',
  narrow: 'f32x4.demote_f64x2_zero' | 'i32x4.trunc_sat_f64x2_s_zero',
  [x, y]: readonly [Local, Local],
  body: (x: Local, y: Local) => void,
): void {
  const [wideX, wideY, low] = [f.local('v128'), f.local('v128'), f.local('v128')]
  for (const high of [false, true]) {
    for (const [narrowLanes, wide] of [
      [x, wideX],
      [y, wideY],
    ] as const) {
      f.get(narrowLanes)
      if (high) {
        f.get(narrowLanes)
        f.shuffle([2, 3, 2, 3])
      }
      f.op(widen)
      f.set(wide)
    }
    body(wideX, wideY)
    f.op(narrow)
    if (!high) f.set(low)
  }
  const last = f.local('v128')
  f.set(last)
  f.get(low)
  f.get(last)
  f.shuffle([0, 1, 4, 5])
  f.release(wideX, wideY, low, last)
}

function floorOfQuotient(f: FunctionAssembler, x: Local, y: Local): void {
  f.get(x)
  f.get(y)
  f.op('f64x2.div')
  f.op('f64x2.floor')
}

export function floorDivideFloats(f: FunctionAssembler, x: Local, y: Local): void {
  byHalves(f, 'f64x2.promote_low_f32x4', 'f32x4.demote_f64x2_zero', [x, y], (a, b) => floorOfQuotient(f, a, b))
}

/** ⌊x / y⌋; 0 where y is 0, and −2³¹ / −1 wraps. */
export function floorDivideInts(f: FunctionAssembler, x: Local, y: Local): void {
  f.i32(0)
  f.op('i32x4.splat')
  f.get(x)
  f.op('i32x4.sub')
  byHalves(f, 'f64x2.convert_low_i32x4_s', 'i32x4.trunc_sat_f64x2_s_zero', [x, y], (a, b) => floorOfQuotient(f, a, b))
  f.get(y)
  f.splat(0, 'i32')
  f.op('i32x4.ne')
  f.op('v128.and')
  f.get(y)
  f.splat(-1, 'i32')
  f.op('i32x4.eq')
  f.op('v128.bitselect')
}

/** x − ⌊x / y⌋ · y; 0 where y is 0. */
export function modInts(f: FunctionAssembler, x: Local, y: Local): void {
  const quotient = f.local('v128')
  floorDivideInts(f, x, y)
  f.set(quotient)
  f.get(x)
  f.get(quotient)
  f.get(y)
  f.op('i32x4.mul')
  f.op('i32x4.sub')
  f.get(y)
  f.splat(0, 'i32')
  f.op('i32x4.ne')
  f.op('v128.and')
  f.release(quotient)
}

/**
 * The remainder with the divisor's sign. Each step takes q · |y| off |x|, where q is the quotient cut to 24 bits, so
 * that product and difference are exact in doubles; one step does while |x / y| < 2²⁴.
 */
export function modFloats(f: FunctionAssembler, x: Local, y: Local): void {
  byHalves(f, 'f64x2.promote_low_f32x4', 'f32x4.demote_f64x2_zero', [x, y], (a, b) => {
    const [rest, divisor, more] = [f.local('v128'), f.local('v128'), f.local('v128')]
    f.get(b)
    f.op('f64x2.abs')
    f.set(divisor)
    // 0 and NaN divide nothing: NaN ends the loop at once
    notANumber(f)
    f.get(a)
    f.op('f64x2.abs')
    f.get(divisor)
    zero(f)
    f.op('f64x2.eq')
    f.get(divisor)
    f.get(divisor)
    f.op('f64x2.ne')
    f.op('v128.or')
    f.op('v128.bitselect')
    f.set(rest)
    f.block(() => {
      f.loop(() => {
        f.get(rest)
        f.get(divisor)
        f.op('f64x2.ge')
        f.tee(more)
        f.op('v128.any_true')
        f.op('i32.eqz')
        f.branchIf(1)
        f.get(rest)
        f.get(rest)
        f.get(divisor)
        f.op('f64x2.div')
        f.v128([0xe0000000 | 0, -1, 0xe0000000 | 0, -1], 'i32')
        f.op('v128.and')
        f.op('f64x2.trunc')
        f.get(divisor)
        f.op('f64x2.mul')
        f.op('f64x2.sub')
        f.get(rest)
        f.get(more)
        f.op('v128.bitselect')
        f.set(rest)
        f.branch(0)
      })
    })
    // the dividend's sign, then the divisor's
    f.get(rest)
    f.get(a)
    f.v128([0, -2147483648, 0, -2147483648], 'i32')
    f.op('v128.and')
    f.op('v128.or')
    f.tee(rest)
    f.get(b)
    f.op('f64x2.add')
    f.get(rest)
    f.get(rest)
    zero(f)
    f.op('f64x2.ne')
    f.get(rest)
    zero(f)
    f.op('f64x2.lt')
    f.get(b)
    zero(f)
    f.op('f64x2.lt')
    f.op('v128.xor')
    f.op('v128.and')
    f.op('v128.bitselect')
    f.release(rest, divisor, more)
  })
}

/** x to the power y by squaring, wrapping as 32-bit multiplication does; a negative power is 0 unless x is ±1. */
export function powerInts(f: FunctionAssembler, x: Local, y: Local): void {
  const [result, base, left] = [f.local('v128'), f.local('v128'), f.local('v128')]
  f.splat(1, 'i32')
  f.set(result)
  f.get(x)
  f.set(base)
  f.get(y)
  f.splat(0, 'i32')
  f.op('i32x4.max_s')
  f.set(left)
  f.block(() => {
    f.loop(() => {
      f.get(left)
      f.op('v128.any_true')
      f.op('i32.eqz')
      f.branchIf(1)
      f.get(result)
      f.get(base)
      f.op('i32x4.mul')
      f.get(result)
      isOdd(f, left)
      f.op('v128.bitselect')
      f.set(result)
      f.get(base)
      f.get(base)
      f.op('i32x4.mul')
      f.set(base)
      f.get(left)
      f.i32(1)
      f.op('i32x4.shr_u')
      f.set(left)
      f.branch(0)
    })
  })
  // x⁻ⁿ: x itself where x is ±1 and n is odd, 1 where n is even, 0 elsewhere
  f.get(x)
  f.splat(1, 'i32')
  isOdd(f, y)
  f.op('v128.bitselect')
  f.get(x)
  f.op('i32x4.abs')
  f.splat(1, 'i32')
  f.op('i32x4.eq')
  f.op('v128.and')
  f.get(result)
  f.get(y)
  f.splat(0, 'i32')
  f.op('i32x4.lt_s')
  f.op('v128.bitselect')
  f.release(result, base, left)
}

function isOdd(f: FunctionAssembler, x: Local): void {
  f.get(x)
  f.splat(1, 'i32')
  f.op('v128.and')
  f.splat(1, 'i32')
  f.op('i32x4.eq')
}

function zero(f: FunctionAssembler): void {
  f.splat(0, 'i32')
}

function notANumber(f: FunctionAssembler): void {
  f.v128([0, 0x7ff80000, 0, 0x7ff80000], 'i32')
}
