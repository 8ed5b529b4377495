// The examples of the seed page, layer by layer.

import assert from 'node:assert/strict'
import { MaskError } from '../../lib/ir/errors.js'
import { ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { Layer } from '../../lib/layers/layer.js'
import { configure } from '../../lib/layers/settings.js'
import { sequential } from '../../lib/models/sequential.js'
import { relu } from '../../lib/ops/functional/index.js'
import type { Value } from '../../lib/ops/op.js'
import { toValue } from '../../lib/ops/values.js'
import { applyTo, runLayer } from '../support/runLayer.js'

/** Applies layers one after another, beginning as a Sequential model does with what the first one asks for. */
function stack(...list: Layer[]): KerasTensor {
  const [first] = list as [Layer]
  return list.reduce((tensor, layer) => layer.apply(tensor), input({ batchShape: first.requestedBatchShape ?? [] }))
}

describe('the seed page', () => {
  it('Dense: (*, 16) in, (*, 32) out; after the first layer no input shape is needed', () => {
    const output = stack(layers.dense({ units: 32, inputShape: [16] }), layers.dense({ units: 32 }))
    assert.deepEqual(output._keras_shape, [null, 32])
  })

  it('Dense: output = activation(dot(input, kernel) + bias) on the last axis of any rank', () => {
    const layer = layers.dense({
      units: 2,
      activation: 'relu',
      weights: [
        [
          [1, -1],
          [2, -2],
        ],
        [0.5, 0.25],
      ],
    })
    applyTo(layer, { shape: [null, 2, 2] })
    const { y0 } = runLayer(layer, [
      toValue(
        ndarray([
          [
            [1, 1],
            [2, -3],
          ],
        ]),
      ),
    ]).outputs
    assert.deepEqual([...(y0?.data ?? [])], [3.5, 0, 0, 4.25])
  })

  it('Activation: the name of a function, or a function', () => {
    const x = toValue(ndarray([[-1, 0, 2]]))
    for (const activation of ['relu', (t: Parameters<typeof relu>[0]) => relu(t)]) {
      const layer = layers.activation({ activation })
      applyTo(layer, { shape: [null, 3] })
      assert.deepEqual([...(runLayer(layer, [x]).outputs.y0?.data ?? [])], [0, 0, 2])
    }
  })

  it('Dropout: noiseShape (batch, 1, features) gives all timesteps one mask', () => {
    const layer = layers.dropout({ rate: 0.5, noiseShape: [2, 1, 8], seed: 3 })
    applyTo(layer, { shape: [2, 4, 8] })
    const ones = toValue(ndarray(Array.from({ length: 2 }, () => Array.from({ length: 4 }, () => Array<number>(8).fill(1)))))
    const { data } = runLayer(layer, [ones], [], { mode: 'train' }).outputs.y0 as Value
    const step = (sample: number, time: number) => [...data.slice((sample * 4 + time) * 8, (sample * 4 + time + 1) * 8)]
    for (const sample of [0, 1]) for (const time of [1, 2, 3]) assert.deepEqual(step(sample, time), step(sample, 0))
    assert.notDeepEqual(step(0, 0), step(1, 0))
  })

  it('Flatten: (None, 64, 32, 32) becomes (None, 65536), in either data format', () => {
    for (const dataFormat of [null, 'channels_last', 'channels_first'] as const) {
      assert.deepEqual(stack(layers.flatten({ inputShape: [64, 32, 32], dataFormat }))._keras_shape, [null, 65536])
    }
  })

  it("Flatten: the page's stack gives (None, 65536) with channels first, and (None, 6144) by default", () => {
    const shapeWith = (dataFormat: 'channels_first' | 'channels_last' | null) =>
      sequential([
        layers.conv2d({ filters: 64, kernelSize: 3, padding: 'same', inputShape: [3, 32, 32], dataFormat }),
        layers.flatten({ dataFormat }),
      ]).outputShape
    assert.deepEqual(
      [shapeWith('channels_first'), shapeWith('channels_last'), shapeWith(null)],
      [
        [null, 65536],
        [null, 6144],
        [null, 6144],
      ],
    )
  })

  it('SpatialDropout: whole channels of what a convolution gives, in either data format', () => {
    const first = stack(
      layers.conv2d({ filters: 4, kernelSize: 3, dataFormat: 'channels_first', inputShape: [3, 8, 8] }),
      layers.spatialDropout2d({ rate: 0.5, dataFormat: 'channels_first' }),
    )
    assert.deepEqual(first._keras_shape, [null, 4, 6, 6])
  })

  it('Input: a logistic regression', () => {
    const x = input({ shape: [32] })
    const y = layers.dense({ units: 16, activation: 'softmax' }).apply(x)
    assert.deepEqual(
      [x._keras_shape, y._keras_shape],
      [
        [null, 32],
        [null, 16],
      ],
    )
    const [layer, nodeIndex, tensorIndex] = y._keras_history
    assert.deepEqual([layer.className, nodeIndex, tensorIndex], ['Dense', 0, 0])
    assert.deepEqual(input({ batchShape: [10, 32] })._keras_shape, [10, 32])
    assert.deepEqual(input({ batchShape: [null, 32] })._keras_shape, [null, 32])
  })

  it('Reshape: (12,) to (3, 4) to (6, 2) to (-1, 2, 2)', () => {
    const first = layers.reshape({ targetShape: [3, 4], inputShape: [12] })
    assert.deepEqual(stack(first)._keras_shape, [null, 3, 4])
    const second = layers.reshape({ targetShape: [6, 2] })
    assert.deepEqual(second.apply(first.output as KerasTensor)._keras_shape, [null, 6, 2])
    const third = layers.reshape({ targetShape: [-1, 2, 2] })
    assert.deepEqual(third.apply(second.output as KerasTensor)._keras_shape, [null, 3, 2, 2])
  })

  it('Permute: (2, 1) turns (10, 64) into (64, 10)', () => {
    assert.deepEqual(stack(layers.permute({ dims: [2, 1], inputShape: [10, 64] }))._keras_shape, [null, 64, 10])
  })

  it('Permute: more than nine axes', () => {
    const dims = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    const inputShape = dims.map(axis => axis + 1)
    assert.deepEqual(stack(layers.permute({ dims, inputShape }))._keras_shape, [null, ...inputShape.toReversed()])
  })

  it('RepeatVector: (None, 32) becomes (None, 3, 32)', () => {
    assert.deepEqual(stack(layers.dense({ units: 32, inputDim: 32 }), layers.repeatVector({ n: 3 }))._keras_shape, [null, 3, 32])
  })

  it('ActivityRegularization: its input, and a loss of it', () => {
    const layer = layers.activityRegularization({ l1: 0.5, l2: 2 })
    applyTo(layer, { shape: [null, 2] })
    const x = toValue(
      ndarray([
        [1, -2],
        [3, 0],
      ]),
    )
    const { outputs, losses } = runLayer(layer, [x])
    assert.deepEqual(outputs.y0, x)
    assert.deepEqual(
      losses.map(({ value }) => [...value.data]),
      [[(0.5 * 6 + 2 * 14) / 2]],
    )
  })

  it('Masking: steps 3 and 5 that are 0 in all features are masked', () => {
    const layer = layers.masking({ maskValue: 0, inputShape: [6, 2] })
    assert.deepEqual(stack(layer).mask?.shape, [null, 6])
    const steps = [1, 2, 3, 0, 5, 0].map(x => [x, x])
    const { y0, mask0 } = runLayer(layer, [toValue(ndarray([steps]))]).outputs
    assert.deepEqual([...(mask0?.data ?? [])], [1, 1, 1, 0, 1, 0])
    assert.deepEqual([...(y0?.data ?? [])], steps.flat())
  })

  it('Masking: a layer that does not support masks raises, if that is asked for', () => {
    const masked = layers.masking().apply(input({ shape: [6, 2] }))
    const before = configure({ strictMasking: true })
    try {
      const flatten = layers.flatten({ name: 'flat' })
      assert.throws(
        () => flatten.apply(masked),
        error => error instanceof MaskError && error.message.includes('"flat"'),
      )
      assert.deepEqual([flatten.calls.length, flatten.built], [0, false])
      layers.dense({ units: 2 }).apply(masked)
    } finally {
      configure(before)
    }
  })

  it('SpatialDropout: 3-D, 4-D and 5-D inputs keep their shape', () => {
    assert.deepEqual(stack(layers.spatialDropout1d({ rate: 0.2, inputShape: [4, 3] }))._keras_shape, [null, 4, 3])
    assert.deepEqual(stack(layers.spatialDropout2d({ rate: 0.2, inputShape: [4, 3, 2] }))._keras_shape, [null, 4, 3, 2])
    assert.deepEqual(stack(layers.spatialDropout3d({ rate: 0.2, inputShape: [4, 3, 2, 2] }))._keras_shape, [null, 4, 3, 2, 2])
  })
})
