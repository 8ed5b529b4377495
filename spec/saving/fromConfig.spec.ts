import assert from 'node:assert/strict'
import type { Json } from '../../lib/layers/schema.js'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { modelFromJSON, modelFromObject } from '../../lib/models/fromConfig.js'
import { loadModel } from '../../lib/saving/load.js'
import { type GoldenTensor, goldenValue, readGolden } from '../support/golden.js'
import { goldenMembers, goldenPath, refusal } from './support/archives.js'
import { evaluateModel } from './support/evaluate.js'

type JsonRecord = { readonly [key: string]: Json }

const { cases } = readGolden<{ cases: readonly { name: string; inputs: readonly GoldenTensor[] }[] }>('models/models')
const plain = cases.filter(({ name }) => !['mixed', 'lambda', 'custom'].includes(name))
const configOf = (name: string) => JSON.parse(new TextDecoder().decode(goldenMembers(name)['config.json'])) as JsonRecord

/** The vertices of a config and what their calls read: all that makes the graph. */
function wiring(object: JsonRecord): Json {
  const {
    layers,
    input_layers = null,
    output_layers = null,
  } = object.config as { layers: JsonRecord[]; input_layers?: Json; output_layers?: Json }
  const vertices = layers.map(({ class_name, config, inbound_nodes = null, name = null }) => {
    const inner = (config as JsonRecord).layers ? wiring({ config: config as Json }) : null
    return { class_name: class_name as Json, name, inbound_nodes: withoutDefaults(inbound_nodes), inner }
  })
  return { vertices, input_layers, output_layers }
}

/** Keras writes masks of null and the training flag, which say nothing. */
function withoutDefaults(nodes: Json): Json {
  if (!Array.isArray(nodes)) return nodes
  return nodes.map((node: Json) => {
    const { args, kwargs } = node as { args: Json; kwargs: JsonRecord }
    const kept = Object.entries(kwargs).filter(([key, value]) => key !== 'training' && JSON.stringify(value).includes('__keras_tensor__'))
    return { args, kwargs: Object.fromEntries(kept) }
  })
}

describe('models from configs', () => {
  for (const { name, inputs } of plain) {
    it(`${name} comes back from its own JSON`, async () => {
      const model = await loadModel<unknown>(goldenPath(name))
      const again: BaseModel<unknown> = modelFromJSON(model.toJSON())
      again.setWeights(model.getWeights())
      assert.deepEqual(
        again.layers.map(layer => layer.name),
        model.layers.map(layer => layer.name),
      )
      const values = inputs.map(goldenValue)
      assert.deepEqual(evaluateModel(again, values, 'float64'), evaluateModel(model, values, 'float64'))
      assert.deepEqual(again.toObject(), model.toObject())
    })

    if (name !== 'keras_2_13') {
      it(`${name} is wired in its JSON as in Keras'`, () => {
        const object = configOf(name)
        assert.deepEqual(wiring(modelFromObject(object).toObject()), wiring(object))
      })
    }
  }

  it('say where in the text they fail', () => {
    assert.throws(() => modelFromJSON('{'), refusal('ArgumentError', 'no JSON'))
    assert.throws(() => modelFromJSON('{"class_name": "Sequential"}'), refusal('FileError', 'model config lacks "config"'))
  })

  it('resolve custom classes by function, by either name', () => {
    const object = configOf('custom')
    const calls: unknown[] = []
    for (const key of ['Scale', 'kerafold_tests>Scale']) {
      assert.throws(
        () => modelFromObject(object, { customObjects: { [key]: (config: unknown) => calls.push(config) } }),
        refusal('UnknownNameError', 'layers[2]', 'gave no Layer'),
      )
    }
    assert.deepEqual(
      calls.map(config => (config as JsonRecord).factor),
      [3, 3],
    )
  })
})
