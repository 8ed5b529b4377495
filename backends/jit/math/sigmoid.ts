// sigmoid and tanh by way of exp, with one division each.

import type { FunctionAssembler, Local } from '../assembler.js'
import { expNonPositive, lackOfExp } from './exp.js'
import { Lanes, signBit } from './lanes.js'

/** 1 / (1 + e⁻ˣ) within 2.5 ulp, as z / (1 + z) or 1 / (1 + z) with z = e^−|x|: neither overflows, small results keep their bits. */
export function sigmoid(f: FunctionAssembler, x: Local): void {
  const m = new Lanes(f)
  const negative = m.keep(m.or(x, m.bits(signBit)))
  const z = m.keep(() => expNonPositive(f, negative))
  m.leave(m.div(m.select(m.op('f32x4.ge', x, 0), 1, z), m.add(z, 1)))
  m.end()
}

/** tanh within 2.5 ulp and never above 1: tanh |x| = d / (2 − d) with d = 1 − e^(−2|x|). */
export function tanh(f: FunctionAssembler, x: Local): void {
  const m = new Lanes(f)
  const negative = m.keep(m.atLeast(m.or(x, m.bits(signBit)), -9.02))
  const d = m.keep(lackOfExp(m, m.keep(m.add(negative, negative))))
  m.leave(m.or(m.div(d, m.sub(2, d)), m.and(x, m.bits(signBit))))
  m.end()
}
