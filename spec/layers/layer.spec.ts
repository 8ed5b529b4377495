// What every layer does beside its ops: names, calls, weights, masks, errors that leave it as it was.

import assert from 'node:assert/strict'
import { ArgumentError, GraphError, KerafoldError, ShapeError, TraceError } from '../../lib/ir/errors.js'
import { type NDArray, ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import { Layer } from '../../lib/layers/layer.js'
import { clearSession, configure } from '../../lib/layers/settings.js'
import { Trace } from '../../lib/layers/trace.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import * as K from '../../lib/ops/functional/index.js'
import { toValue } from '../../lib/ops/values.js'
import { applyTo, runLayer, traceLayer } from '../support/runLayer.js'

/** Passes what the types forbid. */
function pretend<T>(value: unknown): T {
  return value as T
}

function refuses(action: () => unknown, ...parts: string[]): void {
  assert.throws(action, error => {
    assert.ok(error instanceof KerafoldError, String(error))
    for (const part of parts) assert.ok(error.message.includes(part), error.message)
    return true
  })
}

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

  describe('weights', () => {
    const built = () => {
      const layer = layers.dense({ units: 2, name: 'd' })
      layer.apply(input({ shape: [3] }))
      return layer
    }

    it('are read as copies and replaced all or none', () => {
      const layer = built()
      const kernel = ndarray([
        [1, 2],
        [3, 4],
        [5, 6],
      ])
      layer.setWeights([kernel, [7, 8]])
      ;(layer.getWeights()[0] as NDArray).data[0] = 100
      kernel.data[0] = 100
      assert.deepEqual(
        layer.getWeights().map(weight => weight.toArray()),
        [
          [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          [7, 8],
        ],
      )
      layer.setWeights([new Float32Array(6), new Float32Array(2)])
      assert.equal(layer.getWeights()[0]?.data[5], 0)
      const before = layer.getWeights()
      for (const bad of [
        [],
        [kernel],
        [kernel, [1, 2, 3]],
        [kernel, [[1, 2]]],
        [kernel, new Int32Array(2)],
        [kernel, new Float32Array(3)],
      ]) {
        refuses(() => layer.setWeights(bad), 'd')
        assert.deepEqual(layer.getWeights(), before)
      }
    })

    it('come from the option of Keras 2', () => {
      const layer = layers.dense({ units: 1, useBias: false, weights: [[[2], [3]]] })
      layer.apply(input({ shape: [2] }))
      assert.deepEqual(layer.getWeights()[0]?.toArray(), [[2], [3]])
      const [nested, flat, array] = [[[2], [3]], new Float32Array([4]), ndarray([[5], [6]])]
      const [one, two] = [layers.dense({ units: 1, weights: [nested, flat] }), layers.dense({ units: 1, weights: [array, flat] })]
      nested[0] = [100]
      flat[0] = 100
      array.data[0] = 100
      for (const made of [one, two]) made.apply(input({ shape: [2] }))
      assert.deepEqual(
        [one, two].map(made => made.getWeights().map(({ data }) => [...data])),
        [
          [[2, 3], [4]],
          [[5, 6], [4]],
        ],
        'as they were when they were given',
      )
      const wrong = layers.dense({ units: 1, weights: [[[2], [3]]] })
      refuses(() => wrong.apply(input({ shape: [2] })), 'has 2 weights, got 1')
      assert.equal(wrong.built, false)
    })

    it('are counted, and parted by trainable', () => {
      const norm = layers.batchNormalization()
      norm.apply(input({ shape: [5] }))
      const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)
      assert.equal(norm.countParams(), 20)
      assert.deepEqual(names(norm.trainableWeights), ['gamma', 'beta'])
      assert.deepEqual(names(norm.nonTrainableWeights), ['moving_mean', 'moving_variance'])
      norm.trainable = false
      assert.deepEqual(
        [names(norm.trainableWeights).length, names(norm.nonTrainableWeights)],
        [0, ['gamma', 'beta', 'moving_mean', 'moving_variance']],
      )
      refuses(() => {
        norm.trainable = pretend(1)
      }, 'trainable should be true or false')
    })

    it('of two layers of one name stay apart in a trace', () => {
      const two = [0, 1].map(() => layers.dense({ units: 1, name: 'same' }))
      const trace = new Trace('spec')
      const x = trace.builder.input('x', { dtype: 'float32', shape: ['batch', 2] })
      const outputs = two.map(layer => layer.traceCall(trace, [x], [null], 0).outputs[0] as TracedTensor)
      const { variables } = trace.build(outputs.map((value, k) => ({ name: `y${k}`, value })))
      assert.deepEqual([...variables.keys()], ['same/kernel', 'same/bias', 'same/kernel_1', 'same/bias_1'])
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

  describe('masks', () => {
    const masked = (...shape: number[]) => layers.masking().apply(input({ shape }))

    it('pass, end with one warning per call, or are given', () => {
      const warnings: string[] = []
      const before = configure({ warn: message => warnings.push(message) })
      const [dense, flatten] = [layers.dense({ units: 2 }), layers.flatten({ name: 'flat' })]
      const x = masked(4, 3)
      assert.deepEqual(dense.apply(x).mask?.shape, [null, 4])
      assert.equal(flatten.apply(x).mask, null)
      flatten.apply(x)
      assert.equal(warnings.length, 2)
      assert.ok(warnings[0]?.includes('"flat"'))
      assert.deepEqual(
        flatten.calls.map(call => call.dropsMask),
        [true, true],
      )
      assert.equal(dense.apply(x, { mask: null }).mask, null)
      assert.deepEqual(dense.apply(input({ shape: [4, 3] }), { mask: x.mask }).mask?.shape, [null, 4])
      assert.deepEqual(
        dense.calls.map(call => call.masksGiven),
        [false, true, true],
      )
      assert.equal(flatten.apply(x, { mask: null }).mask, null)
      assert.equal(warnings.length, 2)
      configure(before)
    })

    it('of another dtype are true where they are not 0', () => {
      const layer = layers.dense({ units: 1, useBias: false })
      const mask = input({ shape: [2], dtype: 'int32' })
      assert.equal(layer.apply(input({ shape: [2, 1] }), { mask }).mask?.dtype, 'bool')
    })

    it('of merged tensors of other ranks fit by rank or are refused', () => {
      const product = layers.multiply()
      applyTo(product, [{ shape: [null, 2, 2], maskShape: [null, 2] }, { shape: [null, 2] }])
      const values = [
        ndarray([
          [
            [2, 3],
            [4, 5],
          ],
        ]),
        ndarray([[10, 100]]),
      ].map(toValue)
      const { y0, mask0 } = runLayer(product, values, [toValue(ndarray([[true, false]], 'bool')), null]).outputs
      assert.deepEqual([...(y0?.data ?? [])], [20, 300, 10, 100])
      assert.equal(mask0, undefined)
      const raised = layers.multiply()
      applyTo(raised, [{ shape: [null, 2, 2] }, { shape: [null, 2], maskShape: [null] }])
      const kept = runLayer(raised, values, [null, toValue(ndarray([false], 'bool'))]).outputs
      assert.deepEqual([...(kept.y0?.data ?? [])], [20, 300, 40, 500], 'a tensor that is given another axis loses its mask')
      assert.throws(
        () => layers.concatenate({ axis: 0 }).apply([masked(4, 3), input({ shape: [4, 3] })], { mask: [input({ shape: [] }), null] }),
        ShapeError,
      )
      assert.throws(() => layers.multiply().apply([masked(4, 3), masked(4, 3)], { mask: [input({ shape: [] }), null] }), ShapeError)
      assert.throws(() => layers.softmax().apply(masked(3, 3)), ShapeError)
    })
  })

  describe('training state', () => {
    const x = toValue(
      ndarray([
        [1, 2],
        [3, 6],
      ]),
    )

    it('a shared BatchNormalization moves its averages once per call', () => {
      const norm = layers.batchNormalization({ momentum: 0.5, name: 'bn' })
      norm.apply(input({ shape: [2] }))
      const trace = new Trace('spec')
      const feed = trace.builder.input('x', { dtype: 'float32', shape: [2, 2] })
      const once = norm.traceCall(trace, [feed], [null], 0).outputs[0] as TracedTensor
      const twice = norm.traceCall(trace, [feed], [null], 1).outputs[0] as TracedTensor
      const { graph, variables } = trace.build([
        { name: 'a', value: once },
        { name: 'b', value: twice },
      ])
      const state = Object.fromEntries([...variables].map(([name, variable]) => [name, toValue(variable.read())]))
      const { updates } = evaluateGraph(graph, { inputs: { x }, variables: state }, { mode: 'train' })
      assert.deepEqual([...(updates['bn/moving_mean']?.data ?? [])], [0.75 * 2, 0.75 * 4])
    })

    it('a frozen BatchNormalization has one form and no updates', () => {
      const norm = layers.batchNormalization()
      applyTo(norm, { shape: [null, 2] })
      norm.trainable = false
      const { graph } = traceLayer(norm)
      assert.ok(Object.values(graph.nodes).every(node => node.op !== 'phase'))
      assert.deepEqual(graph.results.updates, {})
    })

    it('penalties: of the activity per call and divided by the batch, of weights once', () => {
      const layer = layers.dense({
        units: 1,
        name: 'd',
        useBias: false,
        kernelRegularizer: 'l1',
        activityRegularizer: 'l2',
        weights: [[[1], [-1]]],
      })
      for (const batch of [null, 2]) {
        applyTo(layer, { shape: [batch, 2] })
        const losses = runLayer(layer, [x]).losses.map(({ name, value }) => [name, value.data[0]])
        assert.deepEqual(
          losses.map(([name]) => name),
          ['d/activity_regularizer', 'd/kernel/regularizer'],
        )
        assert.ok(Math.abs(Number(losses[0]?.[1]) - (0.01 * (1 + 9)) / 2) < 1e-7)
        assert.ok(Math.abs(Number(losses[1]?.[1]) - 0.02) < 1e-7)
      }
      layer.trainable = false
      assert.deepEqual(
        runLayer(layer, [x]).losses.map(({ name }) => name),
        ['d/activity_regularizer'],
      )
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
