// Random numbers for initial values: the normal quantile, seeds, and what a value may depend on.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ArgumentError } from '../../lib/ir/errors.js'
import { initializers } from '../../lib/layers/parts/initializers.js'
import {
  fillRandom,
  keyOf,
  nextSeed,
  normalQuantile,
  SeedGenerator,
  seedField,
  setRandomSeed,
  truncatedNormalQuantile,
} from '../../lib/layers/parts/random.js'
import { erf } from '../../lib/ops/scalar.js'

const uniforms = (seed: number, count: number) => fillRandom(new Float64Array(count), keyOf(seed), u => u)

describe('random numbers for initial values', () => {
  it('normalQuantile inverts the normal distribution function', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), x => {
        const p = (1 + erf(x * Math.SQRT1_2)) / 2
        // p holds x to its rounding over the density there
        const error = (2 ** -51 * Math.sqrt(2 * Math.PI)) / Math.exp((-x * x) / 2)
        assert.ok(Math.abs(normalQuantile(p) - x) <= error + 1e-14 * Math.abs(x), `${x}: ${normalQuantile(p)}`)
      }),
    )
    // Source: Python 3.11 statistics.NormalDist().inv_cdf
    assert.equal(normalQuantile(0.5), 0)
    assert.ok(Math.abs(normalQuantile(0.975) - 1.9599639845400536) < 1e-15)
    assert.ok(Math.abs(normalQuantile(2 ** -33) + 6.337957754553791) < 1e-14)
  })

  it('truncatedNormalQuantile goes from −2 to 2', () => {
    assert.ok(Math.abs(truncatedNormalQuantile(0) + 2) < 1e-15)
    assert.ok(Math.abs(truncatedNormalQuantile(1) - 2) < 1e-15)
    assert.equal(truncatedNormalQuantile(0.5), 0)
  })

  it('uniforms lie inside (0, 1), each by its place alone, and fill every tenth alike', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(50), fc.nat(50), (seed, count, more) => {
        const [short, long] = [uniforms(seed, count), uniforms(seed, count + more)]
        assert.deepEqual(long.subarray(0, count), short)
        assert.ok(long.every(u => u > 0 && u < 1))
      }),
    )
    const count = 100_000
    const tenths = new Array<number>(10).fill(0)
    for (const u of uniforms(1, count)) tenths[Math.floor(u * 10)] = (tenths[Math.floor(u * 10)] ?? 0) + 1
    for (const tenth of tenths) assert.ok(Math.abs(tenth - count / 10) < 6 * Math.sqrt(count * 0.1 * 0.9))
  })

  it('streams of different seeds, and neighbours in one stream, are uncorrelated', () => {
    const count = 20_000
    const centred = (seed: number) => uniforms(seed, count + 1).map(u => (u - 0.5) * Math.sqrt(12))
    const correlation = (a: Float64Array, b: Float64Array) =>
      a.subarray(0, count).reduce((sum, x, k) => sum + x * (b[k] as number), 0) / count
    const base = centred(7)
    for (const other of [centred(8), centred(7 + 2 ** 32), centred(-7), base.subarray(1)]) {
      assert.ok(Math.abs(correlation(base, other)) < 6 / Math.sqrt(count))
    }
  })

  it('seeds that differ have different keys, up to ±2⁵³', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        assert.equal(a === b, keyOf(a).join() === keyOf(b).join())
      }),
    )
  })
})

describe('seeds', () => {
  const draw = (seed: number | SeedGenerator | null) => initializers.randomNormal({ seed }).draw([4], 'float32')

  it('setRandomSeed makes unseeded initializers repeatable, in order', () => {
    const run = (seed: number) => {
      setRandomSeed(seed)
      return [draw(null), draw(null), nextSeed()]
    }
    const [first, again, other] = [run(3), run(3), run(4)]
    assert.deepEqual(again, first)
    assert.notDeepEqual(other, first)
    assert.notDeepEqual(first[0], first[1])
    assert.throws(() => setRandomSeed(0.5), ArgumentError)
  })

  it('nextSeed gives whole numbers from 0 to 2³¹ − 1, hardly ever the same', () => {
    const seeds = Array.from({ length: 1000 }, nextSeed)
    assert.ok(seeds.every(seed => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31))
    assert.ok(new Set(seeds).size > 990)
  })

  it('an integer repeats its values, a SeedGenerator gives new ones and replays from its seed', () => {
    const fixed = initializers.randomNormal({ seed: 5 })
    assert.deepEqual(fixed.draw([4], 'float32'), fixed.draw([4], 'float32'))
    const unseeded = initializers.randomNormal()
    assert.deepEqual(unseeded.draw([4], 'float32'), unseeded.draw([4], 'float32'))
    const stream = () => {
      const moving = initializers.randomNormal({ seed: new SeedGenerator({ seed: 5 }) })
      return [moving.draw([4], 'float32'), moving.draw([4], 'float32')]
    }
    const [first, second] = stream()
    assert.notDeepEqual(first, second)
    assert.deepEqual(stream(), [first, second])
    assert.throws(() => new SeedGenerator({ seed: 1.5 }), ArgumentError)
  })

  it('the field reads the JSON of Keras and writes it', () => {
    const field = seedField()
    const json = { module: 'keras.random', class_name: 'SeedGenerator', config: { seed: 9, name: 'seed_generator' }, registered_name: null }
    const generator = field.parse(json, 'test') as SeedGenerator
    assert.deepEqual(field.toJson(generator), json)
    assert.deepEqual(draw(generator), draw(new SeedGenerator({ seed: 9 })))
    for (const seed of [0, -3, 2 ** 53 - 1, null]) assert.equal(field.toJson(field.parse(seed, 'test')), seed)
    for (const seed of ['x', 1.5, Infinity, {}, []]) assert.throws(() => field.parse(seed, 'test'), ArgumentError)
  })
})
