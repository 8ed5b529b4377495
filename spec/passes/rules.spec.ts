// Every rule: its Before becomes its After, its near miss stays, and all three are legal graphs.

import assert from 'node:assert/strict'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { graphToText } from '../../lib/ir/printer.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext, exampleOf } from '../../passes/examples/index.js'
import { allPasses, structureOf } from '../../passes/index.js'

const read = (text: string): Graph => verify(parseGraphText(text, opTable))

/** Compared without names, shown with them. */
function assertSameStructure(actual: Graph, expected: Graph): void {
  if (structureOf(actual) !== structureOf(expected)) assert.equal(graphToText(actual), graphToText(expected))
}

for (const pass of allPasses) {
  describe(`rules of ${pass.name}`, () => {
    for (const rule of pass.rules) {
      const { before, after, nearMiss } = exampleOf(rule)
      it(`${rule.name}: ${rule.formula}`, () => {
        const edit = pass.run(read(before), exampleContext)
        assertSameStructure(verify(edit.graph), read(after))
        assert.ok(
          edit.rewrites.some(rewrite => rewrite.rule === rule.name),
          'the rule itself fired',
        )
      })

      it(`${rule.name} leaves its near miss`, () => {
        const graph = read(nearMiss)
        const edit = pass.run(graph, exampleContext)
        assert.equal(graphToText(verify(edit.graph)), graphToText(graph))
      })
    }

    it('has one name per rule, and is exact only if they all are', () => {
      assert.equal(new Set(pass.rules.map(rule => rule.name)).size, pass.rules.length)
      assert.equal(pass.numerics, pass.rules.every(rule => rule.numerics === 'exact') ? 'exact' : 'rounding')
    })
  })
}
