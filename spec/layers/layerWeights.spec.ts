// The weights of a layer: read, set, counted, frozen; what training and penalties do with them.

import assert from 'node:assert/strict'
import { type NDArray, ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import { clearSession } from '../../lib/layers/settings.js'
import { Trace } from '../../lib/layers/trace.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import { toValue } from '../../lib/ops/values.js'
import { applyTo, runLayer, traceLayer } from '../support/runLayer.js'
import { pretend, refuses } from './refused.js'

describe('a layer', () => {
  beforeEach(clearSession)

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
})
