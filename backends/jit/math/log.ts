// log and log1p: x = 2ᵏ · m with m in [√½, √2], and log m by a short series in s = (m − 1) / (m + 1).

import type { FunctionAssembler, Local } from '../assembler.js'
import { type Emit, Lanes, signBit, type Term } from './lanes.js'

/** ln 2 in two parts: k · high is exact. Source: musl logf. */
const ln2High = 0.693138122558594
const ln2Low = 9.0580006144e-6

/** The bits of √½: subtracted, the exponent field says how many times √2 was passed. Source: musl logf. */
export const sqrtHalfBits = 0x3f3504f3

/** 2 atanh(s) = 2s + s · z · p(z), z = s²: relative error 2⁻³⁰. Minimax (Remez), rounded to float32 one by one. */
const atanhTail = [0.6666677594184875, 0.39977580308914185, 0.29870927333831787]

/** All ones in lanes of `x` that are not positive, normal and finite: 0, subnormal, negative, ∞ or NaN. */
export function special(m: Lanes, x: Term): Emit {
  return m.op('i32x4.gt_s', m.op('i32x4.add', x, m.bits(0x7f800000)), m.bits(-0x01000001))
}

/** k · 2²³ and k (as float32) with x = 2ᵏ · m. */
export function exponent(m: Lanes, x: Local): { shifted: Local; k: Emit } {
  const k = m.keep(m.shift('i32x4.shr_s', m.op('i32x4.sub', x, m.bits(sqrtHalfBits)), 23))
  return { shifted: m.keep(m.shift('i32x4.shl', k, 23)), k: m.op('f32x4.convert_i32x4_s', k) }
}

/** k · ln 2 + log(1 + rest): rest − (rest²/2 − s · (rest²/2 + z · p(z))), the small terms summed first. */
function logSum(m: Lanes, k: Local, rest: Local): Emit {
  const s = m.keep(m.div(rest, m.add(rest, 2)))
  const z = m.keep(m.mul(s, s))
  const half = m.keep(m.mul(m.mul(rest, 0.5), rest))
  const low = m.add(m.mul(s, m.add(half, m.mul(z, m.polynomial(atanhTail, z)))), m.mul(k, ln2Low))
  return m.add(m.sub(rest, m.sub(half, low)), m.mul(k, ln2High))
}

/** Puts right the lanes where the logarithm of `x` is ±∞ or NaN. */
function repair(m: Lanes, x: Local, result: Local): void {
  m.assign(result, m.select(m.op('f32x4.lt', x, Infinity), result, x))
  m.assign(result, m.sub(result, m.and(m.op('f32x4.eq', x, 0), Infinity)))
  m.assign(result, m.or(result, m.op('f32x4.lt', x, 0)))
}

/** The natural logarithm within 1.0 ulp, subnormal arguments too; −∞ at 0, NaN below. */
export function log(f: FunctionAssembler, x: Local): void {
  const m = new Lanes(f)
  const rare = m.keep(special(m, x))
  const scaled = m.keep(x)
  const bias = m.keep(m.bits(0))
  m.ifAny(rare, () => {
    const tiny = m.keep(m.op('f32x4.lt', x, 2 ** -126))
    m.assign(scaled, m.select(tiny, m.mul(x, 2 ** 23), x))
    m.assign(bias, m.and(tiny, 23))
  })
  const { shifted, k } = exponent(m, scaled)
  const whole = m.keep(m.sub(k, bias))
  const rest = m.keep(m.sub(m.op('i32x4.sub', scaled, shifted), 1))
  const result = m.keep(logSum(m, whole, rest))
  m.ifAny(rare, () => repair(m, x, result))
  m.leave(result)
  m.end()
}

/** log(1 + x) within 1.4 ulp, −0 kept; what 1 + x rounds off is added back to the reduced argument. */
export function log1p(f: FunctionAssembler, x: Local): void {
  const m = new Lanes(f)
  const u = m.keep(m.add(x, 1))
  const lost = m.sub(x, m.sub(u, 1))
  const { shifted, k } = exponent(m, u)
  const whole = m.keep(k)
  // 2⁻ᵏ, or 0 where nothing can have been lost
  const scale = m.op('i32x4.max_s', m.op('i32x4.sub', m.bits(0x3f800000), shifted), m.bits(0))
  const rest = m.keep(m.add(m.sub(m.op('i32x4.sub', u, shifted), 1), m.mul(lost, scale)))
  const result = m.keep(logSum(m, whole, rest))
  m.ifAny(special(m, u), () => repair(m, u, result))
  m.leave(m.or(result, m.and(x, m.bits(signBit))))
  m.end()
}
