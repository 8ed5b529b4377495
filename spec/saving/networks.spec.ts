// Networks of today, as Keras saves them: loaded, they have Keras' shapes and predict what Keras predicts.

import assert from 'node:assert/strict'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { loadModel } from '../../lib/models/loadModel.js'
import { assertClose, type GoldenTensor, goldenValue, readGolden } from '../support/golden.js'
import { goldenPath } from './support/archives.js'
import { evaluateModel, largest } from './support/evaluate.js'

interface Network {
  readonly name: string
  readonly note: string
  readonly input_names: readonly string[]
  readonly output_shapes: readonly (readonly (number | null)[])[]
  readonly inputs: readonly GoldenTensor[]
  readonly outputs: readonly GoldenTensor[]
  readonly layers: readonly { readonly name: string; readonly class_name: string; readonly params: number }[]
}

const { cases } = readGolden<{ cases: readonly Network[] }>('models/networks')

describe('networks that Keras saved', () => {
  for (const golden of cases) {
    describe(`${golden.name}: ${golden.note}`, () => {
      let model: BaseModel<unknown>
      before(async () => {
        model = await loadModel<unknown>(goldenPath(golden.name))
      })

      it('have the layers, inputs and outputs of the file', () => {
        assert.deepEqual(
          model.layers.map(layer => [layer.name, layer.className, layer.countParams()]),
          golden.layers.map(({ name, class_name, params }) => [name, class_name, params]),
        )
        assert.equal(model.inputs.length, golden.input_names.length)
        // where Keras does not know a size, Kerafold may
        golden.output_shapes.forEach((shape, k) => {
          const known = model.outputs[k]?.shape ?? []
          assert.deepEqual(
            known.map((size, axis) => (shape[axis] === null ? null : size)),
            shape,
          )
        })
      })

      it("predict what Keras' model predicts", () => {
        const values = golden.inputs.map(goldenValue)
        const [exact, rounded] = [evaluateModel(model, values, 'float64'), evaluateModel(model, values, 'float32')]
        golden.outputs.forEach((output, k) => {
          const [a, b] = [exact[k], rounded[k]]
          assert.ok(a && b)
          const difference = largest(Array.from(a.data, (value, at) => value - (b.data[at] as number)))
          const tolerance = 16 * difference + 2 ** -20 * largest(a.data)
          assertClose(b, goldenValue(output), () => tolerance, `output ${k}`)
        })
      })
    })
  }
})
