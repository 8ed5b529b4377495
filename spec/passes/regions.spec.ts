// Passes inside regions, and what they say about where nodes came from.

import assert from 'node:assert/strict'
import { type Graph, nodeAt } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { graphToText } from '../../lib/ir/printer.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import { specialise } from '../../lib/ops/specialise.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext, sketch } from '../../passes/examples/index.js'
import {
  allPasses,
  cse,
  dce,
  foldAffine,
  fuse,
  type Pass,
  pipelines,
  resolvePhase,
  runPasses,
  simplify,
  splitPrepare,
} from '../../passes/index.js'
import { assertSameValues } from '../support/compare.js'
import { makeFeeds } from '../support/feeds.js'

const read = (text: string): Graph => verify(parseGraphText(text, opTable))
const run = (pass: Pass, graph: Graph, mode: 'train' | 'infer' = 'infer') => verify(pass.run(graph, { ...exampleContext, mode }).graph)

/** A recurrent layer over six steps whose step has something for every pass. */
const recurrent = read(
  sketch(
    'x float32[6,batch,4]; h float32[batch,3]',
    'var "k" : float32[4,3] weight',
    'var "b" : float32[3] weight',
    '%k = variable() {name: "k"} : float32[4,3]',
    '%b = variable() {name: "b"} : float32[3]',
    `%s = scan(%h, %x, %k, %b) {carries: 1, sequences: 1, reverse: false} {
    %h = input() {name: "h"} : float32[batch,3]
    %x = input() {name: "x"} : float32[batch,4]
    %k = input() {name: "k"} : float32[4,3]
    %b = input() {name: "b"} : float32[3]
    %dead = exp(%x) : float32[batch,4]
    %n = negate(%x) : float32[batch,4]
    %nn = negate(%n) : float32[batch,4]
    %p = phase(%n, %nn) : float32[batch,4]
    %m = matmul(%p, %k) : float32[batch,3]
    %a = add(%m, %b) : float32[batch,3]
    %t = add(%a, %h) : float32[batch,3]
    %u = tanh(%t) : float32[batch,3]
    %v = tanh(%t) : float32[batch,3]
    output "h" = %u
    output "y" = %v
  } : (float32[batch,3], float32[6,batch,3])`,
    '%last = get(%s) {index: 0} : float32[batch,3]',
    '%all = get(%s) {index: 1} : float32[6,batch,3]',
    'output "last" = %last',
    'output "all" = %all',
  ),
)

function bodyText(graph: Graph): string {
  const { body } = nodeAt(graph, 's')
  assert.ok(body)
  return graphToText(body)
}

describe('passes in regions', () => {
  it('every pass keeps the values of a scan, and comes to rest', () => {
    const whole = specialise(recurrent, { batch: 2 })
    const feeds = makeFeeds(whole, 3, 'integer')
    for (const pass of allPasses) {
      for (const mode of ['infer', 'train'] as const) {
        const after = run(pass, recurrent, mode)
        assert.equal(pass.run(after, { ...exampleContext, mode }).graph, after, pass.name)
        const options = { mode, precision: 'float32' } as const
        assertSameValues(evaluateGraph(specialise(after, { batch: 2 }), feeds, options), evaluateGraph(whole, feeds, options))
      }
    }
  })

  it('simplify, cse and dce work inside', () => {
    const text = bodyText(run(dce, run(cse, run(simplify, run(resolvePhase, recurrent)))))
    assert.equal(text.match(/negate|dead/), null)
    assert.equal(text.match(/= tanh/g)?.length, 1)
  })

  it('fuse makes one kernel of a step', () => {
    const text = bodyText(run(fuse, run(cse, run(simplify, run(resolvePhase, recurrent)))))
    assert.match(text, /fused\(%x, %k, %b, %h\) \{kind: "matmul\+bias\+add\+tanh"\}/)
  })

  it('fuse leaves the inside of what is fused', () => {
    const { beforeSpecialise, afterSpecialise } = pipelines.infer
    const first = runPasses(recurrent, beforeSpecialise, exampleContext).graph
    const lowered = runPasses(specialise(first, { batch: 2 }), afterSpecialise, exampleContext).graph
    assert.equal(fuse.run(lowered, exampleContext).graph, lowered)
  })

  it('splitPrepare leaves a scan of inputs in the run', () => {
    assert.equal(splitPrepare(recurrent).run, recurrent)
  })
})

describe('origins', () => {
  const named = (graph: Graph, id: string) => nodeAt(graph, id).origin

  it('a merged node comes from all that it stands for', () => {
    const graph = read(
      sketch(
        'x float32[batch,4]',
        '%a = exp(%x) : float32[batch,4] @ a#0',
        '%b = exp(%x) : float32[batch,4] @ b#0',
        '%y = add(%a, %b) : float32[batch,4] @ sum#0',
      ),
    )
    assert.deepEqual(named(run(cse, graph), 'a'), ['a#0', 'b#0'])
  })

  it('a fused node comes from all that is inside', () => {
    const graph = read(sketch('x float32[5,4]', '%a = exp(%x) : float32[5,4] @ a#0', '%y = tanh(%a) : float32[5,4] @ b#0'))
    assert.deepEqual(named(run(fuse, graph), 'y'), ['a#0', 'b#0'])
  })

  it('a kernel that took in a scale comes from both layers', () => {
    const graph = read(
      sketch(
        'x float32[batch,4]',
        'var "k" : float32[4,3] weight',
        'var "s" : float32[3] weight',
        '%k = variable() {name: "k"} : float32[4,3]',
        '%s = variable() {name: "s"} : float32[3]',
        '%m = matmul(%x, %k) : float32[batch,3] @ dense#0',
        '%y = multiply(%m, %s) : float32[batch,3] @ scale#0',
      ),
    )
    assert.deepEqual(named(run(foldAffine, graph), 'y'), ['scale#0', 'dense#0'])
  })
})

describe('resolvePhase', () => {
  it('keeps the name of a size that only the other side knows', () => {
    const graph = read(
      sketch(
        'x float32[batch,3]',
        '%t = reshape(%x) {shape: [-1]} : float32["t:0"]',
        '%i = reshape(%x) {shape: [-1]} : float32["i:0"]',
        '%p = phase(%t, %i) : float32["i:0"]',
        '%y = exp(%p) : float32["i:0"]',
      ),
    )
    const bound = verify(specialise(run(resolvePhase, graph, 'train'), { batch: 2 }))
    assert.deepEqual(nodeAt(bound, 'y').type, { dtype: 'float32', shape: [6] })
  })
})
