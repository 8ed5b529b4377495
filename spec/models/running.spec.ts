// Running models: how batches join, what is compiled and kept.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { NDArray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import { model } from '../../lib/models/model.js'
import { sequential } from '../../lib/models/sequential.js'
import * as K from '../../lib/ops/functional/index.js'

const reference = { backend: 'reference' } as const

/** x ↦ x[0] + 10 · x[1] + 100. */
function weighing() {
  return sequential({ name: 'net', layers: [layers.dense({ units: 1, inputShape: [2], weights: [[[1], [10]], [100]] })] })
}

const values = (array: NDArray): number[] => [...array.data]

describe('running a model', () => {
  describe('in batches', () => {
    it('gives what one run gives, for any number of rows and any batch size', async () => {
      const a = input({ shape: [3], name: 'a' })
      const hidden = layers.dense({ units: 4, activation: 'tanh' }).apply(a)
      const made = model({ inputs: a, outputs: { hidden, out: layers.dense({ units: 2, activation: 'softmax' }).apply(hidden) } })
      const cases = fc.tuple(fc.integer({ min: 0, max: 13 }), fc.integer({ min: 1, max: 15 }))
      await fc.assert(
        fc.asyncProperty(cases, async ([rows, batchSize]) => {
          const data = new NDArray(
            Float32Array.from({ length: rows * 3 }, (_, k) => Math.sin(k)),
            [rows, 3],
          )
          const whole = await made.run(data, reference)
          const batches = await made.predict(data, { ...reference, batchSize })
          assert.deepEqual(batches, whole)
        }),
        { numRuns: 60 },
      )
    })

    it('keeps whole numbers whole', async () => {
      const made = sequential([input({ shape: [1], dtype: 'int32' }), layers.flatten()])
      const array = await made.predict([[1], [2 ** 30 + 1], [3]], { ...reference, batchSize: 2 })
      assert.deepEqual([array.dtype, values(array)], ['int32', [1, 2 ** 30 + 1, 3]])
    })

    it('shows progress when asked', async () => {
      const texts: string[] = []
      const write = (text: string) => texts.push(text)
      await weighing().predict(new Float32Array(10), { ...reference, batchSize: 2, verbose: 1, write })
      assert.equal(texts.length, 3)
      assert.match(texts[0] ?? '', /^\r1\/3 ━{7} {13} \d+s \d/)
      assert.match(texts[2] ?? '', /^\r3\/3 ━{20} \d+s [\d.]+ms\/step\n$/)
      texts.length = 0
      await weighing().predict([[1, 2]], { ...reference, verbose: 1, write })
      assert.match(texts.join(''), /^\r1\/1 ━{20} .*\n$/)
      texts.length = 0
      await weighing().predict([[1, 2]], { ...reference, write })
      assert.deepEqual(texts, [])
    })

    it('says so when an output has no rows to join', async () => {
      const made = sequential([layers.lambda({ fn: x => K.sum(x), inputShape: [2] })])
      assert.deepEqual(
        (
          await made.predict(
            [
              [1, 2],
              [3, 4],
            ],
            reference,
          )
        ).toArray(),
        10,
      )
      await assert.rejects(
        made.predict(
          [
            [1, 2],
            [3, 4],
          ],
          { ...reference, batchSize: 1 },
        ),
        { name: 'ShapeError', message: /batch axis.*run\(\)/s },
      )
    })
  })

  describe('keeps what it compiled', () => {
    it('until the layers change', async () => {
      const made = weighing()
      assert.deepEqual(values(await made.predict([[1, 2]], reference)), [121])
      made.add(layers.activation({ activation: x => K.negative(x) }))
      assert.deepEqual(values(await made.predict([[1, 2]], reference)), [-121])
      made.pop()
      assert.deepEqual(values(await made.predict([[1, 2]], reference)), [121])
    })

    it('for each mode: dropout drops in training only', async () => {
      const made = sequential([layers.dropout({ rate: 0.5, seed: 1, inputShape: [64] })])
      const data = new NDArray(new Float32Array(64).fill(1), [1, 64])
      const ones = values(await made.predict(data, reference))
      const dropped = values(await made.run(data, { ...reference, training: true }))
      const again = values(await made.run(data, { ...reference, training: true }))
      assert.deepEqual(ones, Array(64).fill(1))
      assert.deepEqual([...new Set(dropped)].sort(), [0, 2])
      assert.notDeepEqual(dropped, again, 'every run draws anew')
      assert.deepEqual(values(await made.predict(data, reference)), ones)
    })

    it('and runs two predictions at once as well as one after the other', async () => {
      const made = weighing()
      const both = await Promise.all([
        made.predict(
          [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          { ...reference, batchSize: 1 },
        ),
        made.predict([[7, 8]], reference),
      ])
      assert.deepEqual(both.map(values), [[121, 143, 165], [187]])
    })
  })

  describe('refuses', () => {
    it('to run once it is disposed, but keeps its weights', async () => {
      const made = weighing()
      await made.predict([[1, 2]], reference)
      made.dispose()
      made.dispose()
      const error = { name: 'DisposedError', message: /"net".*disposed/ }
      await assert.rejects(made.predict([[1, 2]], reference), error)
      await assert.rejects(made.run([[1, 2]], reference), error)
      await assert.rejects(made.lower(reference), error)
      assert.throws(() => made.lowerSync(reference), error)
      assert.throws(() => made.trace(), error)
      assert.equal(made.getWeights().length, 2)
    })

    it('executables that are disposed, while others run on', async () => {
      const made = weighing()
      const [one, two] = [await made.lower(reference), await made.lower(reference)]
      one.dispose()
      assert.throws(() => one.run([[1, 2]]), { name: 'DisposedError' })
      assert.deepEqual(values(two.run([[1, 2]])), [121])
      made.dispose()
      assert.deepEqual(values(two.run([[1, 2]])), [121], 'it is the caller’s to dispose')
    })
  })
})
