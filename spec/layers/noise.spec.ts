// GaussianNoise, GaussianDropout, AlphaDropout: the moments of what they draw, the modes, determinism.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as layers from '../../lib/layers/index.js'
import type { Layer } from '../../lib/layers/layer.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'
import { applyTo, applyUpdates, runLayer } from '../support/runLayer.js'

const rows = 200
const count = rows * 100
const filled = (value: number) => makeValue('float32', [rows, 100], () => value)

/** What a layer makes of a value in training; successive calls draw anew. */
function draw(layer: Layer, x: Value): Value {
  if (layer.calls.length === 0) applyTo(layer, { shape: [null, 100] })
  const run = runLayer(layer, [x], [], { mode: 'train' })
  applyUpdates(layer, run.updates)
  return run.outputs.y0 as Value
}

function moments({ data }: Value): { mean: number; deviation: number } {
  const values = Array.from(data)
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) }
}

/** Six standard errors of a mean and of a deviation: beyond them once in 5 · 10⁸ samples. */
function assertMoments(value: Value, mean: number, deviation: number): void {
  const found = moments(value)
  assert.ok(Math.abs(found.mean - mean) < (6 * deviation) / Math.sqrt(count), `mean ${found.mean}, not ${mean}`)
  assert.ok(
    Math.abs(found.deviation - deviation) < (6 * deviation) / Math.sqrt(2 * count),
    `deviation ${found.deviation}, not ${deviation}`,
  )
}

const seeds = fc.nat()

describe('noise', () => {
  it('GaussianNoise adds numbers of deviation stddev around 0', () =>
    fc.assert(
      fc.property(seeds, fc.constantFrom(0.1, 0.5, 1), (seed, stddev) =>
        assertMoments(draw(layers.gaussianNoise({ stddev, seed }), filled(3)), 3, stddev),
      ),
      { numRuns: 6 },
    ))

  it('GaussianDropout multiplies by numbers of deviation √(rate / (1 − rate)) around 1', () =>
    fc.assert(
      fc.property(seeds, fc.constantFrom(0.1, 0.5, 0.8), (seed, rate) =>
        assertMoments(draw(layers.gaussianDropout({ rate, seed }), filled(2)), 2, 2 * Math.sqrt(rate / (1 - rate))),
      ),
      { numRuns: 6 },
    ))

  it('AlphaDropout gives two values, whose part is the rate, and keeps mean 0 and deviation 1', () =>
    fc.assert(
      fc.property(seeds, fc.constantFrom(0.1, 0.4, 0.7), (seed, rate) => {
        const { data } = draw(layers.alphaDropout({ rate, seed }), filled(1))
        const low = Math.min(...data)
        const part = data.filter(x => x === low).length / count
        assert.equal(new Set(data).size, 2)
        assert.ok(Math.abs(part - rate) < 6 * Math.sqrt((rate * (1 - rate)) / count), `${part}`)
        // a standard normal input, drawn by another layer
        const normal = draw(layers.gaussianNoise({ stddev: 1, seed: seed + 1 }), filled(0))
        const { mean, deviation } = moments(draw(layers.alphaDropout({ rate, seed }), normal))
        assert.ok(Math.abs(mean) < 0.06 && Math.abs(deviation - 1) < 0.06, `${mean}, ${deviation}`)
      }),
      { numRuns: 6 },
    ))

  it('AlphaDropout drops along the axes where noiseShape is 1', () => {
    const { data } = draw(layers.alphaDropout({ rate: 0.5, noiseShape: [null, 1], seed: 3 }), filled(1))
    for (let row = 0; row < rows; row++) assert.equal(new Set(data.slice(row * 100, row * 100 + 100)).size, 1)
    assert.equal(new Set(data).size, 2)
  })

  for (const make of [
    (seed: number) => layers.gaussianNoise({ stddev: 0.5, seed }),
    (seed: number) => layers.gaussianDropout({ rate: 0.5, seed }),
    (seed: number) => layers.alphaDropout({ rate: 0.5, seed }),
  ]) {
    it(`${make(0).className} is nothing at inference, the same for one seed, and new on every call`, () => {
      const [one, same, other, x] = [make(5), make(5), make(6), filled(1)]
      const [first, second] = [draw(one, x), draw(one, x)]
      assert.deepEqual(draw(same, x), first)
      assert.notDeepEqual(second.data, first.data)
      assert.notDeepEqual(draw(other, x).data, first.data)
      assert.deepEqual(runLayer(one, [x]).outputs.y0, x)
    })
  }
})
