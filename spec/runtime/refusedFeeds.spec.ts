// What a model refuses when it is fed, and that nothing has changed then.

import assert from 'node:assert/strict'
import { configure, input, layers, model, type NDArray, ndarray, ShapeError } from '../../lib/index.js'

describe('feeding a model', () => {
  const x = () => input({ shape: [null, 2], name: 'steps' })
  it('refuses what does not fit, naming model or input, and nothing is updated', async () => {
    const steps = x()
    const norm = layers.batchNormalization()
    const net = model({ inputs: steps, outputs: norm.apply(steps), name: 'net' })
    const before = norm.getWeights()
    const bad: readonly [unknown, RegExp][] = [
      [
        ndarray([[1, 2]]),
        /input "steps" should have rank 3, got rank 2\n {2}expected: float32\[batch,"steps:1",2\]\n {2}got: float32\[1,2\]/,
      ],
      [ndarray([[[1, 2, 3]]]), /input "steps" should have 2 at axis 2, got 3/],
      [{ step: ndarray([[[1, 2]]]) }, /"net".*no input "step"/],
    ]
    for (const [data, message] of bad) {
      await assert.rejects(net.run(data as NDArray, { training: true }), message)
      await assert.rejects(net.predict(data as NDArray), message)
    }
    assert.deepEqual(norm.getWeights(), before)
  })

  it('refuses inputs with different numbers of rows', async () => {
    const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [2], name: 'b' })]
    const net = model({ inputs: [a, b], outputs: layers.add().apply([a, b]), name: 'net' })
    const data = {
      a: ndarray([[1, 2]]),
      b: ndarray([
        [1, 2],
        [3, 4],
      ]),
    }
    await assert.rejects(net.predict(data), /"net".*same number of rows, got "a" 1, "b" 2/)
    await assert.rejects(net.run(data), ShapeError)
  })

  it('under strictMasking refuses what drops a mask, else warns', () => {
    const warnings: string[] = []
    const before = configure({ warn: message => warnings.push(message) })
    const masked = layers.masking().apply(x())
    layers.flatten({ name: 'flat' }).apply(masked)
    assert.match(warnings.join(), /Layer "flat" \(Flatten\) was passed an input with a mask/)
    configure({ ...before, strictMasking: true })
    assert.throws(() => layers.flatten().apply(masked), { name: 'MaskError' })
    configure(before)
  })
})
