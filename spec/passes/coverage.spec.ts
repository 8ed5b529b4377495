// The generator finds work for every rule, or the properties would say nothing about it.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { exampleContext } from '../../passes/examples/index.js'
import { allPasses, canonicalize } from '../../passes/index.js'
import { arbGraph, arbSmoothGraph, type GraphCase } from '../support/arbGraph.js'

const graphs = 1000
const enough = 50

const sample = (arb: fc.Arbitrary<GraphCase>) => fc.sample(arb, { numRuns: graphs, seed: 7 }).map(({ graph }) => graph)

describe('random graphs', () => {
  let all: readonly Graph[] = []
  let smooth: readonly Graph[] = []
  before(() => {
    all = sample(arbGraph)
    smooth = sample(arbSmoothGraph)
  })

  for (const pass of allPasses) {
    it(`make each rule of ${pass.name} fire at least ${enough} times in ${graphs}`, () => {
      const counts = new Map<string, number>(pass.rules.map(rule => [rule.name, 0]))
      for (const graph of pass.numerics === 'rounding' ? smooth : all) {
        const ordered = canonicalize.run(graph, exampleContext).graph
        const { rewrites } = pass.run(pass === canonicalize ? graph : ordered, exampleContext)
        for (const { rule } of rewrites) counts.set(rule, (counts.get(rule) ?? 0) + 1)
      }
      const rare = [...counts].filter(([, count]) => count < enough)
      assert.deepEqual(rare, [])
    })
  }
})
