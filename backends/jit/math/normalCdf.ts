// The normal distribution's cumulative function, which gelu multiplies by: a power of a polynomial, and a tail of its own.

import type { FunctionAssembler, Local } from '../assembler.js'
import { expNonPositive } from './exp.js'
import { type Emit, Lanes, type Term } from './lanes.js'

/**
 * (2 Φ(−a))^(−1/16) ≈ 1 + a · p(a) on 0 ≤ a ≤ 4, and far too large beyond: relative error of the 16th power 2⁻²³·². Minimax
 * (Remez), rounded to float32 one by one.
 */
const root = [
  0.049867987632751465, 0.021135665476322174, 0.003291178261861205, 2.4424838557024486e-5, 5.336241883924231e-5, 6.450745786423795e-6,
  -9.260915021513938e-7, 1.4246596435896208e-7,
]

/** From here on the power would lose the tail. */
const far = 4

/** Φ(−a) · e^(a²/2) / a ≈ p(z) / q(z), z = a², for 4 ≤ a ≤ 14.5, where Φ(−a) rounds to 0: relative error 2⁻²⁴·⁹. Likewise. */
const farP = [0.01070395391434431, 0.006268742959946394, 0.0005878328811377287]
const farQ = [0.01, 0.03959927707910538, 0.01718687266111374, 0.0014734785072505474]

/**
 * Φ(x) within 6 ulp from −0.5 up, 16 from −2, 32 from −4, 8 below: as the argument of exp, x²/2 would cost a third more
 * instructions than gelu has time for. Never outside 0 and 1.
 */
export function normalCdf(f: FunctionAssembler, x: Local): void {
  const m = new Lanes(f)
  const mask = m.bits(0x7fffffff)
  const a = m.keep(m.and(x, mask))
  const z = m.keep(m.mul(a, a))
  const power = m.keep(m.mul(m.paired(root, a, z), a))
  // (1 + w)² − 1 = w (w + 2): squared without the 1, so that small w keep their bits
  for (let squared = 0; squared < 3; squared++) m.assign(power, m.mul(power, m.add(power, 2)))
  m.assign(power, m.add(power, 1))
  const tail = m.keep(m.div(0.5, m.mul(power, power)))
  const isFar = m.keep(m.op('f32x4.lt', x, -far))
  m.ifAny(isFar, () => m.assign(tail, m.select(isFar, farTail(f, m, a), tail)))
  m.leave(m.and(m.sub(m.and(m.op('f32x4.gt', x, 0), 1), tail), mask))
  m.end()
}

/** Φ(−a) for a ≥ 4: a²/2 is the exact square of the upper half of a's bits, and what that lacks. */
function farTail(f: FunctionAssembler, m: Lanes, a: Local): Term {
  const size = m.keep(m.atMost(a, 14.5))
  const upper = m.keep(m.and(size, m.bits(-0x1000)))
  const square = m.keep(m.mul(m.mul(upper, upper), -0.5))
  const lack = m.mul(m.mul(m.sub(upper, size), m.add(upper, size)), 0.5)
  const power: Emit = () => expNonPositive(f, square, lack)
  const z = m.keep(m.mul(size, size))
  return m.mul(m.div(m.mul(size, m.polynomial(farP, z)), m.polynomial(farQ, z)), power)
}
