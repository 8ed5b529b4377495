// The SIMD math functions against Math in float64: error in ulp over every exponent, and the special values exactly.

import assert from 'node:assert/strict'
import { expNonPositive, power, unaryMath } from '../../backends/jit/math/index.js'

import { numRuns } from '../support/setup.js'
import { heldClaims, withinAt } from './jitMathClaims.js'
import { chunk, runner, ulpError } from './jitMathHost.js'

/** C's pow: Math's, but for 1 to any power and −1 to ±∞. */
const cPow = (x: number, y: number): number => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y)

const least = 2 ** -149
const largest = 3.4028234663852886e38
const specials = [0, -0, least, -least, 2 ** -126, -(2 ** -126), 1, -1, largest, -largest, Infinity, -Infinity, NaN]

/** A small generator of its own, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state
  }
}

/** `chunk` floats of random bits: every exponent, subnormal numbers, now and then NaN. Every second lies within ±128. */
function sweep(next: () => number): Float32Array {
  const x = new Float32Array(new Int32Array(chunk).map(next).buffer)
  return x.map((value, i) => (i % 2 === 0 ? value : next() * 2 ** -31 * 2 ** (7 - (i % 16))))
}

const words = new Int32Array(1)

/** The float32 that is `steps` away from x among all of x's sign. */
function neighbour(x: number, steps: number): number {
  const floats = new Float32Array(words.buffer)
  floats[0] = x
  words[0] = (words[0] as number) + steps
  return floats[0]
}

const sweeps = Math.ceil((200 * numRuns) / chunk)

describe('the SIMD math functions', () => {
  for (const claim of heldClaims()) {
    const { name, run, exact, bound = Infinity, worst } = claim

    /** Whether each result is as near as stated. */
    const hold = (x: Float32Array): void =>
      run(x).forEach((y, i) => {
        const at = x[i] as number
        const error = ulpError(y, exact(at))
        if (!(error <= withinAt(claim, at))) assert.fail(`${name}(${at}) = ${y}, which is ${error} ulp from ${exact(at)}`)
        if (Math.abs(y) > bound) assert.fail(`${name}(${at}) = ${y} is outside ±${bound}`)
      })

    it(`${name} is as near to float64 as is stated`, () => {
      const next = random(name.length * 7919)
      for (let round = 0; round < sweeps; round++) hold(sweep(next))
    })

    it(`${name} is so where a scan of every float32 found it farthest off, and beside`, () => {
      hold(Float32Array.from(worst.flatMap(x => Array.from({ length: 64 }, (_, k) => neighbour(x, k - 32)))))
    })

    it(`${name} has the signs, zeros and infinities of float64`, () => {
      const found = [...run(Float32Array.from(specials))]
      specials.forEach((x, i) => {
        const wanted = Math.fround(exact(x))
        const y = found[i] as number
        if (Number.isFinite(wanted) && wanted !== 0)
          assert.ok(ulpError(y, exact(x)) <= withinAt(claim, x), `${name}(${x}) = ${y}, not ${wanted}`)
        else assert.ok(Object.is(y, wanted), `${name}(${Object.is(x, -0) ? '-0' : x}) = ${y}, not ${wanted}`)
      })
    })

    it(`${name} gives a lane the same value whatever its neighbours are`, () => {
      const alone = specials.map(x => run(new Float32Array(4).fill(x))[0])
      const others = [0.5, -3, 1e-40, 1e30, NaN, Infinity]
      for (const other of others) {
        const mixed = run(Float32Array.from(specials.flatMap(x => [x, other, x, other])))
        specials.forEach((x, i) => {
          assert.ok(Object.is(mixed[4 * i], alone[i]) && Object.is(mixed[4 * i + 2], alone[i]), `${name}(${x}) beside ${other}`)
        })
      }
    })
  }

  for (const [name, emit] of Object.entries(unaryMath)) {
    it(`${name} leaves its argument alone`, () => {
      const keep = runner((f, x) => {
        emit(f, x)
        f.op('drop_v128')
        f.get(x)
      })
      assert.deepEqual([...keep(Float32Array.from(specials))], specials)
    })
  }

  it('gelu falls to its least value, at −0.7518, and rises from there', () => {
    const gelu = [...heldClaims()].find(({ name }) => name === 'gelu')
    assert.ok(gelu)
    const least = -0.7518
    const y = gelu.run(Float32Array.from({ length: chunk }, (_, k) => -13 + k / 1024))
    for (let k = 1; k < chunk; k++) {
      const [at, step] = [-13 + k / 1024, (y[k] as number) - (y[k - 1] as number)]
      if (Math.abs(at - least) > 1 / 32) assert.ok(at < least ? step < 0 : step > 0, `gelu(${at}) is ${step} from the one before`)
    }
  })

  it('expNonPositive is exp where it is used', () => {
    const run = runner(expNonPositive)
    const x = sweep(random(5)).map(value => -Math.abs(value))
    run(x).forEach((y, i) => {
      const error = ulpError(y, Math.exp(x[i] as number))
      assert.ok(error <= 1, `expNonPositive(${x[i]}) = ${y}, ${error} ulp off`)
    })
    assert.deepEqual([...run(Float32Array.of(0, -0, -Infinity, NaN))], [1, 1, 0, NaN])
  })

  it('tanh, sigmoid, erf and exp reach their limits exactly', () => {
    const far = Float32Array.of(20, 100, largest, Infinity)
    for (const name of ['tanh', 'erf', 'sigmoid'] as const) assert.deepEqual([...runner(unaryMath[name])(far)], [1, 1, 1, 1], name)
    for (const name of ['tanh', 'erf'] as const) {
      assert.deepEqual([...runner(unaryMath[name])(far.map(x => -x))], [-1, -1, -1, -1], name)
    }
    assert.deepEqual([...runner(unaryMath.exp)(Float32Array.of(-1000, -105, 89, 1000))], [0, 0, Infinity, Infinity])
  })

  describe('power', () => {
    const run = runner(power)

    it('is within 0.6 ulp of float64 where the result is a number of ordinary size', () => {
      const next = random(11)
      for (let round = 0; round < sweeps; round++) {
        const x = sweep(next).map(Math.abs)
        // exponents that keep the result within float32's range, subnormal results included
        const y = x.map((base, i) => (next() * 2 ** -31 * 152) / (i % 3 === 0 ? 10 : Math.abs(Math.log2(base)) || 1))
        run(x, y).forEach((z, i) => {
          const [base, exponent] = [x[i] as number, y[i] as number]
          const error = ulpError(z, cPow(base, exponent))
          if (!(error <= 0.6)) assert.fail(`${base} ** ${exponent} = ${z}, which is ${error} ulp from ${cPow(base, exponent)}`)
        })
      }
    })

    it('treats zeros, infinities, NaN, negative bases and odd powers as C does', () => {
      const interesting = [
        ...specials,
        ...[0.5, 1.5, 2, 3, 4, 7, 1e10, 149, 150, 8388607, 8388608.5, 16777215, 16777216].flatMap(x => [x, -x]),
        ...[1 - 2 ** -24, 1 + 2 ** -23].flatMap(x => [x, -x]),
      ].map(Math.fround)
      const pairs = interesting.flatMap(x => interesting.map(y => [x, y] as const))
      const found = run(Float32Array.from(pairs.map(([x]) => x)), Float32Array.from(pairs.map(([, y]) => y)))
      pairs.forEach(([x, y], i) => {
        const wanted = Math.fround(cPow(x, y))
        const z = found[i] as number
        const same = Number.isFinite(wanted) && wanted !== 0 ? ulpError(z, cPow(x, y)) <= 0.6 : Object.is(z, wanted)
        assert.ok(same, `${x} ** ${y} = ${Object.is(z, -0) ? '-0' : z}, not ${Object.is(wanted, -0) ? '-0' : wanted}`)
      })
    })
  })
})
