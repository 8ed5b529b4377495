// Weights that are set or trained after lowering: executables see them, and keep none of the user's arrays.

import assert from 'node:assert/strict'
import { input, layers, sequential } from '../../lib/index.js'
import { variableEpoch } from '../../lib/layers/variable.js'
import { line, names, values } from './line.js'

describe('weights set after lowering', () => {
  for (const backend of names) {
    it(`change the result on ${backend}, folded batch normalisation and all`, async () => {
      const [dense, norm] = [layers.dense({ units: 2 }), layers.batchNormalization({ epsilon: 0 })]
      const net = sequential({ layers: [input({ shape: [2] }), dense, norm, layers.reLU()] })
      dense.setWeights([
        [
          [1, 0],
          [0, 1],
        ],
        [0, 0],
      ])
      const exe = await net.lower({ backend })
      assert.ok(
        exe.steps.some(({ pass, rules }) => pass === 'foldAffine' && Object.keys(rules).length > 0),
        'the normalisation is folded',
      )
      const run = () => values(exe.run([[3, 5]]))
      assert.deepEqual(run(), [3, 5])
      dense.setWeights([
        [
          [2, 0],
          [0, 2],
        ],
        [1, 1],
      ])
      assert.deepEqual(run(), [7, 11])
      norm.setWeights([
        [1, 1],
        [0, 0],
        [6, 9],
        [1, 4],
      ])
      assert.deepEqual(run(), [1, 1])
      norm.setWeights([
        [10, 1],
        [0, -2],
        [6, 9],
        [1, 4],
      ])
      assert.deepEqual(run(), [10, 0])
      assert.deepEqual(
        values(
          exe.run([
            [3, 5],
            [3, 5],
          ]),
        ),
        [10, 0, 10, 0],
        'in a new shape too',
      )
      assert.deepEqual(run(), [10, 0])
      exe.dispose()
    })
  }

  it('count versions: each assignment once, and only what changed is prepared again', async () => {
    const { net, dense } = line()
    const [kernel, bias] = dense.weights
    assert.ok(kernel && bias)
    const [before, biasBefore, epoch] = [kernel.version, bias.version, variableEpoch()]
    kernel.assign(Float32Array.of(5))
    assert.deepEqual([kernel.version, bias.version, variableEpoch()], [before + 1, biasBefore, epoch + 1])
    assert.throws(
      () => kernel.assign(new Float32Array(2)),
      /variable "line\/kernel" holds 1 values of float32 \(shape \[1, 1\]\), got 2 of float32/,
    )
    assert.equal(kernel.version, before + 1, 'a refused assignment changes nothing')
    assert.deepEqual(values(await net.predict([[1]], { backend: 'reference' })), [6])
  })

  it('copies: the program does not see what the user does to the arrays afterwards', async () => {
    const { net } = line()
    const kernel = Float32Array.of(4)
    net.setWeights([kernel, [0]])
    kernel[0] = 100
    assert.deepEqual(values(await net.predict([[1]])), [4])
    const [read] = net.getWeights()
    if (read) read.data[0] = 100
    assert.deepEqual(values(await net.predict([[1]])), [4])
  })

  it('sees what training changed in the same executable and in others', async () => {
    const norm = layers.batchNormalization({ momentum: 0, epsilon: 0 })
    const net = sequential({ layers: [input({ shape: [1] }), norm] })
    assert.deepEqual(values(await net.predict([[2]])), [2])
    await net.run([[1], [3]], { training: true })
    assert.deepEqual(values(await net.predict([[2], [3]])), [0, 1])
  })
})
