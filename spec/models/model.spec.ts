// Model: what is a model and what is not, what it says of itself, what it shares.

import assert from 'node:assert/strict'
import { GraphError } from '../../lib/ir/errors.js'
import { type NDArray, ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import { configure } from '../../lib/layers/settings.js'
import { model } from '../../lib/models/model.js'
import { sequential } from '../../lib/models/sequential.js'

const reference = { backend: 'reference' } as const

/** y = x · kernel, kernel given row by row. */
function linear(kernel: number[][], options: { name?: string; trainable?: boolean } = {}) {
  return layers.dense({ units: kernel[0]?.length ?? 0, useBias: false, weights: [kernel], ...options })
}

describe('model', () => {
  describe('refuses', () => {
    it('an output that depends on an input it was not given, naming both', () => {
      const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [2], name: 'b' })]
      const sum = layers.add({ name: 'total' }).apply([a, b])
      assert.throws(() => model({ inputs: a, outputs: sum, name: 'half' }), {
        name: 'GraphError',
        message: /model "half".*"total".*input "b".*disconnected.*hint/s,
      })
    })

    it('an output cut off from its inputs in the middle', () => {
      const a = input({ shape: [2], name: 'a' })
      const hidden = layers.dense({ units: 2, name: 'hidden' }).apply(a)
      const other = layers.dense({ units: 2 }).apply(input({ shape: [2], name: 'other' }))
      assert.throws(() => model({ inputs: hidden, outputs: other }), { name: 'GraphError', message: /input "other"/ })
    })

    it('two layers of one name', () => {
      const a = input({ shape: [2], name: 'a' })
      const twice = layers.activation({ activation: 'relu', name: 'same' }).apply(layers.dense({ units: 2, name: 'same' }).apply(a))
      assert.throws(() => model({ inputs: a, outputs: twice }), { name: 'GraphError', message: /"same" \(Dense and Activation\).*unique/s })
    })

    it('one input given twice', () => {
      const a = input({ shape: [2], name: 'a' })
      assert.throws(() => model({ inputs: [a, a], outputs: layers.add().apply([a, a]) }), {
        name: 'GraphError',
        message: /"a" is given twice/,
      })
    })

    it('anything but Keras tensors', () => {
      const a = input({ shape: [2] })
      for (const outputs of [ndarray([1]), 3, null, undefined, [], [3], { y: 'a' }]) {
        assert.throws(
          () => model({ inputs: a, outputs: outputs as never }),
          { name: 'ArgumentError', message: /model: outputs/ },
          String(outputs),
        )
      }
    })

    it('a mixture of spellings, and options it does not know', () => {
      const a = input({ shape: [2] })
      assert.throws(() => model({ inputs: a, output: a } as never), { name: 'ArgumentError', message: /not both/ })
      assert.throws(() => model({ inputs: a, outputs: a, depth: 3 } as never), { name: 'ArgumentError', message: /depth/ })
    })

    it('a mask that ends at a layer without masks, when strict', () => {
      const warnings: string[] = []
      const before = configure({ warn: message => warnings.push(message) })
      try {
        const a = input({ shape: [3, 2] })
        const flat = layers.flatten({ name: 'flat' }).apply(layers.masking().apply(a))
        assert.equal(warnings.length, 1)
        assert.match(warnings[0] ?? '', /"flat" \(Flatten\).*mask/)
        assert.doesNotThrow(() => model({ inputs: a, outputs: flat }))
        assert.throws(() => model({ inputs: a, outputs: flat, strictMasking: true }), { name: 'MaskError', message: /"flat"/ })
        configure({ strictMasking: true })
        assert.throws(() => layers.flatten().apply(layers.masking().apply(a)), { name: 'MaskError' })
      } finally {
        configure(before)
      }
    })
  })

  describe('gives', () => {
    it('layers by name and position, and says what there is otherwise', () => {
      const a = input({ shape: [2], name: 'a' })
      const made = model({ inputs: a, outputs: layers.dense({ units: 1, name: 'last' }).apply(a), name: 'net' })
      assert.equal(made.getLayer('last'), made.layers[1])
      assert.equal(made.getLayer(0).name, 'a')
      assert.throws(() => made.getLayer('first'), { name: 'GraphError', message: /"net".*"first".*a, last/s })
      assert.throws(() => made.getLayer(2), { name: 'GraphError', message: /at 2/ })
      assert.throws(() => made.getLayer(-1), GraphError)
    })

    it('its shapes, and those of a model with several inputs as those of the first', () => {
      const [a, b] = [input({ shape: [null, 2] }), input({ shape: [3] })]
      const made = model({ inputs: [a, b], outputs: [layers.dense({ units: 5 }).apply(a), b] })
      assert.deepEqual(made.inputShape, [null, null, 2])
      assert.deepEqual(made.outputShape, [null, null, 5])
      assert.deepEqual(made.inputNames, [a.name, b.name])
    })

    it('results in the structure of its outputs', async () => {
      const a = input({ shape: [2] })
      const [x, y] = [linear([[1], [1]]).apply(a), linear([[1], [-1]]).apply(a)]
      const data = ndarray([[3, 2]])
      const alone: NDArray = await model({ inputs: a, outputs: x }).predict(data, reference)
      const list: NDArray[] = await model({ inputs: a, outputs: [x, y] }).predict(data, reference)
      const named: { sum: NDArray; gap: NDArray } = await model({ inputs: a, outputs: { sum: x, gap: y } }).predict(data, reference)
      const short: NDArray[] = await model({ inputs: [a], outputs: [x] }).predict(data, reference)
      assert.deepEqual(alone.toArray(), [[5]])
      assert.deepEqual(
        list.map(array => array.toArray()),
        [[[5]], [[1]]],
      )
      assert.deepEqual([named.sum.toArray(), named.gap.toArray()], [[[5]], [[1]]])
      assert.deepEqual(
        short.map(array => array.toArray()),
        [[[5]]],
      )
    })

    it('one name to each output, even where one layer gives two', async () => {
      const a = input({ shape: [1], name: 'a' })
      const shared = linear([[2]], { name: 'twice' })
      const made = model({ inputs: a, outputs: [shared.apply(a), shared.apply(shared.apply(a)), a, a] })
      assert.deepEqual(made.outputNames, ['twice', 'twice_1', 'a', 'a_1'])
      assert.deepEqual(
        (await made.predict([[1]], reference)).map(array => array.data[0]),
        [2, 4, 1, 1],
      )
    })

    it('the spelling of Keras 1', async () => {
      const a = input({ shape: [1] })
      const made = model({ input: a, output: linear([[2]]).apply(a) })
      assert.deepEqual((await made.predict([[4]], reference)).toArray(), [[8]])
    })

    it('no part to a layer that it does not reach', () => {
      const a = input({ shape: [2], name: 'a' })
      const hidden = layers.dense({ units: 3, name: 'hidden' }).apply(a)
      layers.dense({ units: 9, name: 'aside' }).apply(hidden)
      const made = model({ inputs: a, outputs: layers.dense({ units: 1, name: 'out' }).apply(hidden) })
      assert.deepEqual(
        made.layers.map(({ name }) => name),
        ['a', 'hidden', 'out'],
      )
    })
  })

  describe('cut from the middle', () => {
    const whole = () => {
      const a = input({ shape: [2], name: 'a' })
      const first = linear(
        [
          [1, 0],
          [0, 2],
        ],
        { name: 'first' },
      )
      const second = linear([[1], [10]], { name: 'second' })
      const x = first.apply(a)
      return { a, x, y: second.apply(layers.activation({ activation: 'relu', name: 'bend' }).apply(x)), first, second }
    }

    it('shares the layers it has, and has no others', async () => {
      const { x, y, second } = whole()
      const tail = model({ inputs: x, outputs: y })
      assert.deepEqual(
        tail.layers.map(({ name }) => name),
        ['firstCLONE', 'bend', 'second'],
      )
      assert.equal(tail.countParams(), 2)
      assert.deepEqual((await tail.predict([[3, -1]], reference)).toArray(), [[3]])
      second.setWeights([[[2], [0]]])
      assert.deepEqual((await tail.predict([[3, -1]], reference)).toArray(), [[6]])
    })

    it('leaves the whole as it was', async () => {
      const { a, x, y } = whole()
      const before = model({ inputs: a, outputs: y })
      const config = before.toJSON()
      model({ inputs: x, outputs: y })
      assert.equal(before.toJSON(), config)
      assert.deepEqual((await before.predict([[1, 1]], reference)).toArray(), [[21]])
      assert.deepEqual((await model({ inputs: a, outputs: y }).predict([[1, 1]], reference)).toArray(), [[21]])
    })

    it('may begin at one input and one tensor between', async () => {
      const { a, x, y } = whole()
      const sum = layers.concatenate().apply([a, y])
      const made = model({ inputs: { here: a, there: x }, outputs: sum })
      assert.deepEqual(made.inputNames, ['a', 'firstCLONE'])
      assert.deepEqual((await made.predict({ a: [[7, 8]], firstCLONE: [[1, 1]] }, reference)).toArray(), [[7, 8, 11]])
    })

    it('does not call again what does not depend on it', async () => {
      const { x } = whole()
      const aside = layers.activation({ activation: 'relu' })
      const sum = layers.add().apply([x, aside.apply(input({ tensor: ndarray([[5, -5]]) }))])
      assert.deepEqual((await model({ inputs: x, outputs: sum }).predict([[1, 2]], reference)).toArray(), [[6, 2]])
      assert.equal(aside.calls.length, 1)
    })

    it('may give back what it was given', async () => {
      const { x } = whole()
      assert.deepEqual((await model({ inputs: x, outputs: x }).predict([[1, 2]], reference)).toArray(), [[1, 2]])
    })
  })

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
