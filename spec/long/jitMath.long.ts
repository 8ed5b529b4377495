// The stated errors of the JIT's math functions over all of their ranges, where they are curves.

import assert from 'node:assert/strict'
import { heldClaims, withinAt } from '../backends/jitMathClaims.js'
import { chunk, ulpError } from '../backends/jitMathHost.js'

/** One float32 in 61 from a random one on, two billion in all being too many for every day; `KERAFOLD_EVERY=1` visits all. */
const every = Number(process.env.KERAFOLD_EVERY ?? 61)
const first = Math.floor(Math.random() * every)

/** The bits of a positive float32, as a number. */
function bitsOf(x: number): number {
  return new Int32Array(Float32Array.of(x).buffer)[0] as number
}

describe(`the SIMD math functions at ${every === 1 ? 'every float32' : `one float32 in ${every}`}`, () => {
  for (const claim of heldClaims()) {
    const { name, run, exact, bound = Infinity, scanned } = claim

    for (const sign of [1, -1]) {
      it(`${name} of ${sign < 0 ? 'negative' : 'positive'} numbers is as near to float64 as is stated`, () => {
        const [from, to] = scanned.map(bitsOf) as [number, number]
        const x = new Float32Array(chunk)
        const bits = new Int32Array(x.buffer)
        for (let begin = from + first; begin <= to; begin += chunk * every) {
          for (let k = 0; k < chunk; k++) bits[k] = Math.min(begin + k * every, to) | (sign < 0 ? -0x80000000 : 0)
          run(x).forEach((y, k) => {
            const at = x[k] as number
            const wanted = exact(at)
            const error = ulpError(y, wanted)
            if (!(error <= withinAt(claim, at))) assert.fail(`${name}(${at}) = ${y}, which is ${error} ulp from ${wanted}`)
            if (Math.abs(y) > bound) assert.fail(`${name}(${at}) = ${y} is outside ±${bound}`)
          })
        }
      })
    }
  }
})
