// Lambda, Identity, input layers and penalties on any layer against Keras 3.15.1.

import assert from 'node:assert/strict'
import { input, ndarray } from '../../lib/index.js'
import type { InputOptions } from '../../lib/layers/inputLayer.js'
import type { LambdaFunction, LambdaOptions } from '../../lib/layers/lambda.js'
import type { Layer } from '../../lib/layers/layer.js'
import { layerFromConfig } from '../../lib/layers/registry.js'
import { clearSession } from '../../lib/layers/settings.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import * as K from '../../lib/ops/functional/index.js'
import { readGolden } from '../support/golden.js'
import { antirectifier, antirectifierOutputShape, pretend } from '../support/lambdas.js'
import { assertLayerCase, type LayerCase } from '../support/layerCases.js'

interface Golden {
  readonly cases: readonly LayerCase[]
  readonly inputs: readonly { readonly options: Readonly<Record<string, unknown>>; readonly config: Readonly<Record<string, unknown>> }[]
}

const { cases, inputs } = readGolden<Golden>('lambda')

const square: LambdaFunction = x => K.power(x, 2)

const maskedMean: LambdaFunction = (x, { mask }) => {
  const weights = K.expandDims(K.cast(mask as TracedTensor, 'float32'), -1)
  return K.divide(K.sum(K.multiply(x, weights), 1), K.sum(weights, 1))
}

/** The Python functions of scripts/goldens/lambdas.py, by the first word of a case's name. */
const functions: Readonly<Record<string, LambdaOptions>> = {
  square: { function: square },
  antirectifier: { function: antirectifier },
  affine: { function: (x, { factor, shift }) => K.add(K.multiply(x, factor as number), ndarray(shift as number[])) },
  maskedMean: { function: maskedMean },
  mode: { function: (x, { training }) => (training ? K.negative(x) : x) },
}

/** Code stands where a config of Keras names Python functions. */
function layerOf({ name, layer: { class_name, config } }: LayerCase): Layer {
  if (class_name !== 'Lambda') return layerFromConfig(class_name, config)
  const { function: _, output_shape, mask, ...plain } = config
  const shape = output_shape ? { output_shape: antirectifierOutputShape } : {}
  const code = functions[name.split(' ')[0] as string] as LambdaOptions
  const maskFunction = mask ? { mask: (_x: unknown, given: unknown) => K.logicalNot(given as TracedTensor) } : {}
  return layerFromConfig('Lambda', { ...plain, ...code, ...shape, ...maskFunction })
}

describe('Lambda, Identity and penalties against Keras', () => {
  beforeEach(clearSession)

  for (const golden of cases) {
    it(golden.name, () => {
      const layer = layerOf(golden)
      assertLayerCase(layer, golden)
      const keys = golden.layer.class_name === 'Lambda' ? ['name', 'trainable', 'dtype', 'activity_regularizer', 'arguments'] : undefined
      const pick = (config: Readonly<Record<string, unknown>>) =>
        Object.fromEntries(Object.entries(config).filter(([key]) => keys?.includes(key) ?? true))
      assert.deepEqual(pick(layer.getConfig()), pick(golden.layer.config))
    })
  }
})

describe('configs of input layers against Keras', () => {
  beforeEach(clearSession)

  for (const { options, config } of inputs) {
    it(JSON.stringify(options), () => {
      const given = Object.fromEntries(
        Object.entries(options).map(([key, value]) => [
          key === 'batch_size' ? 'batchSize' : key === 'batch_shape' ? 'batchShape' : key,
          value,
        ]),
      )
      const { layer } = input(pretend<InputOptions>(given)).call
      assert.deepEqual(layer.getConfig(), config)
      assert.deepEqual(layerFromConfig('InputLayer', config).getConfig(), config)
    })
  }
})
