// Models from their own config: the same architecture, and with the same weights the same outputs.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { configure } from '../../lib/layers/settings.js'
import { modelFromJSON } from '../../lib/models/fromConfig.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import { specialise } from '../../lib/ops/specialise.js'
import { toValue } from '../../lib/ops/values.js'
import { arbModel, evaluateReady, makeReady, modelRuns, modelSizes } from '../support/arbModel.js'
import { assertSameValues } from '../support/compare.js'

/** Reads a model back, without the warnings about masks that the first building of it gave. */
function readBack(text: string) {
  const before = configure({ warn: () => undefined })
  try {
    return modelFromJSON(text)
  } finally {
    configure(before)
  }
}

describe('a model read from its own JSON', () => {
  it('writes the same JSON again', () => {
    fc.assert(
      fc.property(arbModel, ({ net }) => {
        const text = net.toJSON()
        assert.deepEqual(JSON.parse(readBack(text).toJSON()), JSON.parse(text))
      }),
      { numRuns: modelRuns },
    )
  })

  it('has the same layers, and given the weights computes the same in both modes', () => {
    fc.assert(
      fc.property(arbModel, fc.constantFrom('infer', 'train'), (value, mode) => {
        const { net } = value
        const copy = readBack(net.toJSON())
        const described = (model: typeof net | typeof copy) =>
          model.layers.map(({ name, className, trainable }) => ({ name, className, trainable }))
        assert.deepEqual(described(copy), described(net))
        assert.deepEqual(
          copy.weights.map(({ path, trainable }) => [path, trainable]),
          net.weights.map(({ path, trainable }) => [path, trainable]),
        )
        copy.setWeights(net.getWeights())
        const ready = makeReady(value, 'real')
        const traced = copy.trace()
        const variables = Object.fromEntries([...traced.variables].map(([name, variable]) => [name, toValue(variable.read())]))
        const graph = specialise(traced.graph, modelSizes(traced, value))
        const again = evaluateGraph(graph, { inputs: ready.feeds.inputs, variables }, { mode, precision: 'float32' })
        assertSameValues(again, evaluateReady(ready.traced.graph, ready, mode, 'float32'))
      }),
      { numRuns: modelRuns },
    )
  })
})
