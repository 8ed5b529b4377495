// The jit on generated graphs: what the reference computes, to the last digit where all numbers are whole; small arenas.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { jit } from '../../backends/jit/jit.js'
import type { Graph } from '../../lib/ir/graph.js'
import { specialise } from '../../lib/ops/specialise.js'
import { pipelines, runPasses } from '../../passes/index.js'
import { arbGraph, arbImageGraph, arbSmoothGraph, type GraphCase } from '../support/arbGraph.js'
import { makeFeeds } from '../support/feeds.js'
import { assertWholeResults } from '../support/wholeNumbers.js'
import { assertNearGraph, assertRoundTrip, compileOnce, watchedCompiler } from './jitHarness.js'
import { optimised } from './jitModels.js'
import { evaluateOn } from './programs.js'

const compilers = [watchedCompiler(false), watchedCompiler(true)]

/** A graph with its sizes bound: as it is, and after all passes of either mode. */
function formsOf({ graph, sizes }: GraphCase): Graph[] {
  const passed = (['infer', 'train'] as const).map(mode => {
    const context = { mode, fusible: jit.fusible }
    const early = runPasses(graph, pipelines[mode].beforeSpecialise, context).graph
    return runPasses(specialise(early, sizes), pipelines[mode].afterSpecialise, context).graph
  })
  return [specialise(graph, sizes), ...passed]
}

/** Compiles and runs a graph in all forms; gives how many results were of whole numbers alone, and so equal. */
function runForms(
  value: GraphCase,
  check: (result: ReturnType<typeof evaluateOn>, graph: Graph, feeds: ReturnType<typeof makeFeeds>) => void,
): number {
  let whole = 0
  for (const graph of formsOf(value)) {
    assertRoundTrip(compileOnce(graph).bytes)
    for (const kind of ['real', 'integer'] as const) {
      const feeds = makeFeeds(graph, value.seed, kind)
      for (const compiler of compilers) {
        const result = evaluateOn(compiler, graph, feeds)
        check(result, graph, feeds)
        if (kind === 'integer') whole += assertWholeResults(result, graph, feeds)
      }
    }
  }
  return whole
}

describe('the jit on generated graphs', () => {
  const kinds = {
    'without jumps': { graphs: arbSmoothGraph, check: assertNearGraph },
    'of convolutions and pools': { graphs: arbImageGraph, check: assertNearGraph },
    // a rounding error before a jump is no error, so only whole numbers have a result to compare with
    'of all ops and rules': { graphs: arbGraph, check: () => undefined },
  }
  for (const [name, { graphs, check }] of Object.entries(kinds)) {
    it(`${name} computes what the reference computes, whole numbers exactly, in modules that wabt writes again`, () => {
      let whole = 0
      const property = fc.property(graphs, value => {
        whole += runForms(value, check)
      })
      fc.assert(property, { numRuns: 120 })
      assert.ok(whole > 600, `${whole} results of whole numbers`)
    }).timeout(180_000)
  }

  it('keeps arenas near their bounds', () => {
    fc.assert(
      fc.property(arbGraph, ({ graph, sizes }) => {
        const { plan } = compileOnce(optimised(specialise(graph, sizes)))
        assert.ok(plan.arenaBytes <= 1.15 * plan.boundBytes + 64, `arena ${plan.arenaBytes}, bound ${plan.boundBytes}`)
      }),
      { numRuns: 150 },
    )
  })
})
