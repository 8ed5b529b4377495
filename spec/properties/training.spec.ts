// Training mode at the level of models: what dropout drops, how moving statistics follow, what a seed fixes.

import assert from 'node:assert/strict'
import { backends } from '../../backends/select.js'
import { input, layers, model, NDArray, ndarray, sequential } from '../../lib/index.js'

const ones = (...shape: number[]) => new NDArray(new Float32Array(shape.reduce((a, b) => a * b)).fill(1), shape)
const dropping = (rate: number, size: number, seed = 5) =>
  sequential({ layers: [input({ shape: [size] }), layers.dropout({ rate, seed })] })
const share = (values: ArrayLike<number>, test: (value: number) => boolean) => Array.from(values).filter(test).length / values.length

/** Five standard deviations of the share of n draws at probability p: a seeded test cannot fail by chance, a biased stream does. */
const margin = (p: number, n: number) => 5 * Math.sqrt((p * (1 - p)) / n)

for (const backend of Object.keys(backends)) {
  describe(`training on ${backend}`, () => {
    it('dropout keeps each entry with probability 1 − rate, and scales what it keeps', async () => {
      for (const rate of [0.1, 0.5, 0.8]) {
        const net = dropping(rate, 100)
        const { data } = await net.run(ones(200, 100), { training: true, backend })
        const dropped = share(data, value => value === 0)
        assert.ok(Math.abs(dropped - rate) < margin(rate, data.length), `rate ${rate}: ${dropped} dropped`)
        const kept = Math.fround(1 / (1 - rate))
        assert.ok(data.every(value => value === 0 || Math.abs(value - kept) < 1e-6 * kept))
        net.dispose()
      }
    })

    it('dropout draws anew for every row, column and run', async () => {
      const net = dropping(0.5, 64)
      const runs: Float32Array[] = []
      for (let k = 0; k < 4; k++) runs.push((await net.run(ones(64, 64), { training: true, backend })).data as Float32Array)
      const [first, second] = runs as [Float32Array, Float32Array]
      const equal = (a: (k: number) => number, b: (k: number) => number, n: number) =>
        share(
          Array.from({ length: n }, (_, k) => Number(a(k) === b(k))),
          Boolean,
        )
      const runsAgree = equal(
        k => first[k] as number,
        k => second[k] as number,
        4096,
      )
      assert.ok(Math.abs(runsAgree - 0.5) < margin(0.5, 4096), `two runs agree in ${runsAgree}`)
      const rowsAgree = equal(
        k => first[k] as number,
        k => first[k + 64] as number,
        4032,
      )
      assert.ok(Math.abs(rowsAgree - 0.5) < margin(0.5, 4032), `neighbouring rows agree in ${rowsAgree}`)
      const columnsAgree = equal(
        k => first[k] as number,
        k => first[k + 1] as number,
        4095,
      )
      assert.ok(Math.abs(columnsAgree - 0.5) < margin(0.5, 4095), `neighbouring columns agree in ${columnsAgree}`)
      net.dispose()
    })

    it('inference drops nothing and leaves the stream where it is', async () => {
      const [net, twin] = [dropping(0.5, 8), dropping(0.5, 8)]
      const first = await net.run(ones(4, 8), { training: true, backend })
      assert.deepEqual((await net.run(ones(4, 8), { backend })).data, ones(4, 8).data)
      const second = await net.run(ones(4, 8), { training: true, backend })
      assert.deepEqual(await twin.run(ones(4, 8), { training: true, backend }), first)
      assert.deepEqual(await twin.run(ones(4, 8), { training: true, backend }), second)
      assert.notDeepEqual(second.data, first.data)
    })

    it('other seeds draw other masks', async () => {
      const draw = async (seed: number) => (await dropping(0.5, 64, seed).run(ones(8, 64), { training: true, backend })).data
      assert.notDeepEqual(await draw(1), await draw(2))
      assert.deepEqual(await draw(1), await draw(1))
    })

    it('a shared dropout layer draws anew for each of its calls', async () => {
      const x = input({ shape: [64] })
      const drop = layers.dropout({ rate: 0.5, seed: 3 })
      const net = model({ inputs: x, outputs: [drop.apply(x), drop.apply(x)] })
      const [a, b] = (await net.run(ones(8, 64), { training: true, backend })) as [NDArray, NDArray]
      assert.notDeepEqual(a.data, b.data)
    })

    it('spatial dropout drops whole feature maps', async () => {
      const net = sequential({ layers: [input({ shape: [5, 32] }), layers.spatialDropout1d({ rate: 0.5, seed: 3 })] })
      const { data } = await net.run(ones(40, 5, 32), { training: true, backend })
      for (let row = 0; row < 40; row++) {
        for (let channel = 0; channel < 32; channel++) {
          const steps = new Set([0, 1, 2, 3, 4].map(step => data[(row * 5 + step) * 32 + channel]))
          assert.equal(steps.size, 1)
        }
      }
      assert.ok(Math.abs(share(data, value => value === 0) - 0.5) < margin(0.5, 40 * 32))
    })

    it('batch normalisation uses the moments of the batch, and moves its statistics towards them', async () => {
      const norm = layers.batchNormalization({ momentum: 0.75, epsilon: 0 })
      const net = sequential({ layers: [input({ shape: [2] }), norm] })
      const data = ndarray([
        [1, 10],
        [3, 30],
      ])
      const out = await net.run(data, { training: true, backend })
      assert.deepEqual([...out.data].map(Math.round), [-1, -1, 1, 1])
      const [, , mean, variance] = norm.getWeights() as [NDArray, NDArray, NDArray, NDArray]
      near(mean, [0.25 * 2, 0.25 * 20])
      near(variance, [0.75 + 0.25 * 1, 0.75 + 0.25 * 100])
      await net.run(data, { training: true, backend })
      near((norm.getWeights() as NDArray[])[2] as NDArray, [0.75 * 0.5 + 0.5, 0.75 * 5 + 5])
      await net.run(data, { backend })
      near((norm.getWeights() as NDArray[])[2] as NDArray, [0.75 * 0.5 + 0.5, 0.75 * 5 + 5])
    })

    it('a frozen batch normalisation neither uses nor moves anything, from the run after it was frozen', async () => {
      const norm = layers.batchNormalization({ momentum: 0.5, epsilon: 0 })
      const net = sequential({ layers: [input({ shape: [1] }), norm] })
      const data = ndarray([[2], [4]])
      await net.run(data, { training: true, backend })
      norm.trainable = false
      const before = norm.getWeights()
      const out = await net.run(data, { training: true, backend })
      assert.deepEqual(norm.getWeights(), before)
      near(out, [(2 - 1.5) / 1, (4 - 1.5) / 1])
      norm.trainable = true
      near(await net.run(data, { training: true, backend }), [-1, 1])
    })

    it('a shared batch normalisation moves once per call', async () => {
      const x = input({ shape: [1] })
      const norm = layers.batchNormalization({ momentum: 0.5 })
      const net = model({ inputs: x, outputs: [norm.apply(x), norm.apply(x)] })
      await net.run(ndarray([[8], [8]]), { training: true, backend })
      near(norm.getWeights()[2] as NDArray, [6])
    })

    it('losses are those of Keras: activities over the batch size, then weights', async () => {
      const net = sequential({
        layers: [
          input({ shape: [2] }),
          layers.dense({ units: 1, kernelInitializer: 'ones', kernelRegularizer: 'l2', useBias: false }),
          layers.activityRegularization({ l1: 0.5 }),
        ],
      })
      const losses = await net.losses(
        ndarray([
          [1, 2],
          [3, 4],
        ]),
        { backend },
      )
      near(
        losses.map(({ value }) => value),
        [(0.5 * (3 + 7)) / 2, 0.01 * 2],
      )
    })
  })
}

function near(actual: NDArray | readonly number[], expected: readonly number[]): void {
  const values = actual instanceof NDArray ? [...actual.data] : actual
  assert.equal(values.length, expected.length)
  values.forEach((value, k) => {
    assert.ok(
      Math.abs(value - (expected[k] as number)) <= 1e-5 * Math.max(1, Math.abs(expected[k] as number)),
      `expected ${expected}, got ${values}`,
    )
  })
}
