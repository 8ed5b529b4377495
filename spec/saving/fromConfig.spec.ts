import assert from 'node:assert/strict'
import type { Json } from '../../lib/layers/schema.js'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { modelFromJSON, modelFromObject } from '../../lib/models/fromConfig.js'
import { loadModel } from '../../lib/models/loadModel.js'
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

  describe('with operations', () => {
    /** A model of one operation on x = [[0, 1, 2], [3, 4, 5]]. */
    const run = (className: string, config: JsonRecord, ...args: Json[]) => {
      const input = {
        module: 'keras.layers',
        class_name: 'InputLayer',
        config: { name: 'x', batch_shape: [null, 3], dtype: 'float32' },
        name: 'x',
        inbound_nodes: [],
      }
      const inbound_nodes = [{ args: args.map(arg => (arg === 'x' ? xTensor : arg)), kwargs: {} }]
      const op = { module: 'keras.src.ops.numpy', class_name: className, config: { name: 'op', ...config }, name: 'op', inbound_nodes }
      const model = modelFromObject({
        class_name: 'Functional',
        config: { name: 'm', layers: [input, op], input_layers: ['x', 0, 0], output_layers: ['op', 0, 0] },
      })
      const [value] = evaluateModel(model, [{ dtype: 'float32', shape: [2, 3], data: Float64Array.of(0, 1, 2, 3, 4, 5) }], 'float64')
      return { dtype: value?.dtype, shape: value?.shape, data: [...(value?.data ?? [])] }
    }
    const xTensor: Json = { class_name: '__keras_tensor__', config: { shape: [null, 3], dtype: 'float32', keras_history: ['x', 0, 0] } }
    const slice = (start: number | null, stop: number | null, step: number | null): Json => ({
      class_name: '__slice__',
      config: { start, stop, step },
    })

    it('index as Python does', () => {
      assert.deepEqual(run('GetItem', {}, 'x', [slice(null, null, null), slice(null, null, 2)]), {
        dtype: 'float32',
        shape: [2, 2],
        data: [0, 2, 3, 5],
      })
      assert.deepEqual(run('GetItem', {}, 'x', [slice(null, null, null), slice(-2, null, null)]), {
        dtype: 'float32',
        shape: [2, 2],
        data: [1, 2, 4, 5],
      })
      assert.deepEqual(run('GetItem', {}, 'x', [slice(null, null, null), slice(null, null, -1)]), {
        dtype: 'float32',
        shape: [2, 3],
        data: [2, 1, 0, 5, 4, 3],
      })
      assert.deepEqual(run('GetItem', {}, 'x', [{ class_name: '__ellipsis__', config: {} }, -1]), {
        dtype: 'float32',
        shape: [2],
        data: [2, 5],
      })
      assert.deepEqual(run('GetItem', {}, 'x', [slice(null, null, null), null, slice(0, 1, null)]), {
        dtype: 'float32',
        shape: [2, 1, 1],
        data: [0, 3],
      })
    })

    it('take literals on either side, and lists of tensors', () => {
      assert.deepEqual(run('Subtract', {}, 10, 'x').data, [10, 9, 8, 7, 6, 5])
      assert.deepEqual(run('Concatenate', { axis: 0 }, [xTensor, xTensor]).shape, [4, 3])
    })

    it('read static arguments from the config', () => {
      assert.deepEqual(run('Sum', { axis: [1], keepdims: true }, 'x'), { dtype: 'float32', shape: [2, 1], data: [3, 12] })
      assert.deepEqual(run('Argmax', { axis: 0, keepdims: false }, 'x').data, [1, 1, 1])
      assert.deepEqual(run('Clip', { x_min: 1, x_max: 4 }, 'x').data, [1, 1, 2, 3, 4, 4])
      assert.deepEqual(run('Cast', { dtype: 'int32' }, 'x').dtype, 'int32')
      assert.deepEqual(run('Transpose', { axes: null }, 'x').shape, [3, 2])
      assert.deepEqual(run('LeakyRelu', { negative_slope: 0.5 }, 'x').data, [0, 1, 2, 3, 4, 5])
      assert.throws(
        () => run('Prod', { axis: 1, keepdims: false, dtype: 'int8' }, 'x'),
        refusal('FileError', 'layers[1] > config > dtype is an option that is not supported'),
      )
    })
  })

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
