// exp by range reduction to [−ln2/2, ln2/2] and a polynomial of degree 6: within 2 ulp, 0 below −104, ∞ above 88.73.

import type { FunctionAssembler, Local } from '../assembler.js'

/** ln 2 in two parts: the first has trailing zeros, so that n · high is exact for |n| < 2¹¹. */
const ln2High = 0.693359375
const ln2Low = -2.1219444e-4

/** eʳ = 1 + r + r² · p(r). Source: Cephes expf. */
const polynomial = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]

/** eˣ = 2ⁿ · eʳ with n = nearest(x / ln 2). The scale goes in twice, as 2^(n/2) each, so that subnormal results come out right. */
export function exp(f: FunctionAssembler, x: Local): void {
  const [n, r, p, half] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')]
  // clamped so that n fits; pmin and pmax with x second would lose NaN
  f.get(x)
  f.splat(-105)
  f.op('f32x4.pmax')
  f.splat(90)
  f.op('f32x4.pmin')
  f.tee(r)
  f.splat(Math.LOG2E)
  f.op('f32x4.mul')
  f.op('f32x4.nearest')
  f.set(n)
  for (const part of [ln2High, ln2Low]) {
    f.get(r)
    f.get(n)
    f.splat(part)
    f.op('f32x4.mul')
    f.op('f32x4.sub')
    f.set(r)
  }
  f.splat(polynomial[0] as number)
  for (const coefficient of polynomial.slice(1)) {
    f.get(r)
    f.op('f32x4.mul')
    f.splat(coefficient)
    f.op('f32x4.add')
  }
  f.get(r)
  f.op('f32x4.mul')
  f.get(r)
  f.op('f32x4.mul')
  f.get(r)
  f.op('f32x4.add')
  f.splat(1)
  f.op('f32x4.add')
  f.set(p)
  // n as an integer, halved: 2^half · 2^(n − half)
  f.get(n)
  f.op('i32x4.trunc_sat_f32x4_s')
  f.tee(n)
  f.i32(1)
  f.op('i32x4.shr_s')
  f.set(half)
  f.get(p)
  powerOfTwo(f, () => f.get(half))
  f.op('f32x4.mul')
  powerOfTwo(f, () => {
    f.get(n)
    f.get(half)
    f.op('i32x4.sub')
  })
  f.op('f32x4.mul')
  f.release(n, r, p, half)
}

/** 2ⁿ from its exponent bits, −126 ≤ n ≤ 127. */
function powerOfTwo(f: FunctionAssembler, n: () => void): void {
  n()
  f.splat(127, 'i32')
  f.op('i32x4.add')
  f.i32(23)
  f.op('i32x4.shl')
}
