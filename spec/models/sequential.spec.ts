// Sequential: adding, removing, building, and every way to say the shape of the input.

import assert from 'node:assert/strict'
import type { LayerOptions } from '../../lib/layers/baseOptions.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import { configure } from '../../lib/layers/settings.js'
import { model } from '../../lib/models/model.js'
import { Sequential, sequential } from '../../lib/models/sequential.js'
import * as K from '../../lib/ops/functional/index.js'

const reference = { backend: 'reference' } as const

const names = (made: Sequential): string[] => made.layers.map(({ name }) => name)

describe('Sequential', () => {
  describe('knows its input', () => {
    const ways: Record<string, [options: LayerOptions, shape: (number | null)[]]> = {
      inputShape: [{ inputShape: [5, 3] }, [null, 5, 3]],
      'inputShape with a size unknown': [{ inputShape: [null, 3] }, [null, null, 3]],
      'inputShape and batchSize': [{ inputShape: [5, 3], batchSize: 2 }, [2, 5, 3]],
      batchInputShape: [{ batchInputShape: [null, 5, 3] }, [null, 5, 3]],
      'batchInputShape with a batch': [{ batchInputShape: [4, 5, 3] }, [4, 5, 3]],
      inputDim: [{ inputDim: 3 }, [null, 3]],
    }
    for (const [way, [options, shape]] of Object.entries(ways)) {
      it(`from ${way} of its first layer`, () => {
        const made = sequential([layers.dense({ units: 2, ...options })])
        assert.deepEqual(made.inputShape, shape)
        assert.deepEqual(made.outputShape, [...shape.slice(0, -1), 2])
        assert.equal(made.built, true)
      })
    }

    it('from an input, as a tensor or a layer', () => {
      assert.deepEqual(sequential([input({ shape: [3] }), layers.dense({ units: 2 })]).inputShape, [null, 3])
      assert.deepEqual(sequential([layers.inputLayer({ shape: [3] }), layers.dense({ units: 2 })]).inputShape, [null, 3])
    })

    it('from a model that comes first', () => {
      const inner = sequential([layers.dense({ units: 4, inputShape: [3] })])
      const a = input({ shape: [7] })
      const functional = model({ inputs: a, outputs: layers.dense({ units: 2 }).apply(a) })
      assert.deepEqual(sequential([inner, layers.dense({ units: 2 })]).inputShape, [null, 3])
      assert.deepEqual(sequential([functional]).outputShape, [null, 2])
    })

    it('from build', () => {
      const made = sequential([layers.dense({ units: 4, name: 'first' }), layers.dense({ units: 2 })])
      assert.equal(made.built, false)
      assert.equal(made.weights.length, 0)
      made.build([null, 3])
      assert.equal(made.built, true)
      assert.equal(made.countParams(), 3 * 4 + 4 + 4 * 2 + 2)
      made.build([null, 9])
      assert.deepEqual(made.inputShape, [null, 3], 'the first shape counts')
    })

    it('from its first call', async () => {
      const inner = sequential([layers.dense({ units: 2, useBias: false, kernelInitializer: 'ones' })])
      const a = input({ shape: [3] })
      const outer = model({ inputs: a, outputs: inner.apply(a) })
      assert.deepEqual(inner.inputShape, [null, 3])
      assert.deepEqual((await outer.predict([[1, 2, 3]], reference)).toArray(), [[6, 6]])
      assert.deepEqual((await inner.predict([[1, 2, 3]], reference)).toArray(), [[6, 6]])
    })

    it('or says how to tell it', async () => {
      const made = sequential({ name: 'net', layers: [layers.dense({ units: 2 })] })
      const wanted = { name: 'GraphError', message: /"net".*shape of its input.*inputShape/s }
      await assert.rejects(made.predict([[1]], reference), wanted)
      assert.throws(() => made.inputShape, wanted)
      assert.throws(() => made.trace(), wanted)
    })
  })

  it('runs on any number of rows, whatever batch it was built for', async () => {
    const made = sequential([layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones', batchInputShape: [2, 3] })])
    assert.deepEqual(made.outputShape, [2, 1])
    for (const rows of [1, 2, 5]) {
      const data = Array.from({ length: rows }, (_, k) => [k, 1, 1])
      assert.deepEqual(
        (await made.predict(data, reference)).toArray(),
        data.map(([k = 0]) => [k + 2]),
      )
    }
    const exe = await made.lower(reference)
    assert.equal(exe.inputs[made.inputNames[0] ?? '']?.length, 6, 'lowered for the batch it was built for')
    exe.dispose()
  })

  it('keeps a batch that a layer needs', async () => {
    const turn = layers.lambda({ name: 'turn', fn: x => K.transpose(x) })
    const made = sequential([input({ batchShape: [2, 3] }), turn, layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' })])
    assert.deepEqual(
      (
        await made.predict(
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          reference,
        )
      ).toArray(),
      [[5], [7], [9]],
    )
    await assert.rejects(made.predict([[1, 2, 3]], reference), { name: 'ShapeError', message: /2 at axis 0, got 1/ })
  })

  it('adds layers at the end, before and after it is built', async () => {
    const made = new Sequential()
    made.add(layers.dense({ units: 2, name: 'one', useBias: false, kernelInitializer: 'ones' }))
    made.add(layers.dense({ units: 2, name: 'two', useBias: false, kernelInitializer: 'ones' }))
    made.build([null, 1])
    assert.deepEqual((await made.predict([[1]], reference)).toArray(), [[2, 2]])
    made.add(layers.dense({ units: 1, name: 'three', useBias: false, kernelInitializer: 'ones' }))
    assert.deepEqual(names(made), ['one', 'two', 'three'])
    assert.deepEqual((await made.predict([[1]], reference)).toArray(), [[4]])
  })

  it('removes the last layer', async () => {
    const made = sequential([
      layers.dense({ units: 2, name: 'one', inputShape: [1], useBias: false, kernelInitializer: 'ones' }),
      layers.dense({ units: 1, name: 'two', useBias: false, kernelInitializer: 'ones' }),
    ])
    assert.deepEqual((await made.predict([[3]], reference)).toArray(), [[6]])
    assert.equal(made.pop().name, 'two')
    assert.deepEqual(made.outputShape, [null, 2])
    assert.deepEqual((await made.predict([[3]], reference)).toArray(), [[3, 3]])
    made.pop()
    assert.throws(() => made.pop(), { name: 'GraphError', message: /no layer to remove/ })
  })

  it('keeps its input when the last layer goes, as in Keras', () => {
    const made = sequential([layers.dense({ units: 2, name: 'one', inputShape: [3] })])
    made.pop()
    made.add(layers.dense({ units: 5, name: 'again' }))
    assert.deepEqual(
      [made.inputShape, made.outputShape],
      [
        [null, 3],
        [null, 5],
      ],
    )
  })

  it('refuses what it cannot stack, and stays as it was', () => {
    const made = sequential([layers.dense({ units: 2, name: 'one', inputShape: [3] })])
    const before = made.toJSON()
    assert.throws(() => made.add(layers.dense({ units: 1, name: 'one' })), { name: 'GraphError', message: /already a layer named "one"/ })
    assert.throws(() => made.add(input({ shape: [2] })), { name: 'GraphError', message: /must come first/ })
    assert.throws(() => made.add(layers.inputLayer({ shape: [2] })), { name: 'GraphError', message: /must come first/ })
    assert.throws(() => made.add(layers.permute({ dims: [2, 1] })), { name: 'ShapeError' })
    assert.throws(() => made.add(layers.add()), { name: 'ShapeError' })
    assert.throws(() => made.add('relu' as never), { name: 'ArgumentError', message: /takes a layer, got relu/ })
    assert.throws(() => made.add(layers.dense({ units: 1 }).apply(input({ shape: [2] }))), { name: 'ArgumentError' })
    assert.equal(made.toJSON(), before)
  })

  it('refuses a shape that its layers refuse, and stays unbuilt', () => {
    const made = sequential([layers.dense({ units: 2 }), layers.permute({ dims: [2, 1] })])
    assert.throws(() => made.build([null, 3]), { name: 'ShapeError', message: /Permute/ })
    assert.equal(made.built, false)
    made.build([null, 5, 3])
    assert.deepEqual(made.outputShape, [null, 2, 5])
  })

  it('ends masks only where it may', () => {
    const warnings: string[] = []
    const before = configure({ warn: message => warnings.push(message) })
    try {
      sequential([layers.masking({ inputShape: [3, 2] }), layers.flatten()])
      assert.equal(warnings.length, 1)
      const strict = sequential({ strictMasking: true, layers: [layers.masking({ inputShape: [3, 2] })] })
      assert.throws(() => strict.add(layers.flatten({ name: 'flat' })), { name: 'MaskError', message: /"flat"/ })
      assert.equal(strict.layers.length, 1)
    } finally {
      configure(before)
    }
  })

  it('is a stack: its layers are its weights in order, and it hides its input', () => {
    const made = sequential([input({ shape: [2] }), layers.dense({ units: 2, name: 'one' }), layers.dense({ units: 1, name: 'two' })])
    assert.deepEqual(names(made), ['one', 'two'])
    assert.deepEqual(
      made.weights.map(({ path }) => path),
      ['one/kernel', 'one/bias', 'two/kernel', 'two/bias'],
    )
    assert.equal(made.getLayer(0).name, 'one')
  })
})
