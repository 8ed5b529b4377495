// specialise: bound sizes reach every type, and a graph means the same before and after passes.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Graph, nodeAt } from '../../lib/ir/graph.js'
import { topologicalOrder } from '../../lib/ir/order.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { isConcrete, isTuple, type ValueType } from '../../lib/ir/types.js'
import { inferType } from '../../lib/ops/infer.js'
import { freeSymbols, specialise } from '../../lib/ops/specialise.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext, sketch } from '../../passes/examples/index.js'
import { pipelines, runPasses } from '../../passes/index.js'
import { arbGraph } from '../support/arbGraph.js'

/** Every type is known, and is what its op infers from its operands' types. */
function assertConcrete(graph: Graph): void {
  const types = new Map<string, ValueType>()
  for (const node of topologicalOrder(verify(graph))) {
    const inferred = inferType(
      node,
      node.inputs.map(id => types.get(id) as ValueType),
    )
    assert.deepEqual(node.type, inferred, node.id)
    for (const part of isTuple(node.type) ? node.type.tuple : [node.type]) assert.ok(isConcrete(part.shape), node.id)
    types.set(node.id, inferred)
  }
}

describe('specialise', () => {
  it('gives every node the type that its op infers from bound sizes', () => {
    fc.assert(
      fc.property(arbGraph, ({ graph, sizes }) => {
        const bound = specialise(graph, sizes)
        assertConcrete(bound)
        assert.deepEqual([...freeSymbols(bound)], [])
        assert.deepEqual(specialise(bound, sizes), bound)
      }),
    )
  }).timeout(120_000)

  it('still finds every size after the passes that come before it', () => {
    fc.assert(
      fc.property(arbGraph, ({ graph, sizes }) => {
        const first = runPasses(graph, pipelines.infer.beforeSpecialise, exampleContext).graph
        const [before, after] = [specialise(graph, sizes), specialise(first, sizes)]
        assertConcrete(after)
        const typeOf = (bound: Graph) => bound.results.outputs.map(({ node }) => nodeAt(bound, node).type)
        assert.deepEqual(typeOf(after), typeOf(before))
      }),
    )
  }).timeout(120_000)

  it('binds a size that an earlier attribute names and a later node finds out', () => {
    const text = sketch(
      'x float32[batch,3]',
      '%one = constant() {data: [1]} : float32[]',
      '%ones = broadcast(%one) {shape: ["r:0"]} : float32["r:0"]',
      '%r = reshape(%x) {shape: [-1]} : float32["r:0"]',
      '%y = add(%ones, %r) : float32["r:0"]',
    )
    assertConcrete(specialise(parseGraphText(text, opTable), { batch: 2 }))
  }).timeout(120_000)

  it('binds it for a region that reads both', () => {
    const text = sketch(
      'x float32[batch,3]',
      '%one = constant() {data: [1]} : float32[]',
      '%ones = broadcast(%one) {shape: ["r:0"]} : float32["r:0"]',
      '%r = reshape(%x) {shape: [-1]} : float32["r:0"]',
      '%y = fused(%ones, %r) {kind: "add"} {',
      '%p = input() {name: "p"} : float32["r:0"]',
      '%q = input() {name: "q"} : float32["r:0"]',
      '%sum = add(%p, %q) : float32["r:0"]',
      'output "sum" = %sum',
      '} : float32["r:0"]',
    )
    assertConcrete(specialise(parseGraphText(text, opTable), { batch: 2 }))
  })
})
