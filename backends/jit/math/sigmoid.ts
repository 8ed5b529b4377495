// sigmoid and tanh by way of exp, erf as a rational function: one division each.

import type { FunctionAssembler, Local } from '../assembler.js'
import { expm1NonPositive, expNonPositive } from './exp.js'
import { Lanes, signBit } from './lanes.js'

/** 1 / (1 + e⁻ˣ) within 2.3 ulp, as z / (1 + z) or 1 / (1 + z) with z = e^−|x|: neither overflows, small results keep their bits. */
export function sigmoid(f: FunctionAssembler, x: Local): void {
  const m = new Lanes(f)
  const negative = m.keep(m.or(x, m.bits(signBit)))
  const z = m.keep(() => expNonPositive(f, negative))
  m.leave(m.div(m.select(m.op('f32x4.ge', x, 0), 1, z), m.add(z, 1)))
  m.end()
}

/** tanh within 2.5 ulp and never above 1: tanh |x| = −e / (e + 2) with e = e^(−2|x|) − 1. */
export function tanh(f: FunctionAssembler, x: Local): void {
  const m = new Lanes(f)
  const negative = m.keep(m.atLeast(m.or(x, m.bits(signBit)), -9.02))
  const e = m.keep(expm1NonPositive(m, m.keep(m.add(negative, negative))))
  // the quotient is negative or −0; it keeps that sign where x has it
  const flip = m.op('v128.andnot', m.bits(signBit), x)
  m.leave(m.xor(m.div(e, m.add(e, 2)), flip))
  m.end()
}
