// What every layer does beside its ops: names, options, shapes, errors that leave it as it was.

import assert from 'node:assert/strict'
import { ArgumentError, GraphError, ShapeError, TraceError } from '../../lib/ir/errors.js'
import { ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import { Layer } from '../../lib/layers/layer.js'
import { clearSession } from '../../lib/layers/settings.js'
import { Trace } from '../../lib/layers/trace.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import * as K from '../../lib/ops/functional/index.js'
import { toValue } from '../../lib/ops/values.js'
import { applyTo, runLayer } from '../support/runLayer.js'
import { pretend, refuses } from './refused.js'

describe('a layer', () => {
  beforeEach(clearSession)

  describe('names', () => {
    it('counts per class, as Keras does, and starts anew after clearSession', () => {
      const names = () =>
        [layers.dense({ units: 1 }), layers.dense({ units: 1 }), layers.prelu(), layers.relu(), layers.batchNormalization()].map(
          ({ name }) => name,
        )
      const expected = ['dense', 'dense_1', 'p_re_lu', 're_lu', 'batch_normalization']
      assert.deepEqual(names(), expected)
      clearSession()
      assert.deepEqual(names(), expected)
    })

    it('gives ids and origins to nodes, numbered by call', () => {
      const layer = layers.dense({ units: 2, name: 'd' })
      const [a, b] = [input({ shape: [3] }), input({ shape: [3] })]
      const outputs = [layer.apply(a), layer.apply(b)]
      assert.deepEqual(
        outputs.map(({ name }) => name),
        ['d', 'd_1'],
      )
      assert.deepEqual(
        outputs.map(({ _keras_history: [owner, node, tensor] }) => [owner === layer, node, tensor]),
        [
          [true, 0, 0],
          [true, 1, 0],
        ],
      )
      const trace = new Trace('spec')
      const x = trace.builder.input('x', a.type)
      const traced = [0, 1].map(index => layer.traceCall(trace, [x], [null], index).outputs[0] as TracedTensor)
      const { graph } = trace.build(traced.map((value, k) => ({ name: `y${k}`, value })))
      assert.deepEqual(graph.nodes['d/matmul']?.origin, ['d#0'])
      assert.deepEqual(graph.nodes['d#1/matmul']?.origin, ['d#1'])
      assert.deepEqual(Object.keys(graph.variables), ['d/kernel', 'd/bias'])
    })

    it('gives sizes that calls derive names of their own', () => {
      const flatten = layers.flatten()
      const [a, b] = [input({ shape: [null, 2] }), input({ shape: [null, 2] })].map(x => flatten.apply(x)) as [KerasTensor, KerasTensor]
      assert.notEqual(a.symbolicShape[1], b.symbolicShape[1])
    })
  })

  describe('options', () => {
    it('are checked, with a hint at what was meant', () => {
      refuses(() => layers.dense(pretend({ units: 2, kernal: 1 })), 'Dense has no option "kernal"')
      refuses(() => layers.dense(pretend({ units: 2, use_bias: true })), 'did you mean useBias?')
      refuses(() => layers.dense(pretend({})), 'Dense needs the option units')
      refuses(() => layers.dense(pretend({ units: 2, outputDim: 3 })), 'mean the same')
      refuses(() => layers.leakyReLU({ alpha: 0.1, negativeSlope: 0.1 }), 'mean the same')
      refuses(() => layers.add(pretend({ axis: 1 })), 'Add has no option "axis"')
      refuses(() => layers.identity(pretend({ units: 1 })), 'Identity has no option "units"')
      refuses(() => layers.dense({ units: 2, name: 'a/b' }), 'without "/"')
      refuses(() => layers.dense({ units: 2, dtype: pretend('float16') }), '16-bit')
      refuses(() => layers.dense(pretend({ units: 2, loraRank: 4 })), 'LoRA')
      refuses(() => layers.batchNormalization(pretend({ renorm: true })), 'renorm')
    })

    it('undefined is as if it were not given', () => {
      assert.equal(layers.dense(pretend({ units: 2, useBias: undefined })).getConfig().use_bias, true)
    })

    it('dtypes of other widths are float32 and int32', () => {
      assert.equal(layers.dense({ units: 2, dtype: pretend('float64') }).dtype, 'float32')
      assert.equal(input({ shape: [2], dtype: pretend('int64') }).dtype, 'int32')
    })

    it('say the shape of a first layer', () => {
      const shapeOf = (options: object) => layers.dense({ units: 1, ...options }).requestedBatchShape
      assert.deepEqual(shapeOf({ inputShape: [4, null] }), [null, 4, null])
      assert.deepEqual(shapeOf({ inputShape: [4], batchSize: 8 }), [8, 4])
      assert.deepEqual(shapeOf({ batchInputShape: [2, 4] }), [2, 4])
      assert.deepEqual(shapeOf({ batchShape: [2, 4] }), [2, 4])
      assert.deepEqual(shapeOf({ inputDim: 4 }), [null, 4])
      assert.equal(shapeOf({}), null)
    })
  })

  describe('a call that does not fit', () => {
    it('leaves a new layer unbuilt, and a built one as it was', () => {
      const layer = layers.dense({ units: 2, name: 'd' })
      refuses(() => layer.apply(input({ shape: [null] })), 'Layer "d" (Dense): axis -1')
      assert.deepEqual([layer.built, layer.calls.length, layer.weights.length], [false, 0, 0])
      layer.apply(input({ shape: [3] }))
      const weights = layer.getWeights()
      refuses(() => layer.apply(input({ shape: [4] })), 'Layer "d" (Dense): expected axis -1 of the input to be 3, got 4')
      assert.deepEqual([layer.calls.length, layer.getWeights()], [1, weights])
      layer.apply(input({ shape: [5, 3] }))
    })

    it('says what apply takes', () => {
      const layer = layers.dense({ units: 2 })
      const x = input({ shape: [3] })
      for (const wrong of [ndarray([[1, 2, 3]]), [[1, 2, 3]], null, 3]) assert.throws(() => layer.apply(pretend(wrong)), TraceError)
      assert.throws(() => layer.apply([x, x]), ShapeError)
      assert.throws(() => layers.add().apply(x), ShapeError)
      assert.throws(() => layers.add().apply([]), ShapeError)
      assert.throws(() => layers.add().apply([input({ batchShape: [1, 3] }), input({ batchShape: [4, 3] })]), ShapeError)
      assert.throws(() => layer.apply(x, { mask: [null, null] }), ArgumentError)
      assert.throws(() => layer.apply(x, { mask: pretend(ndarray([true], 'bool')) }), TraceError)
      const two = layers.lambda({ function: t => [t, t] })
      refuses(() => two.apply(x), 'has 2 outputs')
      assert.equal(two.calls.length, 0)
      assert.equal(layer.calls.length, 0)
    })

    it('other layers check the shape they were built for', () => {
      const [norm, prelu] = [layers.batchNormalization(), layers.prelu()]
      for (const layer of [norm, prelu]) {
        layer.apply(input({ shape: [3, 2] }))
        assert.throws(() => layer.apply(input({ shape: [3, 4] })), ShapeError)
        assert.throws(() => layer.apply(input({ shape: [2] })), ShapeError)
      }
      norm.apply(input({ shape: [7, 2] }))
      const shared = layers.prelu({ sharedAxes: [1] })
      shared.apply(input({ shape: [3, 2] }))
      shared.apply(input({ shape: [7, 2] }))
      assert.throws(() => shared.apply(input({ shape: [7, 3] })), ShapeError)
    })
  })

  describe('shapes', () => {
    it('computeOutputShape traces without building or recording', () => {
      const layer = layers.dense({ units: 7 })
      assert.deepEqual(layer.computeOutputShape([null, 5, 3]), [null, 5, 7])
      assert.deepEqual([layer.built, layer.calls.length, layer.weights.length], [false, 0, 0])
      assert.deepEqual(
        layers.add().computeOutputShape([
          [null, 3],
          [null, 1],
        ]),
        [null, 3],
      )
      assert.throws(() => layer.computeOutputShape([null]), ShapeError)
      assert.equal(layer.built, false)
    })

    it('of the first call', () => {
      const layer = layers.dense({ units: 7 })
      assert.throws(() => layer.output, GraphError)
      const x = input({ shape: [3] })
      const y = layer.apply(x)
      layer.apply(input({ shape: [4, 3] }))
      assert.deepEqual([layer.input, layer.output, layer.inputShape, layer.outputShape], [x, y, [null, 3], [null, 7]])
    })
  })

  it('can be written by users', () => {
    class Scale extends Layer {
      static override readonly className = 'Scale'
      protected override call([x]: readonly [TracedTensor]): TracedTensor {
        return K.multiply(x, 2)
      }
    }
    const layer = new Scale()
    applyTo(layer, { shape: [null, 2] })
    assert.equal(layer.name, 'scale')
    assert.deepEqual([...(runLayer(layer, [toValue(ndarray([[1, 2]]))]).outputs.y0?.data ?? [])], [2, 4])
  })
})
