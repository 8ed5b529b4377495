// The pipelines as wholes: values, reports, failures, instruments, time.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { graphToText } from '../../lib/ir/printer.js'
import { evaluateGraph, type Mode } from '../../lib/ops/evaluate.js'
import { specialise } from '../../lib/ops/specialise.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext, sketch } from '../../passes/examples/index.js'
import {
  dce,
  dumpGraphs,
  type Instrument,
  type Pass,
  type PipelineName,
  pipelines,
  runPasses,
  simplify,
  timePasses,
  verifyGraphs,
} from '../../passes/index.js'
import { arbGraph, arbSmoothGraph, type GraphCase } from '../support/arbGraph.js'
import { assertNearOutputs, assertSameValues } from '../support/compare.js'
import { type FeedKind, makeFeeds } from '../support/feeds.js'

/** Lowers a graph as the runtime does: passes, sizes, passes. */
function lower(name: PipelineName, { graph, sizes }: GraphCase, mode: Mode): Graph {
  const context = { ...exampleContext, mode }
  const { beforeSpecialise, afterSpecialise } = pipelines[name]
  const instruments = [verifyGraphs()]
  const first = runPasses(graph, beforeSpecialise, context, instruments).graph
  return runPasses(verify(specialise(first, sizes)), afterSpecialise, context, instruments).graph
}

describe('pipelines', () => {
  it('infer keeps the values of inference within rounding', () => {
    fc.assert(
      fc.property(arbSmoothGraph, value => {
        const whole = specialise(value.graph, value.sizes)
        const feeds = makeFeeds(whole, value.seed, 'real')
        assertNearOutputs({ whole, changed: lower('infer', value, 'infer'), feeds })
      }),
    )
  }).timeout(120_000)

  it('train keeps every value of training to the bit', () => {
    fc.assert(
      fc.property(arbGraph, fc.constantFrom<FeedKind>('real', 'special'), (value, kind) => {
        const whole = specialise(value.graph, value.sizes)
        const feeds = makeFeeds(whole, value.seed, kind)
        const options = { mode: 'train', precision: 'float32' } as const
        assertSameValues(evaluateGraph(lower('train', value, 'train'), feeds, options), evaluateGraph(whole, feeds, options))
      }),
    )
  }).timeout(120_000)

  it('train and none hold exact passes only', () => {
    for (const name of ['train', 'none'] as const) {
      const { beforeSpecialise, afterSpecialise } = pipelines[name]
      for (const pass of [...beforeSpecialise, ...afterSpecialise]) assert.equal(pass.numerics, 'exact', pass.name)
    }
  })
})

const text = sketch(
  'x float32[batch,4]',
  '%a = negate(%x) : float32[batch,4] @ first#0',
  '%b = negate(%a) : float32[batch,4] @ second#0',
  '%y = exp(%b) : float32[batch,4] @ third#0',
)
const graph = parseGraphText(text, opTable)
const broken: Pass = {
  ...simplify,
  name: 'broken',
  run: () => {
    throw new Error('no such thing')
  },
}

describe('runPasses', () => {
  it('reports each step: sizes, rules, edits', () => {
    const { steps, graph: after } = runPasses(graph, [simplify, simplify], exampleContext)
    assert.deepEqual(
      steps.map(({ pass, nodesBefore, nodesAfter, rules }) => ({ pass, nodesBefore, nodesAfter, rules })),
      [
        { pass: 'simplify', nodesBefore: 4, nodesAfter: 2, rules: { negateTwice: 1 } },
        { pass: 'simplify', nodesBefore: 2, nodesAfter: 2, rules: {} },
      ],
    )
    assert.equal(steps[1]?.edit.graph, after)
    assert.equal(steps[0]?.edit.before, graph)
  })

  it('says which pass failed, and why', () => {
    assert.throws(() => runPasses(graph, [simplify, broken], exampleContext), /^Error: internal: pass broken failed: no such thing$/)
  })

  it('says which pass made a graph that does not verify', () => {
    const lying: Pass = {
      ...simplify,
      name: 'lying',
      run: before => ({ ...simplify.run(before, exampleContext), graph: { ...before, inputs: [] } }),
    }
    assert.throws(() => runPasses(graph, [lying], exampleContext, [verifyGraphs()]), /pass lying failed: graph: input node "x"/)
  })
})

describe('instruments', () => {
  const recorder = () => {
    const files = new Map<string, string>()
    return { files, dump: dumpGraphs((file, content) => files.set(file, content)) }
  }

  it('dumpGraphs writes what changed, numbered by pass, with the patches', () => {
    const { files, dump } = recorder()
    const { graph: after } = runPasses(graph, [simplify, simplify, dce], exampleContext, [dump])
    assert.deepEqual([...files.keys()], ['000_simplify.txt', '000_simplify.patches.json'])
    assert.equal(files.get('000_simplify.txt'), graphToText(after))
    assert.ok(Array.isArray(JSON.parse(files.get('000_simplify.patches.json') ?? '')))
  })

  it('dumpGraphs writes the graph before a pass that throws: a reproducer', () => {
    const { files, dump } = recorder()
    assert.throws(() => runPasses(graph, [broken], exampleContext, [dump]))
    assert.deepEqual([...files], [['000_broken.failed.txt', graphToText(graph)]])
  })

  it('timePasses adds up the time of each pass', () => {
    const timer = timePasses()
    const instruments: Instrument[] = [timer]
    runPasses(graph, [simplify, simplify], exampleContext, instruments)
    assert.deepEqual([...timer.times.keys()], ['simplify'])
    assert.ok([...timer.times.values()].every(ms => ms >= 0))
  })
})
