// The text form: what is printed reads back as the same graph.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { graphToText } from '../../lib/ir/printer.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext } from '../../passes/examples/index.js'
import { fuse } from '../../passes/index.js'
import { arbGraph } from '../support/arbGraph.js'

const read = (text: string): Graph => parseGraphText(text, opTable)

describe('graph text', () => {
  it('reads back as the graph that was printed, regions included', () => {
    fc.assert(
      fc.property(arbGraph, fc.boolean(), ({ graph }, fused) => {
        const printed = fused ? fuse.run(graph, exampleContext).graph : graph
        const text = graphToText(printed)
        const again = verify(read(text))
        assert.deepEqual(again, printed)
        assert.equal(graphToText(again), text)
      }),
    )
  }).timeout(120_000)

  it('keeps every name and number', () => {
    const arbName = fc.string({ unit: 'grapheme', minLength: 1 }).filter(name => name !== '__proto__')
    const arbNumber = fc.double()
    fc.assert(
      fc.property(arbName, arbName, arbName, arbNumber, (id, symbol, origin, value) => {
        const other = `${id}'`
        const type = { dtype: 'float32', shape: [symbol, 2] } as const
        const graph: Graph = {
          inputs: [id],
          variables: { [symbol]: { type, kind: 'weight' } },
          nodes: {
            [id]: { id, op: 'input', inputs: [], attrs: { name: id, ...type }, type, origin: [origin] },
            [other]: { id: other, op: 'leaky_relu', inputs: [id], attrs: { slope: value }, type, origin: [origin, id] },
          },
          results: { outputs: [{ name: origin, node: other }], losses: [], updates: { [symbol]: other } },
        }
        assert.deepEqual(read(graphToText(graph)), graph)
      }),
    )
  }).timeout(120_000)
})
