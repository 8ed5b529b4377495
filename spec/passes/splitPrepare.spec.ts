// splitPrepare: the two halves give what the whole gives, and each contains what it should.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { graphToText } from '../../lib/ir/printer.js'
import { evaluateGraph, type Feeds, type Mode } from '../../lib/ops/evaluate.js'
import { specialise } from '../../lib/ops/specialise.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext, sketch } from '../../passes/examples/index.js'
import { pipelines, runPasses, splitPrepare, structureOf } from '../../passes/index.js'
import { arbGraph } from '../support/arbGraph.js'
import { assertSameValues } from '../support/compare.js'
import { type FeedKind, makeFeeds } from '../support/feeds.js'

const read = (text: string): Graph => verify(parseGraphText(text, opTable))

/** Runs `prepare`, then `run` on what it gave. */
function evaluateSplit(graph: Graph, feeds: Feeds, mode: Mode) {
  const { prepare, run } = splitPrepare(graph)
  verify(prepare)
  verify(run)
  assert.deepEqual(prepare.inputs, [])
  assert.deepEqual(run.inputs, graph.inputs)
  const options = { mode, precision: 'float32' } as const
  const prepared = evaluateGraph(prepare, { inputs: {}, variables: feeds.variables }, options).outputs
  for (const [name, { kind }] of Object.entries(run.variables)) assert.equal(kind === 'prepared', Object.hasOwn(prepared, name))
  return evaluateGraph(run, { inputs: feeds.inputs, variables: { ...feeds.variables, ...prepared } }, options)
}

describe('splitPrepare', () => {
  it('gives two graphs that together compute the whole', () => {
    const arbMode = fc.constantFrom<Mode>('infer', 'train')
    const arbKind = fc.constantFrom<FeedKind>('integer', 'real', 'special')
    fc.assert(
      fc.property(arbGraph, arbMode, arbKind, fc.boolean(), ({ graph, sizes, seed }, mode, kind, optimised) => {
        const { beforeSpecialise, afterSpecialise } = pipelines.infer
        const context = { ...exampleContext, mode }
        const first = optimised ? runPasses(graph, beforeSpecialise, context).graph : graph
        const bound = specialise(first, sizes)
        const whole = optimised ? runPasses(bound, afterSpecialise, context).graph : bound
        const feeds = makeFeeds(specialise(graph, sizes), seed, kind)
        assertSameValues(evaluateSplit(whole, feeds, mode), evaluateGraph(whole, feeds, { mode, precision: 'float32' }))
      }),
    )
  }).timeout(120_000)

  const folded = [
    'var "k" : float32[4,3] weight',
    'var "s" : float32[3] weight',
    '%k = variable() {name: "k"} : float32[4,3]',
    '%s = variable() {name: "s"} : float32[3]',
    '%scaled = multiply(%k, %s) : float32[4,3]',
    '%m = matmul(%x, %scaled) : float32[batch,3]',
    '%y = add(%m, %s) : float32[batch,3]',
  ]

  it('moves what depends on weights only, and leaves weights that the run reads itself', () => {
    const { prepare, run } = splitPrepare(read(sketch('x float32[batch,4]', ...folded)))
    const expected = sketch(
      '',
      'var "k" : float32[4,3] weight',
      'var "s" : float32[3] weight',
      '%k = variable() {name: "k"} : float32[4,3]',
      '%s = variable() {name: "s"} : float32[3]',
      '%scaled = multiply(%k, %s) : float32[4,3]',
      'output "scaled" = %scaled',
    )
    assert.equal(structureOf(prepare), structureOf(read(expected)))
    assert.deepEqual(run.variables, {
      scaled: { type: { dtype: 'float32', shape: [4, 3] }, kind: 'prepared' },
      s: { type: { dtype: 'float32', shape: [3] }, kind: 'weight' },
    })
    assert.ok(!graphToText(run).includes('multiply'))
  })

  it('gives the graph itself and an empty one where there is nothing to prepare', () => {
    const graph = read(sketch('x float32[batch,4]', '%y = relu(%x) : float32[batch,4]'))
    const { prepare, run } = splitPrepare(graph)
    assert.equal(run, graph)
    assert.deepEqual([prepare.nodes, prepare.variables, prepare.results.outputs], [{}, {}, []])
  })

  for (const [what, kind, lines] of [
    ['recurrent state', 'state', []],
    ['a counter', 'counter', []],
    ['a weight that the graph updates', 'weight', ['update "s" = %t']],
  ] as const) {
    it(`leaves ${what} in the run`, () => {
      const graph = read(
        sketch(
          'x float32[batch,3]',
          `var "s" : float32[3] ${kind}`,
          '%s = variable() {name: "s"} : float32[3]',
          '%t = tanh(%s) : float32[3]',
          '%y = add(%x, %t) : float32[batch,3]',
          'output "y" = %y',
          ...lines,
        ),
      )
      assert.equal(splitPrepare(graph).run, graph)
    })
  }

  it('leaves a value whose size is not known yet in the run', () => {
    const graph = read(
      sketch(
        'x float32[batch,3]',
        'var "s" : float32[3] weight',
        '%s = variable() {name: "s"} : float32[3]',
        '%b = broadcast(%s) {shape: ["batch", 3]} : float32[batch,3]',
        '%y = add(%x, %b) : float32[batch,3]',
      ),
    )
    assert.equal(splitPrepare(graph).run, graph)
  })

  it('prepares a result that weights alone decide', () => {
    const graph = read(
      sketch(
        'x float32[4]',
        'var "w" : float32[4] weight',
        '%w = variable() {name: "w"} : float32[4]',
        '%e = exp(%w) : float32[4]',
        '%y = negate(%x) : float32[4]',
        'output "e" = %e',
        'output "y" = %y',
      ),
    )
    const { prepare, run } = splitPrepare(graph)
    assert.deepEqual(prepare.results.outputs, [{ name: 'e', node: 'e' }])
    assert.equal(run.nodes.e?.op, 'variable')
  })

  it('names a prepared variable after its node, but never as another variable', () => {
    const text = sketch('x float32[batch,4]', ...folded).replaceAll('"s"', '"scaled"')
    const { prepare, run } = splitPrepare(read(text))
    assert.deepEqual(Object.keys(prepare.variables).sort(), ['k', 'scaled'])
    assert.deepEqual(Object.keys(run.variables).sort(), ['scaled', 'scaled#prepared'])
  })
})
