// exp and expm1: reduction by multiples of ln 2, a polynomial on ±ln 2 / 2, and the power of two put into exponent bits.

import type { FunctionAssembler, Local } from '../assembler.js'
import { type Emit, Lanes, signBit, type Term } from './lanes.js'

/** ln 2 in two parts: the first has 15 trailing zero bits, so that n · high is exact for |n| ≤ 2⁹. Source: Cephes. */
const ln2High = 0.693359375
const ln2Low = -2.1219444e-4

/** 1.5 · 2²³: added to |t| < 2²² it rounds t to the nearest integer, which then stands in the low mantissa bits. */
const rounder = 12582912

/** eʳ ≈ 1 + r + r² · q(r) on |r| ≤ ln 2 / 2 with relative error 2⁻²⁸·². Minimax (Remez), rounded to float32 one by one. */
const expTail = [0.4999999403953552, 0.16666516661643982, 0.04166810214519501, 0.008369192481040955, 0.001383890281431377]

/** The same, with error 2⁻³¹·² relative to eʳ: eʳ − 1 loses less where r is small. */
const expm1Tail = [0.5, 0.16666647791862488, 0.041666481643915176, 0.008337878622114658, 0.0013933315640315413, 0.0001732860109768808]

/** x = n · ln 2 + r; the low bits of `rounded` hold n + bias. */
function reduce(m: Lanes, x: Local, bias: number): { rounded: Local; r: Local } {
  const rounded = m.keep(m.add(m.mul(x, Math.LOG2E), rounder + bias))
  const n = m.keep(m.sub(rounded, rounder + bias))
  const r = m.keep(m.sub(m.sub(x, m.mul(n, ln2High)), m.mul(n, ln2Low)))
  return { rounded, r }
}

/** eʳ */
function expCore(m: Lanes, r: Local): Term {
  return m.add(m.add(tail(m, r, expTail), r), 1)
}

/** r² · q(r); Estrin's scheme keeps the chain of dependent instructions short. */
function tail(m: Lanes, r: Local, coefficients: readonly number[]): Term {
  const square = m.keep(m.mul(r, r))
  return m.mul(m.paired(coefficients, r, square), square)
}

/**
 * eˣ within 1.0 ulp (subnormal results within one step of theirs); 0 below −104, ∞ above 88.73.
 * The scale 2ⁿ goes in as two factors, for n runs from −150 to 128.
 */
export function exp(f: FunctionAssembler, x: Local): void {
  const m = new Lanes(f)
  const clamped = m.keep(m.atMost(m.atLeast(x, -104), 89))
  const { rounded, r } = reduce(m, clamped, 254)
  const half = m.keep(m.shift('i32x4.shr_s', rounded, 1))
  const one = m.shift('i32x4.shl', half, 23)
  const other = m.shift('i32x4.shl', m.op('i32x4.sub', rounded, half), 23)
  m.leave(m.mul(m.mul(expCore(m, r), one), other))
  m.end()
}

/**
 * eˣ for x ≤ 0 or NaN, as exact as `exp` in five instructions fewer: what softmax and sigmoid need. With a `rest` of at most
 * 0.06 it is the power of their sum, for exponents that one float32 cannot tell.
 */
export function expNonPositive(f: FunctionAssembler, x: Local, rest?: Term): void {
  const m = new Lanes(f)
  const clamped = m.keep(m.atLeast(x, -104))
  // 2ⁿ = 2ⁿ⁺²⁵ · 2⁻²⁵: the first factor is always normal, the second rounds subnormal results once
  const { rounded, r } = reduce(m, clamped, 127 + 25)
  if (rest) m.assign(r, m.add(r, rest))
  m.leave(m.mul(m.mul(expCore(m, r), m.shift('i32x4.shl', rounded, 23)), 2 ** -25))
  m.end()
}

/** 1 − eˣ for −18 ≤ x ≤ 0 or NaN, never −0: (1 − s) − s · (eʳ − 1) with s = 2ⁿ. */
export function lackOfExp(m: Lanes, x: Local): Emit {
  const { rounded, r } = reduce(m, x, 127)
  const s = m.keep(m.shift('i32x4.shl', rounded, 23))
  return m.sub(m.sub(1, s), m.mul(m.add(tail(m, r, expm1Tail), r), s))
}

/** eˣ − 1 within 1.6 ulp, −0 kept: 2 · (h · (eʳ − 1) + (h − ½)) with h = 2ⁿ⁻¹, so that n = 128 does not overflow early. */
export function expm1(f: FunctionAssembler, x: Local): void {
  const m = new Lanes(f)
  const clamped = m.keep(m.atMost(m.atLeast(x, -18), 88.8))
  const { rounded, r } = reduce(m, clamped, 126)
  const h = m.keep(m.shift('i32x4.shl', rounded, 23))
  const rest = m.add(tail(m, r, expm1Tail), r)
  const halved = m.keep(m.add(m.mul(rest, h), m.sub(h, 0.5)))
  m.leave(m.or(m.add(halved, halved), m.and(x, m.bits(signBit))))
  m.end()
}
