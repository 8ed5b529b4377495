// From layers to an optimised graph in time proportional to the model.

import assert from 'node:assert/strict'
import { clearSession, input, layers, model } from '../../lib/index.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { Model } from '../../lib/models/model.js'

/** Blocks of dense, normalisation, dropout and a skip: about 34 nodes each. */
function deep(nodes: number): Model {
  clearSession()
  const x = input({ shape: [16] })
  let y: KerasTensor = x
  for (let block = 0; block < nodes / 34; block++) {
    const skip = y
    y = layers.dense({ units: 16, activation: 'relu' }).apply(y)
    y = layers.batchNormalization().apply(y)
    y = layers.dropout({ rate: 0.5, seed: 1 }).apply(y)
    y = layers.add().apply([y, skip])
  }
  return model({ inputs: x, outputs: y }) as Model
}

/** One layer shared by every step of a chain of diamonds: 2 nodes each. */
function shared(nodes: number): Model {
  clearSession()
  const x = input({ shape: [4] })
  const tanh = layers.activation({ activation: 'tanh' })
  let y: KerasTensor = x
  for (let step = 0; step < nodes / 2; step++) y = layers.add().apply([tanh.apply(y), y])
  return model({ inputs: x, outputs: y }) as Model
}

/** Milliseconds of processor time: unlike the clock it does not count what else the machine does. Least of several. */
function cost(work: () => unknown, times: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let k = 0; k < times; k++) {
    globalThis.gc?.()
    const { user } = process.cpuUsage()
    work()
    least = Math.min(least, (process.cpuUsage().user - user) / 1000)
  }
  return least
}

/** 10,000 nodes in at most 14 times the time of 1,000; 5 ms for what a short measurement adds. */
function assertLinear(what: string, small: number, large: number): void {
  assert.ok(large <= 14 * (small + 5), `${what}: ${small.toFixed(0)} ms for 1,000 nodes, ${large.toFixed(0)} ms for 10,000`)
}

describe('large models', () => {
  it('of 10,000 nodes are traced and optimised in under 2 s, and in at most 14 times the time of 1,000', () => {
    const [small, large] = [deep(1000), deep(10_000)]
    assert.ok(Object.keys(large.trace().graph.nodes).length >= 9_900)
    const optimise = (net: Model) => net.lowerSync({ backend: 'reference' }).graph
    cost(() => optimise(small), 2) // lets the engine compile the passes first
    const [few, many] = [cost(() => optimise(small), 4), cost(() => optimise(large), 2)]
    assert.ok(many < 2000, `${many.toFixed(0)} ms`)
    assertLinear('tracing and optimising', few, many)
  }).timeout(120_000)

  for (const [what, make] of Object.entries({ deep, shared })) {
    it(`${what}: making, saving, reporting and weights are linear too`, () => {
      const [small, large] = [make(1000), make(10_000)]
      const works: Readonly<Record<string, (net: Model) => unknown>> = {
        toJSON: net => net.toJSON(),
        summary: net => net.summary({ printFn: () => undefined }),
        weights: net => [net.getWeights(), net.trainableWeights, net.countParams()],
        graphText: net => net.graphText(),
      }
      // the least of three: one pause for garbage is as long as all of a large summary
      for (const [name, work] of Object.entries(works))
        assertLinear(
          name,
          cost(() => work(small), 3),
          cost(() => work(large), 3),
        )
      assertLinear(
        'making',
        cost(() => make(1000), 3),
        cost(() => make(10_000), 3),
      )
    }).timeout(120_000)
  }
})
