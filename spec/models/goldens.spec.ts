// Whole models, built in code and given Keras' weights, compute what Keras computes and describe themselves as Keras saves them.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { strFromU8, unzipSync } from 'fflate'
import type { NDArray } from '../../lib/ir/ndarray.js'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { Model } from '../../lib/models/model.js'
import { toNDArray, toValue } from '../../lib/ops/values.js'
import type { Inputs } from '../../lib/runtime/feeds.js'
import { assertClose, type GoldenTensor, goldenNumber, goldenValue, readGolden } from '../support/golden.js'
import { builders, buildModel, type ModelName } from './builders.js'

interface ModelCase {
  readonly name: ModelName
  readonly class_name: string
  readonly model_name: string
  readonly input_keys: readonly string[] | null
  readonly output_keys: readonly string[] | null
  readonly output_names: readonly string[]
  readonly input_shapes: readonly (readonly (number | null)[])[]
  readonly output_shapes: readonly (readonly (number | null)[])[]
  readonly inputs: readonly GoldenTensor[]
  readonly outputs: readonly GoldenTensor[]
  readonly output_masks: readonly (GoldenTensor | null)[]
  readonly layers: readonly {
    name: string
    class_name: string
    output_shape: (number | null)[][] | null
    params: number
    trainable: boolean
  }[]
  readonly weights: readonly (GoldenTensor & { path: string; name: string; trainable: boolean })[]
  readonly losses?: readonly (number | string)[]
  readonly losses_training?: readonly (number | string)[]
  readonly training_outputs?: readonly GoldenTensor[]
  readonly weights_after?: readonly GoldenTensor[]
}

const cases = readGolden<{ cases: ModelCase[] }>('models/models').cases.filter(({ name }) => name in builders)

const arrayOf = (tensor: GoldenTensor): NDArray => toNDArray(goldenValue(tensor))

/** A model with Keras' weights, and Keras' inputs for it. */
function settle({ name, weights, inputs, input_keys }: ModelCase): { model: BaseModel<unknown>; feeds: Inputs } {
  const model = buildModel(name)
  model.setWeights(weights.map(arrayOf))
  const arrays = inputs.map(arrayOf)
  const feeds = input_keys ? Object.fromEntries(input_keys.map((key, k) => [key, arrays[k] as NDArray])) : arrays
  return { model, feeds }
}

/** What `run` and `predict` give, in Keras' flat order. */
function flat(outputs: unknown, keys: readonly string[] | null): NDArray[] {
  if (keys) {
    assert.deepEqual(Object.keys(outputs as object).sort(), keys)
    return keys.map(key => (outputs as Record<string, NDArray>)[key] as NDArray)
  }
  return Array.isArray(outputs) ? outputs : [outputs as NDArray]
}

/** Both sides compute in float32, in different orders: a few units in the last place of the largest value. */
function assertOutputs(actual: readonly NDArray[], expected: readonly GoldenTensor[], what: string): void {
  assert.equal(actual.length, expected.length, what)
  expected.forEach((tensor, k) => {
    const wanted = goldenValue(tensor)
    const largest = Math.max(...wanted.data, ...wanted.data.map(x => -x))
    assertClose(toValue(actual[k] as NDArray), wanted, () => 2 ** -20 * largest, `${what} ${k}`)
  })
}

const backends = ['reference', 'auto']

describe('models as Keras computes them', () => {
  for (const golden of cases) {
    it(`${golden.name}: names, shapes, layers and weights`, () => {
      const model = buildModel(golden.name)
      assert.equal(model.className, golden.class_name)
      assert.equal(model.name, golden.model_name)
      assert.deepEqual(
        model.inputs.map(({ shape }) => shape),
        golden.input_shapes,
      )
      assert.deepEqual(
        model.outputs.map(({ shape }) => shape),
        golden.output_shapes,
      )
      // Keras gives a Sequential no output names
      if (model instanceof Model) assert.deepEqual(model.outputNames, golden.output_names)
      const facts = model.layers.map(layer => ({
        name: golden.name === 'middle_of_model' ? layer.name.replace('firstCLONE', 'keras_tensorCLONE') : layer.name,
        class_name: layer.className,
        output_shape: layer.calls[0]?.outputs.map(({ shape }) => shape) ?? null,
        params: layer.countParams(),
        trainable: layer.trainable,
      }))
      assert.deepEqual(facts, golden.layers)
      assert.deepEqual(
        model.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
        golden.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      )
      // Keras' variables keep `trainable` when their layer is frozen; the lists of the model tell
      const trainable = new Set(model.trainableWeights)
      const frozen = new Set(model.layers.filter(layer => !layer.trainable).flatMap(layer => layer.weights))
      assert.deepEqual(
        model.weights.map(weight => trainable.has(weight)),
        golden.weights.map(({ trainable }, k) => trainable && !frozen.has(model.weights[k] as (typeof model.weights)[number])),
      )
    })

    for (const backend of backends) {
      it(`${golden.name}: outputs on ${backend}`, async () => {
        const { model, feeds } = settle(golden)
        assertOutputs(flat(await model.run(feeds, { backend }), golden.output_keys), golden.outputs, 'output')
        assertOutputs(flat(await model.predict(feeds, { backend, batchSize: 2 }), golden.output_keys), golden.outputs, 'predicted output')
        model.dispose()
      })
    }
  }

  for (const golden of cases.filter(({ output_masks }) => output_masks.some(mask => mask !== null))) {
    it(`${golden.name}: masks of the outputs`, async () => {
      const { model, feeds } = settle(golden)
      const masks = model.outputs.map(({ mask }) => mask)
      assert.deepEqual(
        masks.map(mask => mask === null),
        golden.output_masks.map(mask => mask === null),
      )
      const masking = new Model<NDArray[]>({ inputs: model.inputs, outputs: masks.filter(mask => mask !== null) })
      const wanted = golden.output_masks.filter(mask => mask !== null).map(goldenValue)
      assert.deepEqual((await masking.run(feeds, { backend: 'reference' })).map(toValue), wanted)
    })
  }

  it('regularized: losses in training mode', async () => {
    const golden = caseOf('regularized')
    const { model, feeds } = settle(golden)
    const losses = await model.losses(feeds, { backend: 'reference' })
    // Keras lists the losses of activities layer by layer, here they come call by call
    const [first = 0, second = 0, third = 0, ...weights] = (golden.losses_training ?? []).map(goldenNumber)
    const wanted = [first, third, second, ...weights]
    assert.equal(losses.length, wanted.length)
    wanted.forEach((value, k) => {
      const { name, value: got } = losses[k] as (typeof losses)[number]
      assert.ok(Math.abs(got - value) <= 2 ** -20 * Math.abs(value), `${name} should be ${value}, got ${got}`)
    })
    assert.deepEqual(model.getWeights().map(toValue), golden.weights.map(goldenValue), 'nothing is updated')
  })

  it('batch_norms: a run in training mode, and the weights after it', async () => {
    const golden = caseOf('batch_norms')
    for (const backend of backends) {
      const { model, feeds } = settle(golden)
      assertOutputs(flat(await model.run(feeds, { training: true, backend }), null), golden.training_outputs ?? [], `output on ${backend}`)
      assertOutputs(model.getWeights(), golden.weights_after ?? [], `weight on ${backend}`)
    }
  })
})

describe('configs as Keras saves them', () => {
  for (const golden of cases.filter(({ name }) => name !== 'masking_chain')) {
    it(golden.name, () => {
      const members = unzipSync(readFileSync(new URL(`../golden/models/${golden.name}.keras`, import.meta.url)))
      const config = JSON.parse(strFromU8(members['config.json'] as Uint8Array))
      const renamed =
        golden.name === 'middle_of_model' ? JSON.parse(JSON.stringify(config).replaceAll('keras_tensorCLONE', 'firstCLONE')) : config
      assert.deepEqual(comparable(JSON.parse(buildModel(golden.name).toJSON())), comparable(renamed))
    })
  }

  it('masking_chain, whose mask Keras saves as operations', () => {
    const { config } = JSON.parse(buildModel('masking_chain').toJSON())
    const [, , , , norm] = config.layers
    assert.equal(norm.class_name, 'BatchNormalization')
    assert.deepEqual(norm.inbound_nodes[0].kwargs, {})
  })
})

function caseOf(name: ModelName): ModelCase {
  const found = cases.find(golden => golden.name === name)
  assert.ok(found, name)
  return found
}

/** What need not agree. */
const dropped: Readonly<Record<string, string>> = {
  shared_object_id: 'the identity of a Python object',
  build_config: 'what Keras builds layers with before it loads weights; both loaders find shapes by calling',
  compile_config: 'of training',
  quantization_config: 'of quantised layers',
}

/** A config without what need not agree; Keras' regularizers widen float32 factors to doubles. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value === 'number') return Math.fround(value)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => !Object.hasOwn(dropped, key))
  return Object.fromEntries(entries.map(([key, part]) => [key, key === 'kwargs' ? withoutDefaults(part) : comparable(part)]))
}

/** Keras names the missing masks of models that are called, and the mode that some layers were called in, which the caller decides. */
function withoutDefaults(kwargs: Readonly<Record<string, unknown>>): unknown {
  const { mask, training: _, ...rest } = kwargs
  const isEmpty = Array.isArray(mask) ? mask.every(part => part === null) : mask === null
  return comparable(isEmpty || mask === undefined ? rest : { mask, ...rest })
}
