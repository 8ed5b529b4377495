// Tracing for inference alone: the graph without what only training computes, and the same results.

import assert from 'node:assert/strict'
import { graphToText } from '../../lib/ir/printer.js'
import * as layers from '../../lib/layers/index.js'
import { Trace } from '../../lib/layers/trace.js'
import { Variable } from '../../lib/layers/variable.js'
import { sequential } from '../../lib/models/sequential.js'
import { lower } from '../../lib/runtime/lower.js'

const data = Float32Array.from({ length: 15 }, (_, k) => Math.sin(k))

/** Statistics that the data do not have, a penalty of a weight and one of an activity. */
function network() {
  return sequential({
    name: 'net',
    layers: [
      layers.dense({ units: 4, inputShape: [3], kernelRegularizer: 'l2', activityRegularizer: 'l1' }),
      layers.batchNormalization({ movingMeanInitializer: 'ones', movingVarianceInitializer: 'ones' }),
      layers.dropout({ rate: 0.5, seed: 7 }),
      layers.dense({ units: 2, activation: 'tanh' }),
    ],
  })
}

describe('a trace for inference alone', () => {
  it('has no statistics of a batch, losses or updates, and gives what the whole trace gives', async () => {
    const made = network()
    const [whole, part] = [made.trace(), made.trace(true)]
    assert.match(graphToText(whole.graph), /= reduce_mean/)
    assert.equal(whole.graph.results.losses.length, 2)
    assert.ok(Object.keys(whole.graph.results.updates).length >= 2)
    assert.doesNotMatch(graphToText(part.graph), /= reduce_mean/)
    assert.deepEqual([part.graph.results.losses, part.graph.results.updates], [[], {}])
    for (const backend of ['reference', 'jit']) {
      const [a, b] = [await lower(whole, { backend }), await lower(part, { backend })]
      assert.deepEqual(a.run(data), b.run(data))
    }
  })

  it('is what lower() compiles unless it is for training', async () => {
    const made = network()
    const traced: (boolean | undefined)[] = []
    const { trace } = made
    made.trace = inferring => {
      traced.push(inferring)
      return trace.call(made, inferring)
    }
    const inference = await made.lower({ backend: 'reference' })
    const training = made.lowerSync({ backend: 'reference', training: true })
    assert.deepEqual(traced, [true, false])
    assert.deepEqual([inference.runWithLosses(data).losses.length, training.runWithLosses(data).losses.length], [0, 2])
    await made.predict(data, { backend: 'reference' })
    await made.run(data, { backend: 'reference', training: true })
    assert.deepEqual(traced.slice(2), [true, false])
  })

  it('still updates recurrent state, and nothing else', () => {
    const updated = (inferring: boolean): string[] => {
      const trace = new Trace('spec', inferring)
      const feed = trace.builder.input('x', { dtype: 'float32', shape: [2] })
      for (const kind of ['state', 'statistic', 'counter', 'weight'] as const)
        trace.update(
          new Variable({
            path: kind,
            shape: [2],
            dtype: 'float32',
            kind,
            trainable: false,
            initializer: { draw: () => new Float32Array(2) },
          }),
          feed,
        )
      return Object.keys(trace.build([{ name: 'y', value: feed }]).graph.results.updates)
    }
    assert.deepEqual([updated(false), updated(true)], [['state', 'statistic', 'counter', 'weight'], ['state']])
  })
})
