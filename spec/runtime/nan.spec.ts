// NaN and infinities: every backend gives them where the definition does, and they stay in their row.

import assert from 'node:assert/strict'
import { backends } from '../../backends/select.js'
import { input, layers, model, NDArray, sequential } from '../../lib/index.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { Layer } from '../../lib/layers/layer.js'
import type { BaseModel } from '../../lib/models/baseModel.js'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number
const rows = [
  [nan, 1, -1, 2],
  [inf, -inf, 0, -2],
  [-inf, -0, 3, 8],
  [1, 2, -3, 0.5],
]
const data = new NDArray(Float32Array.from(rows.flat()), [4, 4])

/** What a number is, as far as all backends must agree on it. */
function kind(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? 'finite' : String(value)
}

/** Those of which every row is finite where its inputs are. */
const activations = [
  ...['celu', 'elu', 'exponential', 'gelu', 'hard_shrink', 'hard_sigmoid', 'hard_tanh', 'leaky_relu', 'linear', 'log_sigmoid'],
  ...['log_softmax', 'mish', 'relu', 'relu6', 'selu', 'sigmoid', 'silu', 'soft_shrink', 'softmax', 'softplus', 'softsign'],
  ...['sparse_plus', 'squareplus', 'tanh', 'tanh_shrink'],
]
/** Their comparisons are false for NaN, and what is not large becomes 0. */
const shrinking = ['hard_shrink', 'soft_shrink']

const stack = (...inside: Layer[]) => sequential({ layers: [input({ shape: [4] }), ...inside] })
function merged(layer: Layer): BaseModel<unknown> {
  const x = input({ shape: [4] })
  const y = layers.reLU().apply(x)
  return model({ inputs: x, outputs: layer.apply([x, y] as KerasTensor[]) }) as BaseModel<unknown>
}

const models: Readonly<Record<string, () => BaseModel<unknown>>> = {
  ...Object.fromEntries(activations.map(name => [name, () => stack(layers.activation({ activation: name as 'relu' }))])),
  'dense + relu': () => stack(layers.dense({ units: 3, activation: 'relu', kernelInitializer: 'ones' })),
  'batch normalisation': () => stack(layers.batchNormalization()),
  prelu: () => stack(layers.prelu({ alphaInitializer: 'ones' })),
  clip: () => stack(layers.reLU({ maxValue: 2, negativeSlope: 0.5, threshold: 1 })),
  maximum: () => merged(layers.maximum()),
  minimum: () => merged(layers.minimum()),
  multiply: () => merged(layers.multiply()),
}

/** What backends/tfjs/fused.ts says: XNNPACK's fused relu gives 0 for NaN; it is the price of one call. */
const hidden: Readonly<Record<string, readonly string[]>> = { wasm: ['dense + relu'] }

for (const backend of Object.keys(backends)) {
  describe(`NaN on ${backend}`, () => {
    for (const [name, make] of Object.entries(models)) {
      it(`${name} gives NaN and infinities where its definition does`, async () => {
        const net = make()
        const run = async (which: string) => [...((await net.predict(data, { backend: which })) as NDArray).data]
        const [actual, expected] = [await run(backend), await run('reference')]
        const width = actual.length / 4
        if (hidden[backend]?.includes(name)) {
          assert.deepEqual(actual.slice(0, width), new Array(width).fill(0))
          return
        }
        assert.deepEqual(actual.map(kind), expected.map(kind))
        assert.deepEqual(actual.slice(3 * width).map(kind), new Array(width).fill('finite'), 'rows without NaN have none')
        assert.equal(actual.slice(0, width).some(Number.isNaN), !shrinking.includes(name), 'NaN is not hidden')
      })
    }

    it('bilinear up-sampling passes a NaN on to as many as the README says', async () => {
      const net = sequential({ layers: [input({ shape: [4, 4, 1] }), layers.upSampling2D({ size: 2, interpolation: 'bilinear' })] })
      const pixels = Float32Array.from({ length: 16 }, (_, k) => (k === 0 ? nan : k))
      const out = (await net.predict(new NDArray(pixels, [1, 4, 4, 1]), { backend })) as NDArray
      assert.equal(out.data.filter(Number.isNaN).length, backend === 'reference' ? 16 : 9)
    })

    it('a masked-out NaN is left out', async () => {
      const net = sequential({ layers: [input({ shape: [2, 1] }), layers.masking()] })
      const out = (await net.predict([[[0], [nan]]], { backend })) as NDArray
      assert.deepEqual([...out.data].map(kind), ['finite', 'NaN'], 'NaN differs from the mask value, so its step counts')
    })
  })
}
