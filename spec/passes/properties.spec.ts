// What every pass promises, on random graphs: same values, legal, at rest, undoable.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { applyPatches, type Graph } from '../../lib/ir/graph.js'
import { type Evaluation, evaluateGraph, type Mode } from '../../lib/ops/evaluate.js'
import { specialise } from '../../lib/ops/specialise.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext } from '../../passes/examples/index.js'
import { absorbPadding, allPasses, foldAffine, type Pass, sinkTransposes } from '../../passes/index.js'
import { arbGraph, arbImageGraph, arbSmoothGraph, type GraphCase } from '../support/arbGraph.js'
import { assertNearOutputs, assertSameAlgebra, assertSameValues } from '../support/compare.js'
import { type FeedKind, makeFeeds } from '../support/feeds.js'

const arbMode = fc.constantFrom<Mode>('infer', 'train')
const arbFeedKind = fc.constantFrom<FeedKind>('integer', 'real', 'special')
/** Whether the pass sees sizes bound already, as it does after `specialise`. */
const arbStage = fc.boolean()

/** What the whole graph still promises after a pass: at inference resolvePhase drops losses and most updates. */
function expected(pass: Pass, mode: Mode, graph: Graph, evaluation: Evaluation): Evaluation {
  if (pass.name !== 'resolvePhase' || mode === 'train') return evaluation
  const kept = Object.entries(evaluation.updates).filter(([name]) => graph.variables[name]?.kind === 'state')
  return { ...evaluation, losses: [], updates: Object.fromEntries(kept) }
}

function checkPass(pass: Pass, mode: Mode, before: Graph, { sizes, seed }: GraphCase, kind: FeedKind): void {
  const context = { ...exampleContext, mode }
  const edit = pass.run(before, context)
  verify(edit.graph)
  const again = pass.run(edit.graph, context)
  assert.deepEqual(
    again.rewrites.map(rewrite => rewrite.rule),
    [],
    'a second run finds nothing',
  )
  assert.equal(again.graph, edit.graph)
  assert.deepEqual(applyPatches(edit.graph, edit.undo), before)
  assert.deepEqual(applyPatches(before, edit.patches), edit.graph)
  const names = new Set(pass.rules.map(rule => rule.name))
  for (const { rule } of edit.rewrites) assert.ok(names.has(rule), `${rule} is documented`)

  const [whole, changed] = [specialise(before, sizes), specialise(edit.graph, sizes)]
  const feeds = makeFeeds(whole, seed, kind)
  if (pass.numerics === 'rounding') {
    assertNearOutputs({ whole, changed, feeds })
    assertSameAlgebra({ whole, changed, feeds })
    return
  }
  const evaluate = (graph: Graph) => evaluateGraph(graph, feeds, { mode, precision: 'float32' })
  assertSameValues(evaluate(changed), expected(pass, mode, before, evaluate(whole)))
}

/** Passes with rules of their own for convolutions, pools and images. */
const forImages: readonly Pass[] = [sinkTransposes, absorbPadding, foldAffine]

for (const pass of forImages) {
  describe(`pass ${pass.name}`, () => {
    it('keeps what networks of convolutions compute', () => {
      fc.assert(
        fc.property(arbImageGraph, arbStage, (value, bound) => {
          const graph = bound ? specialise(value.graph, value.sizes) : value.graph
          checkPass(pass, 'infer', graph, value, pass.numerics === 'exact' ? 'integer' : 'real')
        }),
        { numRuns: 200 },
      )
    }).timeout(120_000)
  })
}

for (const pass of allPasses) {
  const isExact = pass.numerics === 'exact'
  describe(`pass ${pass.name}`, () => {
    it(`keeps values ${isExact ? 'to the bit' : 'within rounding'}, stays legal, comes to rest, can be undone`, () => {
      fc.assert(
        fc.property(isExact ? arbGraph : arbSmoothGraph, arbMode, arbFeedKind, arbStage, (value, mode, kind, bound) => {
          const graph = bound ? specialise(value.graph, value.sizes) : value.graph
          checkPass(pass, isExact ? mode : 'infer', graph, value, isExact ? kind : 'real')
        }),
      )
    }).timeout(120_000)
  })
}
