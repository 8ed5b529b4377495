// sin and cos: the argument less a multiple of π/2, found in float64, then a polynomial on ±π/4.

import type { FunctionAssembler, Local } from '../assembler.js'
import { Doubles, wideRounder } from './double.js'
import { Lanes, signBit } from './lanes.js'

/** π/2 in two parts: the first has 25 bits, so that n · high is exact for |n| < 2²⁸. Source: musl. */
const halfPiHigh = 1.5707963109016418
const halfPiLow = 1.5893254773528196e-8

/** 2/π in pieces of 24 bits: piece i is worth 2^(−24 (i + 1)). The product of a float32 with one is exact in float64. */
const twoOverPi = [0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041].map(
  (piece, i) => piece * 2 ** (-24 * (i + 1)),
)

/** From here on n · halfPiLow would lose bits that small remainders need. */
const large = 2 ** 22

/** sin r ≈ r + r · z · p(z), z = r², on |r| ≤ π/4 with relative error 2⁻²⁷·⁹. Minimax (Remez), rounded to float32. */
const sinTail = [-0.16666655242443085, 0.008332189172506332, -0.00019518288900144398]
/** cos r ≈ 1 − z/2 + z² · p(z) with relative error 2⁻³³. Minimax (Remez), rounded to float32. */
const cosTail = [0.04166664555668831, -0.0013887309469282627, 2.4432327336398885e-5]

/** sin within 1.6 ulp for every float32; NaN for ±∞, −0 kept. */
export function sin(f: FunctionAssembler, x: Local): void {
  emitTrig(f, x, 0)
}

/** cos within 1.6 ulp for every float32; NaN for ±∞. */
export function cos(f: FunctionAssembler, x: Local): void {
  emitTrig(f, x, 1)
}

/** sin(x + quarter · π/2), with r and n from |x| for sin to keep −0. */
function emitTrig(f: FunctionAssembler, x: Local, quarter: 0 | 1): void {
  const m = new Lanes(f)
  const magnitude = m.keep(m.and(x, m.bits(0x7fffffff)))
  const { r, n } = reduce(f, m, magnitude)
  if (quarter === 1) m.assign(n, m.op('i32x4.add', n, m.bits(1)))
  const z = m.keep(m.mul(r, r))
  const sine = m.add(m.mul(m.mul(m.polynomial(sinTail, z), z), r), r)
  const cosine = m.add(m.sub(1, m.mul(z, 0.5)), m.mul(m.mul(m.polynomial(cosTail, z), z), z))
  const odd = m.op('i32x4.ne', m.and(n, m.bits(1)), m.bits(0))
  const turned = m.shift('i32x4.shl', n, 30)
  const sign = m.and(quarter === 0 ? m.xor(turned, x) : turned, m.bits(signBit))
  m.leave(m.xor(m.select(odd, cosine, sine), sign))
  m.end()
}

/** x = n · π/2 + r for x ≥ 0, with |r| ≤ π/4 within half an ulp; of n the low bits. */
function reduce(f: FunctionAssembler, m: Lanes, x: Local): { r: Local; n: Local } {
  const d = new Doubles(f, m)
  const halves = ([0, 1] as const).map(half => {
    const wide = m.keep(d.promote(x, half))
    const rounded = m.keep(
      d.add(
        d.mul(
          wide,
          twoOverPi.reduce((sum, piece) => sum + piece),
        ),
        wideRounder,
      ),
    )
    const n = m.keep(d.sub(rounded, wideRounder))
    return { rounded, rest: m.keep(d.sub(d.sub(wide, d.mul(n, halfPiHigh)), d.mul(n, halfPiLow))) }
  }) as [Half, Half]
  m.ifAny(m.op('f32x4.ge', x, large), () => {
    halves.forEach((half, k) => {
      reduceLarge(m, d, m.keep(d.promote(x, k as 0 | 1)), half)
    })
  })
  const [low, high] = halves
  return { r: m.keep(d.demote([low.rest, high.rest])), n: m.keep(d.lowWords([low.rounded, high.rounded])) }
}

/** Where a pair of lanes is to leave n, in the low bits of a float64, and r. */
interface Half {
  readonly rounded: Local
  readonly rest: Local
}

/**
 * x · 2/π piece by piece, whole quarters taken away at once: a piece that is a multiple of 4 turns adds nothing, and what
 * remains of the others is exact until it is small. Payne and Hanek's idea without its table: 8 pieces reach every float32.
 */
function reduceLarge(m: Lanes, d: Doubles, wide: Local, { rounded, rest }: Half): void {
  const product = m.keep(m.bits(0))
  const whole = m.keep(m.bits(0))
  m.assign(rest, m.bits(0))
  m.assign(rounded, d.constant(wideRounder))
  for (const piece of twoOverPi) {
    m.assign(product, d.mul(wide, piece))
    m.assign(rest, d.add(rest, d.sub(product, d.mul(d.nearest(d.mul(product, 0.25)), 4))))
    m.assign(whole, d.nearest(rest))
    m.assign(rounded, d.add(rounded, whole))
    m.assign(rest, d.sub(rest, whole))
  }
  m.assign(rest, d.mul(rest, Math.PI / 2))
}
