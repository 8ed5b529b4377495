// Files of Keras 2 (tf-keras) in every layout, and what they compute there.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import * as layers from '../../lib/layers/index.js'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { modelFromObject } from '../../lib/models/fromConfig.js'
import { loadModel } from '../../lib/models/loadModel.js'
import { sequential } from '../../lib/models/sequential.js'
import { type GoldenTensor, readGolden } from '../support/golden.js'
import { goldenBytes, refusal } from './support/archives.js'
import { assertPredicts, type GoldenRun } from './support/evaluate.js'

interface GoldenFiles extends GoldenRun {
  readonly class_name: string
  readonly layers: readonly { readonly name: string; readonly params: number }[]
  readonly files: readonly { readonly file: string; readonly sha256: string }[]
  readonly weights: readonly (GoldenTensor & { readonly name: string })[]
}

const { cases } = readGolden<{ cases: readonly GoldenFiles[] }>('legacy/tf_keras')
const keras3 = readGolden<{ cases: readonly Omit<GoldenFiles, 'weights'>[] }>('legacy/keras_3').cases
const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(`../golden/legacy/${file}`, import.meta.url)))

describe('models of Keras 2, and of Keras 3 in its layout', () => {
  for (const golden of [...cases, ...keras3]) {
    for (const { file } of golden.files.filter(({ file }) => !file.includes('weights'))) {
      it(`${file} computes what it did`, async () => {
        const model = await loadModel<unknown>(bytesOf(file))
        assert.deepEqual(
          model.layers.map(layer => ({ name: layer.name, params: layer.countParams() })),
          golden.layers,
        )
        assertPredicts(model, golden)
      })
    }
  }
})

describe('files of weights by Keras 3', () => {
  for (const golden of keras3.filter(({ files }) => files.length > 1)) {
    it(`${golden.name}.weights.h5 fills a model made anew`, async () => {
      const model = await fresh(`${golden.name}.h5`)
      const report = await model.loadWeights(bytesOf(`${golden.name}.weights.h5`))
      assertPredicts(model, golden)
      assert.equal(report.loaded.length, model.weights.length)
      assert.deepEqual([report.skipped, report.unused], [[], []])
    })
  }

  it('report what is skipped and what is left over', async () => {
    const model = sequential({
      layers: [layers.dense({ units: 8, inputShape: [6] }), layers.dense({ units: 7 }), layers.batchNormalization()],
    })
    const { loaded, skipped, unused } = await model.loadWeights(bytesOf('k3_mlp.weights.h5'), { skipMismatch: true })
    const [first, second, norm] = model.layers.map(({ name }) => name)
    assert.deepEqual(
      loaded.map(({ weight, from }) => `${weight} ← ${from}`),
      [`${first}/kernel ← /layers/dense/vars/0`, `${first}/bias ← /layers/dense/vars/1`],
    )
    assert.deepEqual(
      skipped.map(({ weight, reason }) => `${weight}: ${reason}`),
      [
        `${second}/bias: weight "${second}/bias" of layer "${second}" (Dense) is missing: there is no /layers/dense_1/vars/1`,
        ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map(
          name =>
            `${norm}/${name}: the weights of layer "${norm}" (BatchNormalization) are missing: there is no group /layers/batch_normalization/vars`,
        ),
        `${second}/kernel: /layers/dense_1/vars/0 has shape [8, 5], but the model needs [8, 7]`,
      ],
    )
    assert.deepEqual(unused, ['/layers/dense_2', '/layers/dropout'])
  })
})

/** A model of the same architecture with new weights. */
async function fresh(file: string): Promise<BaseModel<unknown>> {
  return modelFromObject((await loadModel<unknown>(bytesOf(file))).toObject())
}

const goldenOf = (name: string): GoldenFiles => {
  const found = cases.find(golden => golden.name === name)
  assert.ok(found)
  return found
}

describe('model.loadWeights of .h5 files', () => {
  for (const [file, name, from] of [
    ['stack.weights-only.h5', 'stack', 'stack.h5'],
    ['nested.weights-only.h5', 'nested', 'nested.h5'],
    ['nested.h5', 'nested', 'nested.h5'],
    ['nested.keras-2-2.h5', 'nested', 'nested.h5'],
    ['frozen.h5', 'frozen', 'frozen.h5'],
  ] as const) {
    it(`${file} fills a model made anew, by order and by name`, async () => {
      for (const byName of [false, true]) {
        const model = await fresh(from)
        const report = await model.loadWeights(bytesOf(file), { byName })
        assertPredicts(model, goldenOf(name))
        assert.deepEqual(report.loaded.map(({ weight }) => weight).sort(), model.weights.map(({ path }) => path).sort())
        assert.deepEqual([report.skipped, report.unused], [[], []])
      }
    })
  }

  it('by order whatever is frozen now: names inside a layer tell where shapes do not', async () => {
    const model = await fresh('frozen.h5')
    for (const layer of (model.getLayer('core') as BaseModel<unknown>).layers) layer.trainable = true
    await model.loadWeights(bytesOf('frozen.h5'), { byName: true })
    assertPredicts(model, goldenOf('frozen'))
  })

  it('by order into layers of other names', async () => {
    const model = sequential({
      layers: [
        layers.dense({ units: 5, activation: 'hard_sigmoid_keras2', inputShape: [4], name: 'one' }),
        layers.batchNormalization({ name: 'two' }),
        layers.leakyReLU({ negativeSlope: 0.3 }),
        layers.dense({ units: 4, activation: 'swish', name: 'three' }),
        layers.pReLU({ name: 'four' }),
        layers.reLU({ threshold: 0.1 }),
        layers.dense({ units: 3, activation: 'softmax', name: 'five' }),
      ],
    })
    const { loaded } = await model.loadWeights(bytesOf('stack.weights-only.h5'))
    assertPredicts(model, goldenOf('stack'))
    assert.deepEqual(loaded[0], { weight: 'one/kernel', from: '/dense/dense/kernel:0' })
  })

  it('by name into some layers, and the report says which', async () => {
    const model = sequential({
      layers: [
        layers.dense({ units: 5, inputShape: [4], name: 'dense' }),
        layers.dense({ units: 4, name: 'dense_1' }),
        layers.dense({ units: 7, name: 'new' }),
      ],
    })
    const before = model.getLayer('new').getWeights()[0]?.toArray()
    const report = await model.loadWeights(bytesOf('stack.h5'), { byName: true })
    assert.deepEqual(report, {
      loaded: [
        { weight: 'dense/kernel', from: '/model_weights/dense/dense/kernel:0' },
        { weight: 'dense/bias', from: '/model_weights/dense/dense/bias:0' },
        { weight: 'dense_1/kernel', from: '/model_weights/dense_1/dense_1/kernel:0' },
        { weight: 'dense_1/bias', from: '/model_weights/dense_1/dense_1/bias:0' },
      ],
      skipped: [
        { weight: 'new/kernel', reason: 'the file has no layer "new"' },
        { weight: 'new/bias', reason: 'the file has no layer "new"' },
      ],
      unused: ['batch_normalization', 'p_re_lu', 'dense_2'],
    })
    assert.deepEqual(model.getLayer('new').getWeights()[0]?.toArray(), before)
  })

  describe('that do not fit', () => {
    const wider = () =>
      sequential({
        layers: [layers.dense({ units: 5, inputShape: [4], name: 'dense' }), layers.dense({ units: 9, name: 'dense_1' })],
      })
    it('change nothing', async () => {
      const model = wider()
      const before = model.getWeights().map(weight => weight.toArray())
      await assert.rejects(
        model.loadWeights(bytesOf('stack.h5'), { byName: true }),
        refusal(
          'FileError',
          '/dense_1/kernel:0 has shape [5, 4], but the model needs [5, 9]',
          'weight "dense_1/kernel" of layer "dense_1" (Dense)',
        ),
      )
      await assert.rejects(
        model.loadWeights(bytesOf('stack.h5')),
        refusal(
          'FileError',
          'it has 5 layers with weights (dense, batch_normalization, dense_1, p_re_lu, dense_2), but the model has 2 (dense, dense_1)',
        ),
      )
      assert.deepEqual(
        model.getWeights().map(weight => weight.toArray()),
        before,
      )
    })
    it('are skipped on request, weight by weight', async () => {
      const model = wider()
      const { loaded, skipped } = await model.loadWeights(bytesOf('stack.h5'), { byName: true, skipMismatch: true })
      assert.deepEqual(
        loaded.map(({ weight }) => weight),
        ['dense/kernel', 'dense/bias'],
      )
      assert.deepEqual(
        skipped.map(({ weight }) => weight),
        ['dense_1/kernel', 'dense_1/bias'],
      )
      assert.match(skipped[0]?.reason ?? '', /has shape \[5, 4\], but the model needs \[5, 9\]/)
    })
    it('are skipped as a layer when their number differs', async () => {
      const model = sequential({ layers: [layers.dense({ units: 5, useBias: false, inputShape: [4], name: 'dense' })] })
      const { skipped } = await model.loadWeights(bytesOf('stack.h5'), { byName: true, skipMismatch: true })
      assert.deepEqual(skipped, [
        { weight: 'dense/kernel', reason: 'layer "dense" of the file has 2 weights, but layer "dense" (Dense) needs 1' },
      ])
    })
    it('refuse options that mean nothing', async () => {
      const model = wider()
      await assert.rejects(
        model.loadWeights(goldenBytes('mlp'), { byName: true }),
        refusal('ArgumentError', 'keeps weights by position', 'byName'),
      )
      await assert.rejects(
        model.loadWeights(goldenBytes('mlp'), { byname: true } as never),
        refusal('ArgumentError', 'did you mean byName?'),
      )
      await assert.rejects(
        sequential([layers.dense({ units: 2 })]).loadWeights(goldenBytes('mlp')),
        refusal('ArgumentError', 'build(shape)'),
      )
    })
  })

  it('loadModel says that weights alone are no model', () =>
    assert.rejects(loadModel(bytesOf('stack.weights-only.h5')), refusal('FileError', 'no architecture', 'model.loadWeights(file)')))
})
