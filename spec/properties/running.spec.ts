// Models run by every backend, optimised: as their graphs mean, in batches of any size, in both modes.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { backends } from '../../backends/select.js'
import type { NDArray } from '../../lib/ir/ndarray.js'
import { configure } from '../../lib/layers/settings.js'
import { modelFromJSON } from '../../lib/models/fromConfig.js'
import type { Evaluation } from '../../lib/ops/evaluate.js'
import { toValue } from '../../lib/ops/values.js'
import type { Executable } from '../../lib/runtime/executable.js'
import { arbModel, assertNearModel, type ModelCase, makeReady, modelFeeds, modelRuns } from '../support/arbModel.js'

const names = Object.keys(backends)

/** An executable's outputs as an evaluation, by the names of the model's outputs. */
function outputsOf(value: ModelCase, arrays: readonly NDArray[]): Evaluation {
  const outputNames = value.net.outputNames
  return { outputs: Object.fromEntries(arrays.map((array, k) => [outputNames[k] as string, toValue(array)])), losses: [], updates: {} }
}

function run(exe: Executable, value: ModelCase): Evaluation {
  return outputsOf(value, exe.runAll(modelFeeds(value, 'real')))
}

for (const backend of names) {
  describe(`models on ${backend}`, () => {
    it('give what their graphs mean, optimised or not', async () => {
      await fc.assert(
        fc.asyncProperty(arbModel, fc.constantFrom('default', 'none'), async (value, passes) => {
          const ready = makeReady(value, 'real')
          const exe = await value.net.lower({ backend, passes })
          assertNearModel(run(exe, value), ready, 'infer', exe.graph)
          exe.dispose()
        }),
        { numRuns: modelRuns },
      )
    })

    it('give the same in batches of any size', async () => {
      await fc.assert(
        fc.asyncProperty(arbModel, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 }), async (value, batchSize, rows) => {
          const sized = { ...value, batch: rows }
          const feeds = modelFeeds(sized, 'real')
          const ready = makeReady(sized, 'real')
          const predicted = await value.net.predict(feeds, { backend, batchSize })
          const arrays = (Array.isArray(predicted) ? predicted : [predicted]) as NDArray[]
          assertNearModel(outputsOf(sized, arrays), ready, 'infer')
          value.net.dispose()
        }),
        { numRuns: modelRuns / 2 },
      )
    })

    it('train: outputs, losses and updates are those of the graph, and updates are written', async () => {
      await fc.assert(
        fc.asyncProperty(arbModel, async value => {
          const ready = makeReady(value, 'real')
          const { updates } = ready.traced.graph.results
          const exe = await value.net.lower({ backend, training: true })
          const { outputs, losses } = exe.runWithLosses(modelFeeds(value, 'real'))
          const written = Object.keys(updates).map(name => [
            name,
            toValue((ready.traced.variables.get(name) as { read(): NDArray }).read()),
          ])
          assertNearModel(
            {
              outputs: Object.fromEntries(Object.entries(outputs).map(([name, array]) => [name, toValue(array)])),
              losses: losses.map(({ name, value: loss }) => ({
                name,
                value: { dtype: 'float32', shape: [], data: Float64Array.of(loss) },
              })),
              updates: Object.fromEntries(written),
            },
            ready,
            'train',
          )
          exe.dispose()
        }),
        { numRuns: modelRuns / 2 },
      )
    })
  })
}

describe('training runs', () => {
  it('repeat: a copy with the same weights and seeds goes through the same states', async () => {
    await fc.assert(
      fc.asyncProperty(arbModel, async value => {
        const { net } = value
        const before = configure({ warn: () => undefined })
        const copy = modelFromJSON(net.toJSON())
        configure(before)
        copy.setWeights(net.getWeights())
        const feeds = modelFeeds(value, 'real')
        for (let step = 0; step < 3; step++) {
          const [here, there] = [await net.run(feeds, { training: true }), await copy.run(feeds, { training: true })]
          assert.deepEqual(there, here)
        }
        assert.deepEqual(copy.getWeights(), net.getWeights())
        net.dispose()
        copy.dispose()
      }),
      { numRuns: modelRuns / 2 },
    )
  })
})
