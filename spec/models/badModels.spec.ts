// Models that cannot be: refused with a typed error, and nothing is used up by it.

import assert from 'node:assert/strict'
import {
  ArgumentError,
  clearSession,
  GraphError,
  input,
  KerafoldError,
  layers,
  model,
  NDArray,
  ShapeError,
  sequential,
} from '../../lib/index.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import { uniqueName } from '../../lib/layers/settings.js'
import { deepFreeze } from '../support/deepFreeze.js'
import { type Anything, assertRefused, type ErrorType, steps, vector } from './refused.js'

describe('models that are refused', () => {
  const onto = (x: KerasTensor, name: string) => layers.dense({ units: 4, name }).apply(x)
  it('for what they are made of', () => {
    const [x, s] = [vector(), steps()]
    const cases: readonly (readonly [Anything, ErrorType, RegExp])[] = [
      [
        { inputs: x, outputs: onto(s, 'd') },
        GraphError,
        /^model: the output "d" depends on input "steps", which is not among the inputs \(graph disconnected\)\n {2}hint: add it/,
      ],
      [
        { inputs: x, outputs: onto(onto(x, 'same'), 'same'), name: 'net' },
        GraphError,
        /^model "net": two layers are named "same" \(Dense and Dense\)\n {2}hint/,
      ],
      [{ inputs: [x, x], outputs: onto(x, 'd') }, GraphError, /input "vector" is given twice/],
      [{ inputs: x, outputs: layers.dense({ units: 2 }) }, ArgumentError, /outputs should be Keras tensors, got Object|got Dense/],
      [{ inputs: x }, ArgumentError, /outputs should be Keras tensors, got undefined/],
      [{ inputs: x, outputs: [] }, ArgumentError, /outputs should not be empty/],
      [{ inputs: x, outputs: {} }, ArgumentError, /outputs should not be empty/],
      [{ inputs: [], outputs: x }, ArgumentError, /inputs should not be empty/],
      [{ inputs: null, outputs: x }, ArgumentError, /inputs should be Keras tensors, got null/],
      [{ input: x, outputs: x }, ArgumentError, /./],
    ]
    for (const [options, type, message] of cases) assertRefused(() => model(Object.freeze(options)), type, message)
  })

  it('for two inputs of one name', () => {
    const [a, b] = [vector(), vector()]
    assertRefused(() => model({ inputs: [a, b], outputs: layers.add().apply([a, b]) }), GraphError, /two layers are named "vector"/)
  })

  it('as stacks: what does not fit is not added', () => {
    const first = layers.dense({ units: 3, name: 'first' })
    const net = sequential({ name: 'net', layers: [vector(), first] })
    const cases: readonly (readonly [Anything, ErrorType, RegExp])[] = [
      [first, GraphError, /"net" \(Sequential\): there is already a layer named "first"/],
      [layers.dense({ units: 1, name: 'first' }), GraphError, /already a layer named "first"/],
      [layers.reshape({ targetShape: [5] }), ShapeError, /cannot turn float32\[batch,3\]/],
      [vector(), GraphError, /an input must come first, and only once/],
      ['dense', ArgumentError, /add\(\) takes a layer, got dense/],
      [undefined, ArgumentError, /got undefined/],
    ]
    for (const [given, type, message] of cases) assertRefused(() => net.add(given), type, message)
    assert.deepEqual(net.layers, [first])
    assert.deepEqual(net.outputShape, [null, 3])
  })

  it('when a stack is used before it knows its input', () => {
    const net = sequential([layers.dense({ units: 1 })])
    for (const use of [() => net.trace(), () => net.inputs, () => net.lowerSync()]) {
      assertRefused(use, GraphError, /does not know the shape of its input yet\n {2}hint: add input/)
    }
  })

  it('when a layer is asked for that is not there', () => {
    const net = sequential({ name: 'net', layers: [vector(), layers.dense({ units: 1, name: 'only' })] })
    assertRefused(() => net.getLayer('other'), GraphError, /"net" \(Sequential\) has no layer "other"\n {2}hint: its layers are only/)
    assertRefused(() => net.getLayer(5), GraphError, /has no layer at 5/)
  })
})

describe('what does not fit into memory', () => {
  for (const backend of ['jit', 'wasm']) {
    it(`a tensor of a run on ${backend}`, async () => {
      const net = sequential({ name: 'big', layers: [vector(), layers.repeatVector({ n: 1e9, name: 'r' })] })
      const mistake = net.predict([[1, 2, 3, 4]], { backend })
      await assert.rejects(mistake, (error: Error) => {
        assert.ok(error instanceof ShapeError, String(error.stack))
        assert.match(error.message, /^Model "big" \(Sequential\): the tensor "r.*" needs 16000000000 bytes, more than can be allocated\n/)
        return true
      })
    })
  }

  it('a weight', () => {
    const dense = layers.dense({ units: 2e9, name: 'wide' })
    dense.apply(input({ shape: [1000] }))
    assert.throws(() => dense.getWeights(), { name: 'ShapeError', message: /^variable "wide\/kernel" needs 8000000000000 bytes/ })
  })
})

describe('what mistakes do not use up', () => {
  it('automatic names: a refused layer takes none', () => {
    clearSession()
    for (const options of [{}, { units: 0 }, { units: 2, activation: 'rleu' }, { units: 2, nome: 'x' }] as Anything[]) {
      assert.throws(() => layers.dense(options), KerafoldError)
    }
    assert.throws(() => input({ shape: [-1] }), KerafoldError)
    assert.equal(uniqueName('dense'), 'dense')
    assert.equal(input({ shape: [1] }).name, 'input_layer')
  })

  it('options and arrays: they may be frozen, and are as they were', () => {
    const options = deepFreeze({
      units: 2,
      kernelInitializer: { class_name: 'Constant', config: { value: 2 } },
      inputShape: [3],
      weights: [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [0, 0],
      ],
    })
    const text = JSON.stringify(options)
    const net = sequential(
      Object.freeze({ layers: Object.freeze([layers.dense(options as Anything), layers.reshape(deepFreeze({ targetShape: [2, -1] }))]) }),
    )
    assert.deepEqual(net.outputShape, [null, 2, 1])
    assert.equal(JSON.stringify(options), text)
    const shape = [3, null]
    const x = input({ shape })
    shape[0] = 7
    assert.deepEqual(x.shape, [null, 3, null], 'what the user changes later is not seen')
  })

  it('names the layer that a size known only at run time does not fit', async () => {
    const x = input({ shape: [null, null, 1] })
    const net = model({ inputs: x, outputs: layers.conv2d({ filters: 2, kernelSize: 5, name: 'wide' }).apply(x) })
    const small = new NDArray(new Float32Array(9), [1, 3, 3, 1])
    await assert.rejects(
      async () => net.predict(small),
      (error: Error) => error instanceof ShapeError && /^Layer "wide": conv: no position for a window of 5 cells/.test(error.message),
    )
  })
})
