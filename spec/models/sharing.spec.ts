// Sharing: layers called twice, models inside models, and the weights that all of them have in common.

import assert from 'node:assert/strict'
import { type NDArray, ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import { model } from '../../lib/models/model.js'
import { sequential } from '../../lib/models/sequential.js'

const reference = { backend: 'reference' } as const

/** y = x · kernel, kernel given row by row. */
function linear(kernel: number[][], options: { name?: string; trainable?: boolean } = {}) {
  return layers.dense({ units: kernel[0]?.length ?? 0, useBias: false, weights: [kernel], ...options })
}

describe('layers and weights of models', () => {
  describe('shared layers', () => {
    it('have their weights once, in the order of the layers', () => {
      const a = input({ shape: [2], name: 'a' })
      const shared = layers.dense({ units: 2, name: 'shared' })
      const made = model({ inputs: a, outputs: layers.dense({ units: 1, name: 'last' }).apply(shared.apply(shared.apply(a))) })
      assert.deepEqual(
        made.weights.map(({ path }) => path),
        ['shared/kernel', 'shared/bias', 'last/kernel', 'last/bias'],
      )
      assert.equal(made.countParams(), 9)
    })

    it('compute anew for each call, and call it by its number', async () => {
      const a = input({ shape: [1], name: 'a' })
      const shared = linear([[3]], { name: 'shared' })
      const made = model({ inputs: a, outputs: shared.apply(shared.apply(a)) })
      assert.deepEqual((await made.predict([[1], [2]], reference)).toArray(), [[9], [18]])
      const text = made.graphText()
      assert.match(text, /@ shared#0/)
      assert.match(text, /@ shared#1/)
    })

    it('of nested models follow the weights of either', async () => {
      const a = input({ shape: [1] })
      const inner = sequential({ name: 'inner', layers: [input({ shape: [1] }), linear([[2]], { name: 'w' })] })
      const outer = model({ inputs: a, outputs: inner.apply(inner.apply(a)) })
      assert.deepEqual((await outer.predict([[1]], reference)).toArray(), [[4]])
      inner.setWeights([[[3]]])
      assert.deepEqual((await outer.predict([[1]], reference)).toArray(), [[9]])
      outer.setWeights([[[5]]])
      assert.deepEqual((await inner.predict([[1]], reference)).toArray(), [[5]])
    })
  })

  describe('nested models', () => {
    const inner = () => {
      const [a, b] = [input({ shape: [2] }), input({ shape: [null, 3] })]
      return model({ inputs: [a, b], outputs: [layers.activation({ activation: 'relu' }).apply(a), b], name: 'inner' })
    }

    it('take what fits their inputs, with several outputs as a list', () => {
      const outputs = inner().applyAll([input({ shape: [2] }), input({ batchShape: [7, 4, 3] })])
      assert.deepEqual(
        outputs.map(({ shape }) => shape),
        [
          [null, 2],
          [7, 4, 3],
        ],
      )
      assert.throws(() => inner().apply([input({ shape: [2] }), input({ shape: [4, 3] })]), {
        name: 'ArgumentError',
        message: /2 outputs.*applyAll/s,
      })
    })

    it('refuse what does not fit their inputs, though no layer inside would mind', () => {
      assert.throws(() => inner().applyAll([input({ shape: [3] }), input({ shape: [4, 3] })]), {
        name: 'ShapeError',
        message: /"inner".*\(None, 2\), got \(None, 3\)/s,
      })
      assert.throws(() => inner().applyAll([input({ shape: [2] }), input({ shape: [3] })]), { name: 'ShapeError', message: /"inner"/ })
      assert.throws(() => inner().applyAll([input({ shape: [2] })]), { name: 'ArgumentError', message: /"inner".*2 inputs, got 1/s })
    })

    it('take any number of rows, whatever they were made for', () => {
      const a = input({ batchShape: [2, 3] })
      const fixed = model({ inputs: a, outputs: layers.dense({ units: 1 }).apply(a) })
      assert.deepEqual(fixed.apply(input({ shape: [3] })).shape, [null, 1])
    })

    it('are unchanged by a call that fails', () => {
      const made = inner()
      assert.throws(() => made.applyAll([input({ shape: [3] }), input({ shape: [4, 3] })]))
      assert.equal(made.calls.length, 0)
      assert.equal(made.built, true)
    })

    it('carry masks in and out', () => {
      const stack = sequential([layers.dense({ units: 2, inputShape: [3, 2] }), layers.activation({ activation: 'relu' })])
      const a = input({ shape: [3, 2] })
      assert.notEqual(stack.apply(layers.masking().apply(a)).mask, null)
      assert.equal(stack.apply(a).mask, null)
    })
  })

  describe('trainable', () => {
    const build = () => {
      const a = input({ shape: [2], name: 'a' })
      const core = sequential({
        name: 'core',
        layers: [layers.dense({ units: 2, name: 'in', inputShape: [2] }), layers.batchNormalization({ name: 'norm' })],
      })
      const made = model({ inputs: a, outputs: layers.dense({ units: 1, name: 'out' }).apply(core.apply(a)) })
      return { made, core, names: () => made.trainableWeights.map(({ path }) => path) }
    }

    it('of a layer takes its weights from the trainable ones, whatever contains it', () => {
      const { made, core, names } = build()
      assert.deepEqual(names(), ['in/kernel', 'in/bias', 'norm/gamma', 'norm/beta', 'out/kernel', 'out/bias'])
      core.getLayer('in').trainable = false
      assert.deepEqual(names(), ['norm/gamma', 'norm/beta', 'out/kernel', 'out/bias'])
      assert.equal(made.nonTrainableWeights.length, 4)
      assert.equal(made.weights.length, 8)
    })

    it('of a model is that of all its layers', () => {
      const { made, core, names } = build()
      made.trainable = false
      assert.deepEqual(names(), [])
      assert.equal(core.getLayer('norm').trainable, false)
      core.trainable = true
      assert.deepEqual(names(), [], 'a frozen model has no trainable weights')
      made.trainable = true
      assert.equal(names().length, 6)
    })

    it('can be an option', () => {
      const a = input({ shape: [2] })
      const hidden = layers.dense({ units: 2 })
      model({ inputs: a, outputs: hidden.apply(a), trainable: false })
      assert.equal(hidden.trainable, false)
    })

    it('decides how batch normalisation runs in training', async () => {
      const a = input({ shape: [1] })
      const norm = layers.batchNormalization({ name: 'norm' })
      const made = model({ inputs: a, outputs: norm.apply(a) })
      const data = ndarray([[1], [3]])
      const spread = (array: NDArray): number => (array.data[1] as number) - (array.data[0] as number)
      const inference = spread(await made.run(data, reference))
      assert.ok(Math.abs(spread(await made.run(data, { ...reference, training: true })) - 2) < 0.01, 'normalised by the batch')
      const moved = made.getWeights().map(({ data }) => [...data])
      norm.trainable = false
      const frozen = spread(await made.run(data, { ...reference, training: true }))
      assert.ok(Math.abs(frozen - inference) < 0.01, 'normalised by the moving statistics')
      assert.deepEqual(
        made.getWeights().map(({ data }) => [...data]),
        moved,
        'which do not move',
      )
    })
  })

  describe('weights', () => {
    const build = () => {
      const a = input({ shape: [2], name: 'a' })
      return model({ inputs: a, outputs: layers.dense({ units: 1, name: 'out' }).apply(a), name: 'net' })
    }

    it('come as copies', () => {
      const made = build()
      const [kernel] = made.getWeights()
      kernel?.data.fill(99)
      assert.ok(!made.getWeights()[0]?.data.includes(99))
      const given = new Float32Array([1, 2])
      made.setWeights([given, [0]])
      given.fill(7)
      assert.deepEqual(made.getWeights()[0]?.toArray(), [[1], [2]])
    })

    it('stay as they were when one of those given does not fit', () => {
      const made = build()
      made.setWeights([[[1], [2]], [3]])
      for (const wrong of [
        [[[9], [9]]],
        [[[9], [9]], [9], [9]],
        [
          [[9], [9]],
          [9, 9],
        ],
        [[[9, 9]], [9]],
        [new Int32Array([9, 9]), ['a' as never]],
        [new Float32Array([9, 9]), null as never],
      ]) {
        assert.throws(() => made.setWeights(wrong as never), { name: /ArgumentError|ShapeError|DTypeError/ }, JSON.stringify(wrong))
        assert.deepEqual(
          made.getWeights().map(array => array.toArray()),
          [[[1], [2]], [3]],
        )
      }
      assert.throws(
        () =>
          made.setWeights([
            [[9], [9]],
            [9, 9],
          ]),
        /out\/bias/,
      )
    })

    it('that change after lowering change what is computed', async () => {
      const made = build()
      made.setWeights([[[1], [2]], [3]])
      const exe = await made.lower(reference)
      assert.deepEqual(exe.run([[1, 1]]).toArray(), [[6]])
      made.setWeights([[[1], [1]], [0]])
      assert.deepEqual(exe.run([[1, 1]]).toArray(), [[2]])
      made.getLayer('out').setWeights([[[0], [0]], [5]])
      assert.deepEqual(exe.run([[1, 1]]).toArray(), [[5]])
      exe.dispose()
    })
  })
})
