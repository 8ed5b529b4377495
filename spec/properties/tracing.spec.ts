// What a traced model promises: the shapes its tensors showed, a legal graph, text that reads back.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseGraphText } from '../../lib/ir/parser.js'
import { graphToText } from '../../lib/ir/printer.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { Value } from '../../lib/ops/op.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { arbModel, evaluateReady, makeReady, modelRuns } from '../support/arbModel.js'

/** What a Keras tensor said its values would be, as far as it said. */
function assertFits({ name, shape, dtype }: KerasTensor, value: Value | undefined): void {
  assert.equal(value?.dtype, dtype, `dtype of ${name}`)
  assert.equal(value?.shape.length, shape.length, `rank of ${name}`)
  shape.forEach((size, axis) => {
    if (size !== null) assert.equal(value?.shape[axis], size, `axis ${axis} of ${name}`)
  })
}

describe('a traced model', () => {
  it('has outputs of the shapes and dtypes that its Keras tensors showed', () => {
    fc.assert(
      fc.property(arbModel, value => {
        const ready = makeReady(value, 'integer')
        const { outputs } = evaluateReady(ready.traced.graph, ready, 'infer', 'float32')
        const names = value.net.outputNames
        value.net.outputs.forEach((tensor, k) => {
          assertFits(tensor, outputs[names[k] as string])
        })
      }),
      { numRuns: modelRuns },
    )
  })

  it('verifies, names every layer as an origin, and reads back from its text', () => {
    fc.assert(
      fc.property(arbModel, ({ net }) => {
        const { graph, variables } = net.trace()
        verify(graph)
        assert.deepEqual([...variables.keys()].sort(), Object.keys(graph.variables).sort())
        for (const { op, id, origin } of Object.values(graph.nodes)) {
          if (op !== 'input' && op !== 'variable') assert.ok(origin.length > 0, `${id} comes from a layer`)
        }
        const text = graphToText(graph)
        const parsed = parseGraphText(text, opTable)
        assert.equal(graphToText(parsed), text)
        assert.deepEqual(parsed, graph)
      }),
      { numRuns: modelRuns },
    )
  })

  it('is the same each time', () => {
    fc.assert(
      fc.property(arbModel, ({ net }) => {
        assert.deepEqual(net.trace().graph, net.trace().graph)
      }),
      { numRuns: modelRuns },
    )
  })
})
