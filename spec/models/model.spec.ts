// Model: what is a model and what is not, what it says of itself, how it is cut from another.

import assert from 'node:assert/strict'
import { GraphError } from '../../lib/ir/errors.js'
import { type NDArray, ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import { configure } from '../../lib/layers/settings.js'
import { modelFromJSON } from '../../lib/models/fromConfig.js'
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

    it('names that no path or object can hold', () => {
      for (const name of ['', 'a/b', '__proto__'])
        assert.throws(() => input({ shape: [2], name }), { name: 'ArgumentError', message: /name (?:should|cannot) be/ }, name)
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

    describe('a mask that ends inside a model in it', () => {
      const flattening = (options: object = {}) => {
        const x = input({ shape: [3, 2] })
        return model({ inputs: x, outputs: layers.flatten({ name: 'flat' }).apply(x), ...options })
      }
      const nested = (options: object = {}) => {
        const x = input({ shape: [3, 2] })
        return model({ inputs: x, outputs: flattening(options).apply(x) })
      }
      const stacked = (options: object = {}) => sequential({ layers: [layers.flatten({ name: 'flat' })], ...options })
      for (const [what, make, direct] of [
        ['functional', flattening, true],
        ['two deep', nested, false],
        ['sequential', stacked, true],
      ] as const) {
        it(`${what}: one warning when it is called, none when it runs, an error when strict`, () => {
          const warnings: string[] = []
          const before = configure({ warn: message => warnings.push(message) })
          try {
            const a = input({ shape: [3, 2] })
            const masked = layers.masking().apply(a)
            const inner = make()
            const y = inner.apply(masked)
            assert.equal(warnings.length, 1)
            assert.match(warnings[0] ?? '', /"flat" \(Flatten\).*mask/)
            model({ inputs: a, outputs: y }).trace()
            assert.equal(warnings.length, 1)
            assert.throws(() => model({ inputs: a, outputs: y, strictMasking: true }), {
              name: 'MaskError',
              message: new RegExp(inner.name),
            })
            assert.throws(() => sequential({ layers: [a, masked.call.layer, make()], strictMasking: true }), { name: 'MaskError' })
            assert.throws(() => make({ strictMasking: true }).apply(masked), { name: 'MaskError', message: /"flat"/ })
            if (direct) assert.doesNotThrow(() => make({ strictMasking: true }).apply(a))
            configure({ strictMasking: true })
            const count = inner.calls.length
            assert.throws(() => inner.apply(masked), { name: 'MaskError', message: /"flat"/ })
            assert.equal(inner.calls.length, count)
            assert.doesNotThrow(() => inner.apply(masked, { mask: null }))
          } finally {
            configure(before)
          }
        })
      }

      it('is warned of once, where it ended first', () => {
        const warnings: string[] = []
        const before = configure({ warn: message => warnings.push(message) })
        try {
          const inner = sequential([layers.masking({ inputShape: [3, 2] }), layers.flatten()])
          assert.equal(warnings.length, 1)
          inner.apply(input({ shape: [3, 2] }))
          assert.equal(warnings.length, 1)
          configure({ strictMasking: true })
          assert.throws(() => inner.apply(input({ shape: [3, 2] })), { name: 'MaskError' })
        } finally {
          configure(before)
        }
      })
    })
  })

  it('has no JSON when it reads a constant that is not among its inputs', () => {
    const [a, c] = [input({ shape: [2], name: 'a' }), input({ tensor: ndarray([[1, 2]]), name: 'c' })]
    const y = layers.add().apply([a, c])
    const made = model({ inputs: a, outputs: y })
    assert.throws(() => made.toJSON(), { name: 'GraphError', message: /"c" \(InputLayer\) binds a constant/ })
    assert.throws(() => sequential([made]).toJSON(), { name: 'GraphError', message: /"c"/ })
    assert.deepEqual(modelFromJSON(model({ inputs: [a, c], outputs: y }).toJSON()).inputNames, ['a', 'c'])
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
})
