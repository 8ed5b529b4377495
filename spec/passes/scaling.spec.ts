// Passes take time in proportion to the graph.

import assert from 'node:assert/strict'
import type { Graph } from '../../lib/ir/graph.js'
import type { TensorType } from '../../lib/ir/types.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'
import { specialise } from '../../lib/ops/specialise.js'
import { exampleContext } from '../../passes/examples/index.js'
import { pipelines, runPasses, splitPrepare } from '../../passes/index.js'
import { mobileNet } from '../support/cnn.js'

const vector: TensorType = { dtype: 'float32', shape: [16] }

/** A deep network of dense blocks with batch normalisation, dropout, skips and arithmetic to tidy. */
function deepGraph(size: number): Graph {
  const builder = new GraphBuilder('deep')
  let x: TracedTensor = builder.input('x', { dtype: 'float32', shape: ['batch', 16] })
  const key = builder.constant([1, 2], { dtype: 'int32', shape: [2] })
  const counter = builder.variable('counter', { dtype: 'int32', shape: [] }, 'counter')
  const one = builder.constant([1], { dtype: 'float32', shape: [] })
  for (let block = 0; block < size / 18; block++) {
    const name = `block_${block}`
    const weight = (stem: string, type = vector) => builder.variable(`${name}/${stem}`, type, 'weight')
    const skip = x
    x = builder.within(name, `${name}#0`, () => {
      let y = builder.emit('matmul', [x, weight('kernel', { dtype: 'float32', shape: [16, 16] })], {})
      y = builder.emit('add', [weight('bias'), y], {})
      y = builder.emitAny('batch_norm', [y, weight('gamma'), weight('beta'), weight('mean'), weight('variance')], {
        axis: -1,
        epsilon: 0.001,
      })
      y = builder.emit('relu', [y], {})
      y = builder.emit('phase', [builder.emitAny('dropout', [y, key, counter], { rate: 0.5, shape: ['batch', 16] }), y], {})
      y = builder.emit('reshape', [builder.emit('reshape', [y], { shape: ['batch', 4, 4] })], { shape: ['batch', 16] })
      y = builder.emit('negate', [builder.emit('negate', [builder.emit('multiply', [one, y], {})], {})], {})
      return builder.emit('add', [y, skip], {})
    })
  }
  return builder.build({ outputs: [{ name: 'y', value: x }] })
}

/** Milliseconds of this process: on a busy machine the clock measures the others. */
function lowerTime(graph: Graph): number {
  const start = process.cpuUsage()
  const first = runPasses(graph, pipelines.infer.beforeSpecialise, exampleContext).graph
  splitPrepare(runPasses(specialise(first, { batch: 8 }), pipelines.infer.afterSpecialise, exampleContext).graph)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

/** The best of three: the others met a garbage collection. */
function best(graph: Graph): number {
  const times = [1, 2, 3].map(() => {
    globalThis.gc?.() // what earlier suites left is not ours
    return lowerTime(graph)
  })
  return Math.min(...times)
}

describe('scaling of the whole pipeline', () => {
  it('lowers 10,000 nodes in under 2 s, and in at most 14 times the time of 1,000', () => {
    const [small, large] = [deepGraph(1000), deepGraph(10_000)]
    assert.ok(Object.keys(large.nodes).length >= 9_500)
    lowerTime(small) // lets the engine compile the passes first
    const [few, many] = [best(small), best(large)]
    assert.ok(many < 2000, `10,000 nodes took ${many.toFixed(0)} ms`)
    assert.ok(many <= 14 * few, `1,000 nodes took ${few.toFixed(1)} ms, 10,000 took ${many.toFixed(1)} ms`)
  })
    .timeout(120_000)
    .retries(2) // a pass that is quadratic takes 100 times as long, and fails each time

  for (const channelsFirst of [false, true]) {
    it(`lowers a MobileNet of ${channelsFirst ? 'channels before' : 'channels behind'} pixels in under 60 ms once warm`, () => {
      const graph = mobileNet({ channelsFirst })
      const times = Array.from({ length: 25 }, () => lowerTime(graph))
      assert.ok(Math.min(...times) < 60, `the best of ${times.length} took ${Math.min(...times).toFixed(1)} ms`)
    }).timeout(60_000)
  }

  it('does not recurse: a chain of 20,000 nodes passes', () => {
    const builder = new GraphBuilder('chain')
    let x: TracedTensor = builder.input('x', { dtype: 'float32', shape: [4] })
    for (let k = 0; k < 20_000; k++) x = builder.emit(k % 2 === 0 ? 'tanh' : 'negate', [x], {})
    lowerTime(builder.build({ outputs: [{ name: 'y', value: x }] }))
  }).timeout(60_000)
})
