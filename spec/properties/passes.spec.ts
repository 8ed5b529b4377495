// Passes on the graphs of models: same values, at rest after one run, undoable; whole pipelines keep what a model means.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { applyPatches } from '../../lib/ir/graph.js'
import type { Mode } from '../../lib/ops/evaluate.js'
import { specialise } from '../../lib/ops/specialise.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext } from '../../passes/examples/index.js'
import { allPasses, type Pass, pipelines, runPasses, verifyGraphs } from '../../passes/index.js'
import { arbModel, assertNearModel, evaluateReady, keptIn, makeReady, modelRuns, type Ready } from '../support/arbModel.js'
import { assertSameValues } from '../support/compare.js'

const arbMode = fc.constantFrom<Mode>('infer', 'train')

/** Runs a pipeline as the runtime does: passes, sizes, passes. */
function optimise(ready: Ready, mode: Mode) {
  const context = { ...exampleContext, mode }
  const { beforeSpecialise, afterSpecialise } = pipelines[mode]
  const early = runPasses(ready.traced.graph, beforeSpecialise, context, [verifyGraphs()]).graph
  return runPasses(verify(specialise(early, ready.sizes)), afterSpecialise, context, [verifyGraphs()]).graph
}

function checkPass(pass: Pass, ready: Ready, mode: Mode): void {
  const { graph } = ready.traced
  const context = { ...exampleContext, mode }
  const edit = pass.run(graph, context)
  verify(edit.graph)
  assert.equal(pass.run(edit.graph, context).graph, edit.graph, 'a second run finds nothing')
  assert.deepEqual(applyPatches(edit.graph, edit.undo), graph)
  assert.deepEqual(applyPatches(graph, edit.patches), edit.graph)
  const before = evaluateReady(graph, ready, mode, 'float32')
  const ref32 = pass.name === 'resolvePhase' ? keptIn(mode, before) : before
  const after = evaluateReady(edit.graph, ready, mode, 'float32')
  if (pass.numerics === 'exact') assertSameValues(after, ref32)
  else assertNearModel(keptIn(mode, after), ready, mode, edit.graph)
}

describe('passes on models', () => {
  for (const pass of allPasses) {
    it(`${pass.name} keeps what a model computes, comes to rest, can be undone`, () => {
      fc.assert(
        fc.property(arbModel, arbMode, fc.constantFrom('integer', 'real'), (value, mode, kind) => {
          checkPass(pass, makeReady(value, kind), mode)
        }),
        { numRuns: modelRuns / 2 },
      )
    })
  }

  it('the pipeline of training keeps outputs, losses and updates to the bit', () => {
    fc.assert(
      fc.property(arbModel, fc.constantFrom('integer', 'real'), (value, kind) => {
        const ready = makeReady(value, kind)
        const { graph } = ready.traced
        assertSameValues(
          evaluateReady(optimise(ready, 'train'), ready, 'train', 'float32'),
          evaluateReady(graph, ready, 'train', 'float32'),
        )
      }),
      { numRuns: modelRuns },
    )
  })

  it('the pipeline of inference keeps outputs within rounding, and drops the rest', () => {
    fc.assert(
      fc.property(arbModel, fc.constantFrom('integer', 'real'), (value, kind) => {
        const ready = makeReady(value, kind)
        const optimised = optimise(ready, 'infer')
        assert.deepEqual([optimised.results.losses, optimised.results.updates], [[], {}])
        assertNearModel(evaluateReady(optimised, ready, 'infer', 'float32'), ready, 'infer', optimised)
      }),
      { numRuns: modelRuns },
    )
  })
})
