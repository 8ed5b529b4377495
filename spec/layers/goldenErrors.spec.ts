// What Keras 3.15.1 refuses, Kerafold refuses, with an error of its own that says what to do; and the other way round.

import assert from 'node:assert/strict'
import { KerafoldError } from '../../lib/ir/errors.js'
import { type InputOptions, input } from '../../lib/layers/inputLayer.js'
import type { KerasShape } from '../../lib/layers/layer.js'
import { layerFromConfig } from '../../lib/layers/registry.js'
import { configure } from '../../lib/layers/settings.js'
import { type ErrorCase, layerGoldens } from '../support/layerCases.js'
import { applyTo, type Operand } from '../support/runLayer.js'

const { errors } = layerGoldens()

/** Keras refuses these, Kerafold takes them. */
const taken: Readonly<Record<string, string>> = {
  'Keras 2 weights argument': 'weights are given as in Keras 2; here an empty list before the layer has any',
  'SpatialDropout1D trainable': 'Keras 2 and every other layer take it',
  'BatchNormalization axis list': 'Keras 2 wrote the axis as a list of one',
  'BatchNormalization synchronized': 'Keras takes it on TensorFlow, so that files hold it; on one device it has no meaning',
  'Reshape float': 'JavaScript has no whole number that is not 2.0',
  'Conv2DTranspose groups': "TensorFlow's Keras 2 writes the one value that it can have",
  'UnitNormalization int32': 'integers become float32 here, as in the other normalisations',
  'RMSNormalization axis 1': 'Keras 3.15.1 does not shape its scale to broadcast along other axes than the last',
  'AveragePooling2D without pool_size': 'Keras 2 had a default, as MaxPooling2D has',
}

/** Keras takes these, Kerafold refuses them. */
const refused: Readonly<Record<string, string>> = {
  'Dense units True': 'true is no number in JavaScript',
  'Reshape string': 'Python reads "6" as a tuple of characters',
  'PReLU shared batch': 'axis 0 wraps around to the last axis in Keras, by accident',
  'GlobalMaxPooling2D keepdims': 'any string counts as true in Python',
  'GlobalAveragePooling1D mask of the whole shape': 'the mask broadcasts to a result of another rank, by accident',
}

/** Makes the layer; `call` also calls it. */
function build(golden: ErrorCase, call: boolean): void {
  const { class_name, config, input_shape, input_dtype = 'float32', input_mask_shape } = golden
  if (class_name === 'Input') {
    const { batch_shape, batch_size, ...rest } = config
    const options = { ...rest, ...(batch_shape ? { batchShape: batch_shape } : {}), ...(batch_size ? { batchSize: batch_size } : {}) }
    input(options as InputOptions)
    return
  }
  const layer = layerFromConfig(class_name, config)
  if (!input_shape || !call) return
  const operand = (shape: KerasShape): Operand => ({ shape, dtype: input_dtype, maskShape: input_mask_shape ?? null })
  const isList = (shape: KerasShape | readonly KerasShape[]): shape is readonly KerasShape[] => Array.isArray(shape[0])
  applyTo(layer, isList(input_shape) ? input_shape.map(operand) : operand(input_shape))
}

describe('what Keras refuses', () => {
  for (const golden of errors) {
    const fails = (golden.stage !== null || Object.hasOwn(refused, golden.name)) && !Object.hasOwn(taken, golden.name)
    it(`${golden.name}: ${fails ? 'refused' : 'taken'}`, () => {
      const before = configure({ warn: () => {} })
      try {
        if (!fails) build(golden, true)
        else
          assert.throws(
            () => build(golden, golden.stage !== 'construct'),
            error => error instanceof KerafoldError && error.message.length > 0,
          )
      } finally {
        configure(before)
      }
    })
  }

  it('the exceptions are exceptions', () => {
    const named = (names: object, refusedByKeras: boolean) =>
      Object.keys(names).filter(name => errors.some(golden => golden.name === name && (golden.stage !== null) === refusedByKeras))
    assert.deepEqual(named(taken, true), Object.keys(taken))
    assert.deepEqual(named(refused, false), Object.keys(refused))
  })
})
