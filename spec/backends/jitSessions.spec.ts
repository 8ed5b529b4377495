// Sessions of the jit: programs of one model share weights, panels and memory, and give them back.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { specialise } from '../../lib/ops/specialise.js'
import { makeFeeds } from '../support/feeds.js'
import { compileOnce, disassemble, watchedSession } from './jitHarness.js'
import { mlp, optimised } from './jitModels.js'
import { assertNearReference, runProgram } from './programs.js'
import { graphFromText } from './tfjsGraphs.js'

describe('jit sessions', () => {
  const model = mlp('batch', [6, 7, 3])
  /** The same weights for one seed, whatever the batch. */
  const feedsOf = (graph: Graph, seed: number) => ({
    inputs: makeFeeds(graph, seed, 'real').inputs,
    variables: makeFeeds({ ...graph, inputs: [] }, seed, 'real').variables,
  })

  it('share weights and packed panels among batches, in any order of compiling and running', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 12 }),
        turns => {
          const { session, made } = watchedSession()
          const programs = new Map<number, { program: ReturnType<typeof session.compile>; graph: Graph }>()
          for (const [batch, seed] of turns) {
            const known = programs.get(batch)
            const graph = known?.graph ?? optimised(specialise(model, { batch }))
            const program = known?.program ?? session.compile(graph)
            programs.set(batch, { program, graph })
            const feeds = feedsOf(graph, seed)
            assertNearReference(runProgram(program, graph, feeds, seed), graph, feeds)
          }
          const packs = made.flatMap(compiled => compiled.schedule.prepare.map(step => step.kernel.key))
          assert.equal(packs.length, new Set(packs).size)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('read a variable again when its version changes, and only then', () => {
    const { session } = watchedSession()
    const graph = optimised(specialise(model, { batch: 2 }))
    const program = session.compile(graph)
    const feeds = feedsOf(graph, 1)
    const old = runProgram(program, graph, feeds)
    const changed = { ...feeds, variables: feedsOf(graph, 2).variables }
    assert.deepEqual(runProgram(program, graph, changed), old)
    assertNearReference(runProgram(program, graph, changed, 1), graph, changed)
  })

  it('give back the memory of programs that are disposed of', () => {
    const { session } = watchedSession()
    const cycle = (batch: number) => {
      const graph = specialise(model, { batch })
      const program = session.compile(graph)
      runProgram(program, graph, feedsOf(graph, 1))
      program.dispose()
      program.dispose()
    }
    for (let k = 1; k < 30; k++) cycle(k)
    const { bytes } = session.heap
    for (let turn = 0; turn < 10; turn++) for (let k = 1; k < 30; k++) cycle(k)
    assert.equal(session.heap.bytes, bytes)
  })

  it('keep windows valid when the memory grows', () => {
    const { session } = watchedSession()
    const small = optimised(specialise(model, { batch: 1 }))
    const program = session.compile(small)
    const feeds = feedsOf(small, 1)
    const before = runProgram(program, small, feeds)
    const { bytes } = session.heap
    session.compile(specialise(model, { batch: 30_000 }))
    assert.ok(session.heap.bytes > bytes)
    assert.deepEqual(runProgram(program, small, feeds), before)
  })

  it('compile without blocking, several at once', async () => {
    const { session } = watchedSession()
    const graphs = [1, 5, 64].map(batch => optimised(specialise(model, { batch })))
    const programs = await Promise.all(graphs.map(graph => session.compileAsync(graph)))
    programs.forEach((program, k) => {
      const graph = graphs[k] as Graph
      const feeds = feedsOf(graph, 1)
      assertNearReference(runProgram(program, graph, feeds), graph, feeds)
    })
  })

  it('keep room for the arena of a program that others overtook while it was compiled', async () => {
    const { session } = watchedSession()
    const side = 512
    const turned = graphFromText(
      `%x = input() {name: "x"} : float32[${side},${side}]`,
      `%t = transpose(%x) {perm: [1, 0]} : float32[${side},${side}]`,
      `%s = reduce_sum(%t) {axes: [0], keepdims: false} : float32[${side}]`,
      'output "s" = %s',
      'output "m" = %m',
      `%u = exp(%t) : float32[${side},${side}]`,
      `%m = reduce_max(%u) {axes: [1], keepdims: false} : float32[${side}]`,
    )
    const large = graphFromText(
      '%x = input() {name: "x"} : float32[4000000]',
      '%s = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]',
      'output "s" = %s',
    )
    const [first] = await Promise.all([session.compileAsync(turned), session.compileAsync(large)])
    const feeds = makeFeeds(turned, 3, 'real')
    assertNearReference(runProgram(first, turned, feeds), turned, feeds)
  })

  it('emit fused multiply-add only when asked to', () => {
    const graph = optimised(specialise(model, { batch: 8 }))
    assert.doesNotMatch(disassemble(compileOnce(graph).bytes), /relaxed/)
    assert.deepEqual(Buffer.from(compileOnce(graph, { fma: false }).bytes), Buffer.from(compileOnce(graph).bytes))
  })
})
