// random_bits against the published vectors of threefry, and dropout against the statistics it must have.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { evaluateOp } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { threefry2x32 } from '../../lib/ops/primitives/random.js'
import { makeValue } from '../../lib/ops/values.js'
import { at, indicesOf } from '../support/naive.js'

const words = (a: number, b: number): [number, number] => [a | 0, b | 0]
const key = (a: number, b: number) => makeValue('int32', [2], k => (k === 0 ? a : b))
const counter = (n: number) => makeValue('int32', [], () => n)

describe('threefry2x32', () => {
  // Source: Random123 1.14, tests/kat_vectors, threefry2x32 with 20 rounds.
  const vectors = [
    { key: words(0, 0), counter: words(0, 0), result: words(0x6b200159, 0x99ba4efe) },
    { key: words(-1, -1), counter: words(-1, -1), result: words(0x1cb996fc, 0xbb002be7) },
    { key: words(0x13198a2e, 0x03707344), counter: words(0x243f6a88, 0x85a308d3), result: words(0xc4923a9c, 0x483df7a0) },
  ]
  for (const vector of vectors) {
    it(`gives the published words for key ${vector.key.join(', ')}`, () =>
      assert.deepEqual(threefry2x32(vector.key, vector.counter), vector.result))
  }
})

describe('random_bits', () => {
  const bits = (shape: number[], k: Value, c: Value) => evaluateOp('random_bits', [k, c], { shape })

  it('lays out words 2i and 2i + 1 as threefry(key, (i, counter))', () =>
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), fc.integer({ min: 0, max: 9 }), (a, b, c, length) => {
        const expected = Array.from({ length }, (_, k) => threefry2x32([a, b], [k >> 1, c])[k & 1])
        assert.deepEqual(Array.from(bits([length], key(a, b), counter(c)).data), expected)
      }),
    ))

  it('depends on the number of elements only by how many words it takes', () => {
    const flat = bits([12], key(1, 2), counter(3))
    assert.deepEqual(bits([3, 4], key(1, 2), counter(3)).data, flat.data)
    assert.deepEqual(bits([5], key(1, 2), counter(3)).data, flat.data.slice(0, 5))
  })
})

describe('dropout', () => {
  const size = 40_000
  const ones = makeValue('float32', [200, 200], () => 1)
  const drop = (x: Value, rate: number, shape: readonly number[] = x.shape, k = key(7, 11), c = counter(0)) =>
    evaluateOp('dropout', [x, k, c], { rate, shape })
  const kept = ({ data }: Value) => Array.from(data, value => (value === 0 ? 0 : 1))
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0)

  /** Pearson's φ of two lists of 0 and 1. */
  const correlation = (a: readonly number[], b: readonly number[]) => {
    const [p, q] = [sum(a) / a.length, sum(b) / b.length]
    const both = sum(a.map((value, k) => value * (b[k] as number))) / a.length
    return (both - p * q) / Math.sqrt(p * (1 - p) * q * (1 - q))
  }

  for (const rate of [0.05, 0.3, 0.5, 0.8]) {
    it(`at rate ${rate} zeroes that share, within 6σ, and divides the others by 1 − rate`, () => {
      const result = drop(ones, rate)
      assert.ok(result.data.every(value => value === 0 || value === 1 / (1 - rate)))
      const zeros = size - sum(kept(result))
      assert.ok(Math.abs(zeros / size - rate) < 6 * Math.sqrt((rate * (1 - rate)) / size), `${zeros} of ${size} are 0`)
    })
  }

  it('at rate 0 changes nothing, at rate 1 gives zeros, of infinities and NaN too', () => {
    const odd = makeValue('float32', [4], k => [1, Infinity, -Infinity, NaN][k] as number)
    assert.deepEqual(drop(odd, 0).data, odd.data)
    assert.deepEqual(drop(odd, 1).data, new Float64Array(4))
  })

  it('keeps the mean of any operand', () => {
    const ramp = makeValue('float32', [200, 200], k => k / size)
    const [before, after] = [ramp, drop(ramp, 0.4)].map(x => sum(Array.from(x.data)) / size) as [number, number]
    // variance of each term: x² · rate / (1 − rate), with x² at most 1
    assert.ok(Math.abs(after - before) < 6 * Math.sqrt(0.4 / 0.6 / size))
  })

  it('repeats the mask along broadcast axes and varies along the others', () => {
    const cube = makeValue('float32', [20, 30, 20], () => 1)
    const result = drop(cube, 0.5, [20, 1, 20])
    for (const [i, j, k] of indicesOf(cube.shape) as [number, number, number][]) {
      assert.equal(at(result, [i, j, k]), at(result, [i, 0, k]))
    }
    const mask = indicesOf([20, 20]).map(([i, k]) => (at(result, [i as number, 0, k as number]) === 0 ? 0 : 1))
    assert.ok(new Set(mask).size === 2)
    assert.ok(Math.abs(sum(mask) / 400 - 0.5) < 6 * Math.sqrt(0.25 / 400))
  })

  it('draws neighbours, columns, calls and layers independently', () => {
    const first = kept(drop(ones, 0.5))
    const bound = 6 / Math.sqrt(size)
    const others = {
      'the next call': kept(drop(ones, 0.5, ones.shape, key(7, 11), counter(1))),
      'another seed': kept(drop(ones, 0.5, ones.shape, key(8, 11))),
      'another layer': kept(drop(ones, 0.5, ones.shape, key(7, 12))),
      'the next element': [...first.slice(1), first[0] as number],
      'the next row': [...first.slice(200), ...first.slice(0, 200)],
    }
    for (const [name, list] of Object.entries(others)) assert.ok(Math.abs(correlation(first, list)) < bound, name)
  })

  it('gives the same mask for the same key and counter', () => {
    assert.deepEqual(drop(ones, 0.5).data, drop(ones, 0.5).data)
    assert.notDeepEqual(drop(ones, 0.5).data, drop(ones, 0.5, ones.shape, key(7, 11), counter(1)).data)
  })

  it('draws the same mask in float32 as in float64', () =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer(), (rate, c) => {
        const x = makeValue('float32', [64], () => 1)
        const both = (['float64', 'float32'] as const).map(precision =>
          evaluateOp('dropout', [x, key(3, 5), counter(c)], { rate, shape: [64] }, precision),
        )
        assert.deepEqual(kept(both[0] as Value), kept(both[1] as Value))
      }),
    ))

  it('drops exactly the draws below rate · 2²⁴', () => {
    const x = makeValue('float32', [4], () => 1)
    const draws = Array.from(evaluateOp('random_bits', [key(3, 5), counter(9)], { shape: [4] }).data, word => word >>> 8)
    for (const [k, draw] of draws.entries()) {
      assert.equal(drop(x, draw / 2 ** 24, [4], key(3, 5), counter(9)).data[k] === 0, false, 'a draw equal to the rate stays')
      assert.equal(drop(x, (draw + 1) / 2 ** 24, [4], key(3, 5), counter(9)).data[k], 0, 'a draw below the rate goes')
    }
  })
})
