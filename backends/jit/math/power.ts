// power: 2^(y · log2 |x|) with the logarithm and the exponential in float64, then the cases of C's pow.

import type { FunctionAssembler, Local } from '../assembler.js'
import { Doubles, wideRounder } from './double.js'
import { Lanes, signBit } from './lanes.js'
import { exponent, special } from './log.js'

/** log2 m = s · p(z), s = (m − 1) / (m + 1), z = s², on [√½, √2]: relative error 2⁻³⁷·⁸. Minimax (Remez). */
const log2Series = [2.885390081790147, 0.9617966732756, 0.577083596195196, 0.41167210910769614, 0.34074045938603614]
/** 2ʳ on ±½: relative error 2⁻²⁸·⁵. Minimax (Remez) with p(0) = 1. */
const exp2Series = [
  1, 0.6931472149680029, 0.24022652782861215, 0.05550310551166193, 0.009617692977515186, 0.0013406643845996343, 0.0001559467628062785,
]

/** xʸ within 0.6 ulp; where it is not a positive number's power, what C's pow says (see `floatPower` in lib/ops). */
export function power(f: FunctionAssembler, x: Local, y: Local): void {
  const m = new Lanes(f)
  const rare = m.keep(m.or(special(m, x), m.op('f32x4.ne', m.sub(y, y), 0)))
  const base = m.keep(x)
  const bias = m.keep(m.bits(0))
  m.ifAny(rare, () => {
    m.assign(base, m.and(x, m.bits(0x7fffffff)))
    const tiny = m.keep(m.op('f32x4.lt', base, 2 ** -126))
    m.assign(base, m.select(tiny, m.mul(base, 2 ** 23), base))
    m.assign(bias, m.and(tiny, 23))
  })
  const result = m.keep(positivePower(f, m, base, bias, y))
  m.ifAny(rare, () => repair(m, x, y, result))
  m.leave(result)
  m.end()
}

/** (base · 2^−bias)ʸ for a positive, normal, finite base; 0 and ∞ come from rounding to float32. */
function positivePower(f: FunctionAssembler, m: Lanes, base: Local, bias: Local, y: Local): () => void {
  const d = new Doubles(f, m)
  const { shifted, k } = exponent(m, base)
  const whole = m.keep(m.sub(k, bias))
  const mantissa = m.keep(m.op('i32x4.sub', base, shifted))
  const halves = ([0, 1] as const).map(half => {
    const wide = m.keep(d.promote(mantissa, half))
    const s = m.keep(d.div(d.sub(wide, 1), d.add(wide, 1)))
    const z = m.keep(d.mul(s, s))
    const log2 = d.add(d.mul(d.polynomial(log2Series, z), s), d.promote(whole, half))
    // beyond ±160 every result is 0 or ∞ as a float32, and still finite here
    const t = m.keep(d.within(d.mul(log2, d.promote(y, half)), 160))
    const rounded = m.keep(d.add(t, wideRounder + 1023))
    const r = m.keep(d.sub(t, d.sub(rounded, wideRounder + 1023)))
    return m.keep(d.mul(d.polynomial(exp2Series, r), m.shift('i64x2.shl', rounded, 52)))
  }) as [Local, Local]
  return d.demote(halves)
}

/** Puts right what zeros, infinities, negative bases and NaN need; `result` holds |x|ʸ where |x| and y are ordinary. */
function repair(m: Lanes, x: Local, y: Local, result: Local): void {
  const size = m.keep(m.and(x, m.bits(0x7fffffff)))
  const set = (mask: () => void, value: number | (() => void)): void => m.assign(result, m.select(mask, value, result))
  const isInfinite = m.op('f32x4.eq', size, Infinity)
  const below = m.op('f32x4.lt', y, 0)
  // 0ʸ and ∞ʸ are 0 or ∞: ∞ where just one of "the base is ∞" and "the exponent is negative" holds
  set(m.or(m.op('f32x4.eq', size, 0), isInfinite), m.and(m.xor(isInfinite, below), Infinity))
  set(m.op('f32x4.eq', size, 1), 1)
  // a negative base: the sign of an odd power; NaN for a fraction, if the base is a finite number
  const isFraction = m.op('f32x4.ne', m.op('f32x4.nearest', y), y)
  const half = m.keep(m.mul(y, 0.5))
  const isOdd = m.op('v128.andnot', m.op('f32x4.ne', m.op('f32x4.nearest', half), half), isFraction)
  m.assign(result, m.xor(result, m.and(m.and(x, m.bits(signBit)), isOdd)))
  const isNegative = m.and(m.op('f32x4.lt', x, 0), m.op('f32x4.lt', size, Infinity))
  m.assign(result, m.or(result, m.and(isNegative, isFraction)))
  m.assign(result, m.or(result, m.or(m.op('f32x4.ne', x, x), m.op('f32x4.ne', y, y))))
  set(m.or(m.op('f32x4.eq', y, 0), m.op('f32x4.eq', x, 1)), 1)
}
