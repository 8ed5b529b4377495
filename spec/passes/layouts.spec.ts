// Networks of channels before pixels pay for turning images around at their inputs and outputs, and nowhere else.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { applyPatches, type Graph } from '../../lib/ir/graph.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import { specialise } from '../../lib/ops/specialise.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext } from '../../passes/examples/index.js'
import { pipelines, runPasses, sinkTransposes, splitPrepare, verifyGraphs } from '../../passes/index.js'
import { arbCnn } from '../support/arbCnn.js'
import { mobileNet, opCounts } from '../support/cnn.js'
import { assertNearOutputs, assertSameValues } from '../support/compare.js'
import { makeFeeds } from '../support/feeds.js'

const sizes = { batch: 2 }

/** A graph after a whole pipeline. */
function lowered(graph: Graph, name: 'infer' | 'train'): Graph {
  const first = runPasses(graph, pipelines[name].beforeSpecialise, exampleContext, [verifyGraphs()]).graph
  return runPasses(specialise(first, sizes), pipelines[name].afterSpecialise, exampleContext, [verifyGraphs()]).graph
}

describe('networks of channels before pixels', () => {
  it('keep their values to the bit when transposes move, come to rest, can be undone', () => {
    fc.assert(
      fc.property(arbCnn, fc.constantFrom('real', 'special'), ({ graph, seed }, kind) => {
        const edit = sinkTransposes.run(graph, exampleContext)
        verify(edit.graph)
        assert.equal(sinkTransposes.run(edit.graph, exampleContext).graph, edit.graph, 'a second run finds nothing')
        assert.deepEqual(applyPatches(edit.graph, edit.undo), graph)
        const [whole, changed] = [specialise(graph, sizes), specialise(edit.graph, sizes)]
        const feeds = makeFeeds(whole, seed, kind)
        const evaluate = (of: Graph) => evaluateGraph(of, feeds, { precision: 'float32' })
        assertSameValues(evaluate(changed), evaluate(whole))
      }),
    )
  }).timeout(120_000)

  it('run at most one transpose for each image that enters or leaves', () => {
    fc.assert(
      fc.property(arbCnn, ({ graph, images, seed }) => {
        const whole = specialise(graph, sizes)
        const changed = lowered(graph, 'infer')
        const { transpose = 0 } = opCounts(splitPrepare(changed).run)
        assert.ok(transpose <= 1 + images, `${transpose} transposes for 1 input and ${images} outputs`)
        assertNearOutputs({ whole, changed, feeds: makeFeeds(whole, seed, 'real') })
      }),
      { numRuns: 50 },
    )
  }).timeout(120_000)

  it('come out of the pipelines as the same network of the other format, but for the transpose of its input', () => {
    const counts = (channelsFirst: boolean) => opCounts(splitPrepare(lowered(mobileNet({ channelsFirst }), 'infer')).run)
    assert.deepEqual(counts(true), { ...counts(false), transpose: 1 })
    const { transpose = 0 } = opCounts(lowered(mobileNet({ channelsFirst: true }), 'train'))
    assert.equal(transpose, 1)
  })
})
