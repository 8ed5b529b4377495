// input(): every way to say a shape, bound constants, and what contradicts itself.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ArgumentError, TraceError } from '../../lib/ir/errors.js'
import { ndarray } from '../../lib/ir/ndarray.js'
import { InputLayer, type InputOptions, input } from '../../lib/layers/inputLayer.js'
import { layerFromConfig } from '../../lib/layers/registry.js'
import { clearSession } from '../../lib/layers/settings.js'
import { Trace } from '../../lib/layers/trace.js'

const layerOf = (options: InputOptions) => input(options)._keras_history[0] as InputLayer

describe('input', () => {
  beforeEach(clearSession)

  it('names unknown sizes: the batch axis batch, others after the input', () => {
    const x = input({ shape: [null, 3], name: 'x' })
    assert.deepEqual(x.symbolicShape, ['batch', 'x:1', 3])
    assert.deepEqual([x.dtype, x.name, x.mask], ['float32', 'x', null])
    assert.deepEqual(input({ shape: [] })._keras_shape, [null])
    assert.deepEqual(input({ shape: [2], batchSize: 4 })._keras_shape, [4, 2])
    assert.deepEqual(input({ shape: [2], batchSize: null })._keras_shape, [null, 2])
    assert.deepEqual(input({ batchInputShape: [4, 2] })._keras_shape, [4, 2])
  })

  it('is named input_layer, input_layer_1, …', () => {
    assert.deepEqual(
      [input({ shape: [1] }), input({ shape: [1] })].map(({ name }) => name),
      ['input_layer', 'input_layer_1'],
    )
  })

  it('binds a constant, whose shape and dtype may be said again', () => {
    const tensor = ndarray([
      [1, 2],
      [3, 4],
    ])
    for (const more of [{}, { batchShape: [null, 2] }, { shape: [2] }, { dtype: 'float32' }] as const) {
      const layer = layerOf({ tensor, ...more })
      assert.deepEqual(layer.batchShape, [2, 2])
      assert.deepEqual(layer.constant?.read().toArray(), tensor.toArray())
      assert.equal(layer.constant?.kind, 'bound')
      assert.equal(layer.weights.length, 0)
      const trace = new Trace('spec')
      assert.equal(layer.traceCall(trace, [], [], 0).outputs[0]?.type.shape[0], 2)
    }
    tensor.data[0] = 100
    assert.equal(layerOf({ tensor: ndarray([1], 'int32') }).dtype, 'int32')
  })

  it('keeps the values that were bound, whatever becomes of the array', () => {
    const tensor = ndarray([1, 2])
    const layer = layerOf({ tensor })
    tensor.data[0] = 100
    assert.deepEqual(layer.constant?.read().toArray(), [1, 2])
  })

  const wrong: Record<string, object> = {
    'no shape': {},
    'two shapes': { shape: [1], batchShape: [null, 1] },
    'a batch size beside a batch shape': { batchShape: [null, 1], batchSize: 3 },
    'one shape in two spellings': { batchShape: [null, 1], batchInputShape: [null, 1] },
    'a number for a shape': { shape: 3 },
    'a negative size': { shape: [-1] },
    'a fraction': { shape: [2.5] },
    'a negative batch': { shape: [2], batchSize: -1 },
    'a constant of another shape': { tensor: ndarray([1, 2]), batchShape: [3] },
    'a constant of another dtype': { tensor: ndarray([1, 2]), dtype: 'int32' },
    'a constant without a shape': { tensor: new Float32Array(2) },
    'a ragged constant': { tensor: [[1, 2], [3]] },
    'an unknown option': { shape: [1], sparsely: true },
    'ragged tensors': { shape: [1], ragged: true },
  }
  for (const [what, options] of Object.entries(wrong)) {
    it(`refuses ${what}`, () => assert.throws(() => input(options as InputOptions), ArgumentError))
  }

  it('takes a constant as nested arrays', () => {
    for (const options of [{}, { dtype: 'int32' }] as const) {
      const x = input({ tensor: [[1, 2]], ...options })
      assert.deepEqual([x.shape, x.dtype], [[1, 2], 'dtype' in options ? 'int32' : 'float32'])
    }
  })

  it('cannot be called like a layer', () => {
    const layer = new InputLayer({ shape: [1] })
    assert.throws(() => layer.apply(input({ shape: [1] })), ArgumentError)
    assert.throws(() => layer.apply(3 as never), TraceError)
  })

  it('is made again from its config, by Keras 3 and Keras 2 names', () =>
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.nat({ max: 9 })), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('float32', 'int32', 'bool'),
        fc.boolean(),
        (batchShape, dtype, sparse) => {
          const config = layerOf({ batchShape, dtype: dtype as 'float32', sparse, name: 'x' }).getConfig()
          assert.deepEqual(config, { batch_shape: batchShape, dtype, sparse, ragged: false, name: 'x', optional: false })
          assert.deepEqual(layerFromConfig('InputLayer', config).getConfig(), config)
          const keras2 = { batch_input_shape: batchShape, dtype, sparse, name: 'x' }
          assert.deepEqual(layerFromConfig('InputLayer', keras2).getConfig(), config)
        },
      ),
    ))
})
