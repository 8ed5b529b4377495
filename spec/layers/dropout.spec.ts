// Dropout: support, rate, structure, independence and determinism of its masks.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as layers from '../../lib/layers/index.js'
import type { Layer } from '../../lib/layers/layer.js'
import { setRandomSeed } from '../../lib/layers/parts/random.js'
import { Trace } from '../../lib/layers/trace.js'
import type { Variable } from '../../lib/layers/variable.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue, toValue } from '../../lib/ops/values.js'
import { applyTo, applyUpdates, runLayer } from '../support/runLayer.js'

const ones = (...shape: number[]) => makeValue('float32', shape, () => 1)

/** What a layer makes of ones in training: 0 and 1 / (1 − rate). Successive calls move its counter on. */
function draw(layer: Layer, shape: readonly number[]): Value {
  if (layer.calls.length === 0) applyTo(layer, { shape: [null, ...shape.slice(1)] })
  const run = runLayer(layer, [ones(...shape)], [], { mode: 'train' })
  applyUpdates(layer, run.updates)
  return run.outputs.y0 as Value
}

const kept = (value: Value): number[] => Array.from(value.data, x => (x === 0 ? 0 : 1))

/** The correlation of two masks of the same length. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length
  const [ma, mb] = [mean(a), mean(b)]
  const covariance = mean(a.map((x, k) => (x - ma) * ((b[k] as number) - mb)))
  return covariance / Math.sqrt(mean(a.map(x => (x - ma) ** 2)) * mean(b.map(x => (x - mb) ** 2)))
}

/** Distances beyond 6σ happen once in 5 · 10⁸ samples. */
const sigmas = 6

describe('dropout', () => {
  it('gives 0 or x / (1 − rate) in training, x otherwise', () =>
    fc.assert(
      fc.property(fc.constantFrom(0.1, 0.25, 0.5, 0.9), fc.nat(), (rate, seed) => {
        const layer = layers.dropout({ rate, seed })
        applyTo(layer, { shape: [null, 8] })
        const x = makeValue('float32', [3, 8], at => at - 11.5)
        const train = runLayer(layer, [x], [], { mode: 'train' }).outputs.y0 as Value
        train.data.forEach((y, k) => {
          assert.ok(y === 0 || Math.abs(y - (x.data[k] as number) / (1 - rate)) < 1e-5 * Math.abs(y))
        })
        assert.deepEqual(runLayer(layer, [x]).outputs.y0, x)
      }),
    ))

  it('drops the part it says, within 6σ', () =>
    fc.assert(
      fc.property(fc.constantFrom(0.05, 0.3, 0.5, 0.8), fc.nat(), (rate, seed) => {
        const mask = kept(draw(layers.dropout({ rate, seed }), [100, 100]))
        const dropped = mask.filter(x => x === 0).length / mask.length
        assert.ok(Math.abs(dropped - rate) < sigmas * Math.sqrt((rate * (1 - rate)) / mask.length), `${dropped}`)
      }),
      { numRuns: 20 },
    ))

  it('rate 0 emits nothing, rate 1 gives zeros', () => {
    const none = layers.dropout({ rate: 0 })
    applyTo(none, { shape: [null, 3] })
    const trace = new Trace('spec')
    const x = trace.builder.input('x', { dtype: 'float32', shape: ['batch', 3] })
    assert.equal(none.traceCall(trace, [x], [null], 0).outputs[0], x)
    assert.deepEqual(kept(draw(layers.dropout({ rate: 1 }), [2, 3])), [0, 0, 0, 0, 0, 0])
  })

  describe('structure', () => {
    /** Axes along which the mask of a 5-D or smaller input is constant. */
    const cases: [string, Layer, readonly number[], readonly number[]][] = [
      ['Dropout', layers.dropout({ rate: 0.5, seed: 1 }), [6, 5, 7], []],
      ['noiseShape [null, 1, null]', layers.dropout({ rate: 0.5, seed: 2, noiseShape: [null, 1, null] }), [6, 5, 7], [1]],
      ['noiseShape [6, 5, 1]', layers.dropout({ rate: 0.5, seed: 3, noiseShape: [6, 5, 1] }), [6, 5, 7], [2]],
      ['noiseShape [1, 1, 7]', layers.dropout({ rate: 0.5, seed: 4, noiseShape: [1, 1, 7] }), [6, 5, 7], [0, 1]],
      ['noiseShape [7] of a lower rank', layers.dropout({ rate: 0.5, seed: 4, noiseShape: [7] }), [6, 5, 7], [0, 1]],
      ['SpatialDropout1D', layers.spatialDropout1d({ rate: 0.5, seed: 5 }), [6, 5, 7], [1]],
      ['SpatialDropout2D', layers.spatialDropout2d({ rate: 0.5, seed: 6 }), [6, 3, 4, 7], [1, 2]],
      [
        'SpatialDropout2D, channels first',
        layers.spatialDropout2D({ rate: 0.5, seed: 6, dataFormat: 'channels_first' }),
        [6, 7, 3, 4],
        [2, 3],
      ],
      ['SpatialDropout3D', layers.spatialDropout3d({ rate: 0.5, seed: 7 }), [6, 2, 3, 2, 7], [1, 2, 3]],
      [
        'SpatialDropout3D, channels first',
        layers.spatialDropout3D({ rate: 0.5, seed: 7, dataFormat: 'channels_first' }),
        [6, 7, 2, 3, 2],
        [2, 3, 4],
      ],
    ]
    for (const [what, layer, shape, constant] of cases) {
      it(`${what}: constant along [${constant}], varying along the others`, () => {
        const mask = kept(draw(layer, shape))
        const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))
        const neighbours = (axis: number) =>
          mask.flatMap((x, at) =>
            Math.floor(at / (strides[axis] as number)) % (shape[axis] as number) > 0 ? [x === mask[at - (strides[axis] as number)]] : [],
          )
        shape.forEach((_, axis) => {
          assert.equal(neighbours(axis).every(Boolean), constant.includes(axis), `axis ${axis}`)
        })
      })
    }
  })

  describe('independence', () => {
    const size = [200, 50] as const
    const bound = sigmas / Math.sqrt(size[0] * size[1])

    it('of successive runs', () => {
      const layer = layers.dropout({ rate: 0.5, seed: 11 })
      const masks = [draw(layer, size), draw(layer, size), draw(layer, size)].map(kept)
      for (const [a, b] of [
        [0, 1],
        [1, 2],
        [0, 2],
      ] as const)
        assert.ok(Math.abs(correlation(masks[a] as number[], masks[b] as number[])) < bound)
    })

    it('of rows and columns of one mask', () => {
      const mask = kept(draw(layers.dropout({ rate: 0.5, seed: 12 }), size))
      for (const shift of [1, 2, size[1]]) assert.ok(Math.abs(correlation(mask.slice(shift), mask.slice(0, -shift))) < bound * 1.01)
    })

    it('of two calls of one layer in one model, whose counter moves by two', () => {
      const layer = layers.dropout({ rate: 0.5, seed: 13 })
      applyTo(layer, { shape: [null, size[1]] })
      const trace = new Trace('spec')
      const x = trace.builder.input('x', { dtype: 'float32', shape: size })
      const calls = [0, 1].map(index => layer.traceCall(trace, [x], [null], index).outputs[0])
      const { graph } = trace.build(calls.map((value, k) => ({ name: `y${k}`, value: value as NonNullable<typeof value> })))
      const [counter] = layer.ownVariables as readonly [Variable]
      const state = { [counter.path]: toValue(counter.read()) }
      const { outputs, updates } = evaluateGraph(graph, { inputs: { x: ones(...size) }, variables: state }, { mode: 'train' })
      assert.ok(Math.abs(correlation(kept(outputs.y0 as Value), kept(outputs.y1 as Value))) < bound)
      assert.deepEqual([...(updates[counter.path]?.data ?? [])], [2])
      assert.deepEqual(kept(outputs.y0 as Value), kept(draw(layer, size)), 'the first call draws what a single call would')
    })

    it('of layers with different seeds, and of layers without', () => {
      const masks = [1, 2, 2 ** 32 + 1, null, null].map(seed => kept(draw(layers.dropout({ rate: 0.5, seed }), size)))
      masks.forEach((a, k) => {
        for (const b of masks.slice(k + 1)) assert.ok(Math.abs(correlation(a, b)) < bound)
      })
    })
  })

  describe('determinism', () => {
    const shape = [10, 10]

    it('layers with one seed draw the same masks, call by call', () => {
      const [a, b] = [layers.dropout({ rate: 0.5, seed: 5 }), layers.dropout({ rate: 0.5, seed: 5 })]
      for (let call = 0; call < 3; call++) assert.deepEqual(draw(a, shape), draw(b, shape))
    })

    it('unseeded layers repeat after setRandomSeed', () => {
      const masks = [0, 1].map(() => {
        setRandomSeed(77)
        return draw(layers.dropout({ rate: 0.5 }), shape)
      })
      assert.deepEqual(masks[0], masks[1])
    })

    it('a counter is no weight, and starts at 0', () => {
      const layer = layers.dropout({ rate: 0.5, seed: 5 })
      applyTo(layer, { shape: [null, 4] })
      assert.deepEqual([layer.weights.length, layer.countParams(), layer.ownVariables.length], [0, 0, 1])
      assert.equal(layer.ownVariables[0]?.read().data[0], 0)
    })
  })
})
