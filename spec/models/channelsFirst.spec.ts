// A model of channels before pixels, through the layers: what its runs compute, and that backends agree.

import assert from 'node:assert/strict'
import { input, layers, model, NDArray } from '../../lib/index.js'
import { specialise } from '../../lib/ops/specialise.js'
import { exampleContext } from '../../passes/examples/index.js'
import { pipelines, runPasses, splitPrepare } from '../../passes/index.js'
import { opCounts } from '../support/cnn.js'

/** Padding, strides, separable, residual, up-sampling, transposed, cropping, pooling, flatten, dense. */
function makeNet() {
  const format = { dataFormat: 'channels_first' } as const
  const x = input({ shape: [3, 16, 16] })
  const padded = layers.zeroPadding2D({ padding: 1, ...format }).apply(x)
  const first = layers.conv2D({ filters: 4, kernelSize: 3, strides: 2, ...format }).apply(padded)
  const skip = layers.activation({ activation: 'relu' }).apply(layers.batchNormalization({ axis: 1 }).apply(first))
  const separable = layers.separableConv2D({ filters: 4, kernelSize: 3, padding: 'same', ...format }).apply(skip)
  const sum = layers.add().apply([layers.batchNormalization({ axis: 1 }).apply(separable), skip])
  const large = layers.upSampling2D({ size: 2, ...format }).apply(sum)
  const turned = layers.conv2DTranspose({ filters: 5, kernelSize: 3, strides: 2, padding: 'same', ...format }).apply(large)
  const cropped = layers.cropping2D({ cropping: 1, ...format }).apply(layers.batchNormalization({ axis: 1 }).apply(turned))
  const last = layers.conv2D({ filters: 4, kernelSize: 3, activation: 'relu', ...format }).apply(cropped)
  const flat = layers.flatten(format).apply(layers.maxPooling2D({ poolSize: 2, ...format }).apply(last))
  return model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(flat) })
}

describe('a model of channels before pixels', () => {
  it('runs one transpose, and its batch norms, pads and crops are part of its convolutions', () => {
    const first = runPasses(makeNet().trace().graph, pipelines.infer.beforeSpecialise, exampleContext).graph
    const { run } = splitPrepare(runPasses(specialise(first, { batch: 1 }), pipelines.infer.afterSpecialise, exampleContext).graph)
    assert.deepEqual(opCounts(run), { input: 1, transpose: 1, fused: 4, conv: 2, resize: 1, window_max: 1, reshape: 1 })
  })

  it('gives the same on every backend', async () => {
    const net = makeNet()
    const x = new NDArray(
      Float32Array.from({ length: 2 * 3 * 16 * 16 }, (_, k) => Math.sin(k * 1.7)),
      [2, 3, 16, 16],
    )
    const results: Float64Array[] = []
    for (const backend of ['reference', 'jit', 'wasm', 'cpu'] as const) {
      const y = (await net.lower({ backend })).run(x)
      assert.ok(y instanceof NDArray)
      results.push(Float64Array.from(y.data))
    }
    for (const result of results) {
      for (const [k, value] of result.entries()) assert.ok(Math.abs(value - (results[0]?.[k] ?? Number.NaN)) < 1e-5)
    }
  }).timeout(60_000)
})
