// Feeding models: every form of data they take, and what they refuse.

import assert from 'node:assert/strict'
import { NDArray, ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { model } from '../../lib/models/model.js'
import { sequential } from '../../lib/models/sequential.js'
import type { Inputs } from '../../lib/runtime/feeds.js'

const reference = { backend: 'reference' } as const

/** x ↦ x[0] + 10 · x[1] + 100. */
function weighing() {
  return sequential({ name: 'net', layers: [layers.dense({ units: 1, inputShape: [2], weights: [[[1], [10]], [100]] })] })
}

/** (left, right) ↦ left − right. */
function gap(keys: 'list' | 'names' = 'list') {
  const [a, b] = [input({ shape: [2], name: 'left' }), input({ shape: [2], name: 'right' })]
  return model({ inputs: keys === 'list' ? [a, b] : { l: a, r: b }, outputs: layers.subtract().apply([a, b]), name: 'gap' })
}

const values = (array: NDArray): number[] => [...array.data]

describe('data for a model', () => {
  describe('takes', () => {
    const forms: Record<string, Inputs> = {
      'nested arrays': [
        [1, 2],
        [3, 4],
      ],
      'an NDArray': ndarray([
        [1, 2],
        [3, 4],
      ]),
      'a flat Float32Array': new Float32Array([1, 2, 3, 4]),
      'a flat Float64Array': new Float64Array([1, 2, 3, 4]),
      'integers for floats': new Int16Array([1, 2, 3, 4]),
      'an NDArray of integers': new NDArray(new Int32Array([1, 2, 3, 4]), [2, 2]),
      'a list of one': [
        ndarray([
          [1, 2],
          [3, 4],
        ]),
      ],
      'an object by name': {
        x: [
          [1, 2],
          [3, 4],
        ],
      },
      'a trailing axis too many': ndarray([
        [[1], [2]],
        [[3], [4]],
      ]),
    }
    for (const [form, data] of Object.entries(forms)) {
      it(form, async () => {
        const made = sequential([input({ shape: [2], name: 'x' }), layers.dense({ units: 1, weights: [[[1], [10]], [100]] })])
        for (const array of [await made.predict(data, reference), await made.run(data, reference)]) {
          assert.deepEqual(
            [array.shape, values(array)],
            [
              [2, 1],
              [121, 143],
            ],
          )
        }
      })
    }

    it('a trailing axis too few', async () => {
      const made = sequential([layers.dense({ units: 1, inputShape: [2, 1], useBias: false, kernelInitializer: 'ones' })])
      assert.deepEqual((await made.predict([[5, 6]], reference)).toArray(), [[[5], [6]]])
    })

    it('several inputs in order or by name, keys in any order', async () => {
      for (const made of [gap(), gap('names')]) {
        assert.deepEqual((await made.predict([[[5, 6]], [[1, 1]]], reference)).toArray(), [[4, 5]])
        assert.deepEqual((await made.predict({ right: [[1, 1]], left: ndarray([[5, 6]]) }, reference)).toArray(), [[4, 5]])
      }
    })

    it('several inputs by the keys they were given under', async () => {
      const data = { r: [[1, 1]], l: [[5, 6]] }
      assert.deepEqual((await gap('names').predict(data, reference)).toArray(), [[4, 5]])
      assert.deepEqual((await gap('names').run(data, reference)).toArray(), [[4, 5]])
      assert.deepEqual(await gap('names').losses(data, reference), [])
      const [a, b] = [input({ shape: [2], name: 'left' }), input({ shape: [2], name: 'right' })]
      const crossed = model({ inputs: { right: a, left: b }, outputs: layers.subtract().apply([a, b]) })
      assert.deepEqual((await crossed.predict({ right: [[5, 6]], left: [[1, 1]] }, reference)).toArray(), [[4, 5]], 'keys win over names')
      const c = input({ tensor: ndarray([[1, 1]]), name: 'one' })
      const bound = model({ inputs: { l: a, c }, outputs: layers.subtract().apply([a, c]) })
      assert.deepEqual((await bound.predict({ l: [[5, 6]] }, reference)).toArray(), [[4, 5]])
      for (const odd of [{ l: [[5, 6]] }, { l: [[5, 6]], right: [[1, 1]] }, { ...data, left: [[0, 0]] }, { ...data, more: [[1, 1]] }])
        await assert.rejects(gap('names').predict(odd, reference), { name: 'ArgumentError' })
    })

    it('whole numbers and booleans where they are asked for', async () => {
      const [a, b] = [input({ shape: [2], dtype: 'int32', name: 'a' }), input({ shape: [2], dtype: 'bool', name: 'b' })]
      const made = model({ inputs: [a, b], outputs: [layers.flatten().apply(a), layers.flatten().apply(b)] })
      const [ints, bools] = await made.predict([[[2 ** 30 + 1, -3]], [[true, false]]], reference)
      assert.deepEqual([ints?.dtype, ints?.toArray()], ['int32', [[2 ** 30 + 1, -3]]])
      assert.deepEqual([bools?.dtype, bools?.toArray()], ['bool', [[true, false]]])
    })

    it('coordinates for a sparse input', async () => {
      const a = input({ shape: [3], sparse: true, name: 'a' })
      const made = model({ inputs: a, outputs: layers.dense({ units: 1, weights: [[[1], [10], [100]], [0]] }).apply(a) })
      const data = {
        indices: [
          [0, 1],
          [1, 2],
          [1, 0],
          [1, 0],
        ],
        values: [2, 3, 4, 1],
        shape: [3, 3],
      }
      assert.deepEqual((await made.predict(data, reference)).toArray(), [[20], [305], [0]])
      assert.deepEqual((await made.predict({ a: data }, reference)).toArray(), [[20], [305], [0]])
      assert.deepEqual((await made.predict([[1, 1, 1]], reference)).toArray(), [[111]], 'dense data too')
      await assert.rejects(
        made.predict(
          {
            ...data,
            indices: [
              [0, 3],
              [1, 2],
              [1, 0],
              [1, 0],
            ],
          },
          reference,
        ),
        { name: 'ShapeError', message: /"a".*\[0, 3\].*outside/ },
      )
      await assert.rejects(made.predict({ ...data, values: [1] }, reference), { name: 'ArgumentError', message: /4 indices but 1 values/ })
    })

    it('no data for an input that is bound', async () => {
      const a = input({ shape: [2], name: 'a' })
      const bound = input({ tensor: ndarray([[1, 2]]), name: 'bound' })
      const sum = layers.add().apply([a, bound])
      for (const made of [model({ inputs: [a, bound], outputs: sum }), model({ inputs: a, outputs: sum })]) {
        assert.deepEqual(
          (
            await made.predict(
              [
                [1, 1],
                [5, 5],
              ],
              reference,
            )
          ).toArray(),
          [
            [2, 3],
            [6, 7],
          ],
        )
        assert.equal(made.countParams(), 0)
      }
      const alone = model({ inputs: bound, outputs: layers.activation({ activation: 'relu' }).apply(bound) })
      assert.deepEqual((await alone.predict({}, reference)).toArray(), [[1, 2]])
    })

    it('no rows at all', async () => {
      const array = await weighing().predict(new NDArray(new Float32Array(0), [0, 2]), reference)
      assert.deepEqual([array.shape, array.data.length], [[0, 1], 0])
    })

    it('what stays the caller’s: it is neither kept nor changed', async () => {
      const made = weighing()
      const data = new Float32Array([1, 2])
      const first = await made.predict(data, reference)
      data.fill(0)
      const second = await made.predict(data, reference)
      assert.deepEqual([values(first), values(second)], [[121], [100]])
      first.data.fill(-1)
      assert.deepEqual(values(await made.predict([[1, 2]], reference)), [121])
    })
  })

  describe('refuses', () => {
    const refuses = (what: string, made: () => BaseModel<unknown>, data: unknown, error: { name: string; message: RegExp }) => {
      it(what, async () => {
        await assert.rejects(made().predict(data as Inputs, reference), error)
        await assert.rejects(made().run(data as Inputs, reference), error)
      })
    }
    refuses('too few inputs', gap, [ndarray([[1, 2]])], {
      name: 'ArgumentError',
      message: /"gap" .*2 inputs \("left", "right"\), got data for 1/,
    })
    refuses('data for one input of two', gap, ndarray([[1, 2]]), { name: 'ArgumentError', message: /2 inputs.*got data for one/ })
    refuses('too many inputs', gap, [[[1, 2]], [[1, 2]], [[1, 2]]], { name: 'ArgumentError', message: /got data for 3/ })
    refuses(
      'a name it does not have',
      gap,
      { left: [[1, 2]], rihgt: [[1, 2]] },
      { name: 'ArgumentError', message: /no input "rihgt".*"left", "right"/s },
    )
    refuses('a name left out', gap, { left: [[1, 2]] }, { name: 'ArgumentError', message: /input "right"/ })
    refuses(
      'a name from its prototype',
      gap,
      { left: [[1, 2]], toString: [[1]] },
      { name: 'ArgumentError', message: /no input "toString"/ },
    )
    refuses('nothing', weighing, undefined, { name: 'ArgumentError', message: /needs data.*undefined/ })
    refuses('text', weighing, 'abc', { name: 'ArgumentError', message: /typed array, a nested array or an NDArray, got/ })
    refuses('a wrong rank', weighing, [[[1, 2]]], { name: 'ShapeError', message: /rank 2, got rank 3/ })
    refuses('a wrong size', weighing, [[1, 2, 3]], { name: 'ShapeError', message: /2 at axis 1, got 3/ })
    refuses('a flat array of a wrong length', weighing, new Float32Array(3), {
      name: 'ShapeError',
      message: /a multiple of 2 values, got 3/,
    })
    refuses('ragged arrays', weighing, [[1, 2], [3]], { name: 'ArgumentError', message: /rectangular/ })
    refuses('holes', weighing, [[1, undefined]], { name: 'ArgumentError', message: /expected a number/ })
    refuses('a flat array that does not say its shape', () => sequential([input({ shape: [null, 2] })]), new Float32Array(4), {
      name: 'ShapeError',
      message: /2 unknown sizes.*NDArray/s,
    })
    refuses(
      'coordinates for a dense input',
      weighing,
      { indices: [], values: [], shape: [1, 2] },
      { name: 'ArgumentError', message: /dense.*sparse: true/s },
    )
    refuses('fractions for whole numbers', () => sequential([input({ shape: [1], dtype: 'int32' })]), [[1.5]], {
      name: 'DTypeError',
      message: /int32, but value 0 is 1.5/,
    })
    refuses('numbers out of range', () => sequential([input({ shape: [1], dtype: 'int32' })]), [[2 ** 31]], {
      name: 'DTypeError',
      message: /int32/,
    })
    refuses('anything but 0 and 1 for booleans', () => sequential([input({ shape: [1], dtype: 'bool' })]), [[2]], {
      name: 'DTypeError',
      message: /bool/,
    })

    it('inputs of different lengths', async () => {
      await assert.rejects(
        gap().predict(
          [
            [[1, 2]],
            [
              [1, 2],
              [3, 4],
            ],
          ],
          reference,
        ),
        { name: 'ShapeError', message: /"left" 1, "right" 2/ },
      )
    })

    it('a batch size that is none', async () => {
      for (const batchSize of [0, -1, 1.5, Number.NaN, '2' as never]) {
        await assert.rejects(weighing().predict([[1, 2]], { ...reference, batchSize }), { name: 'ArgumentError', message: /batchSize/ })
      }
    })

    it('a backend it does not know', async () => {
      await assert.rejects(weighing().predict([[1, 2]], { backend: 'gpu' }), { name: /BackendError|ArgumentError/, message: /gpu/ })
    })
  })
})
