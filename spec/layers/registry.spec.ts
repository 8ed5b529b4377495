// The table of classes, the factories, and the older spellings that configs and code may use.

import assert from 'node:assert/strict'
import { ArgumentError, UnknownNameError } from '../../lib/ir/errors.js'
import { baseSchema } from '../../lib/layers/baseOptions.js'
import * as layers from '../../lib/layers/index.js'
import type { Layer } from '../../lib/layers/layer.js'
import { layerClasses, layerFromConfig } from '../../lib/layers/registry.js'
import { fromConfig, type Schema, snakeClassName, spellingsOf, toSnake } from '../../lib/layers/schema.js'
import { resetBackend, setImageDataFormat } from '../../lib/ops/functional/index.js'
import { layerGoldens } from '../support/layerCases.js'

describe('the registry', () => {
  it('files each class under its own name', () => {
    for (const [name, Class] of Object.entries(layerClasses)) assert.equal(Class.className, name)
  })

  it('has a factory for each class, in the camelCase of its name', () => {
    const factories: Readonly<Record<string, unknown>> = layers
    const required: Readonly<Record<string, object>> = {
      activation: { activation: 'relu' },
      dense: { units: 1 },
      dropout: { rate: 0.5 },
      alphaDropout: { rate: 0.5 },
      gaussianDropout: { rate: 0.5 },
      gaussianNoise: { stddev: 0.5 },
      dot: { axes: 1 },
      embedding: { inputDim: 2, outputDim: 2 },
      rescaling: { scale: 2 },
      inputLayer: { shape: [1] },
      lambda: { function: (x: unknown) => x },
      permute: { dims: [1] },
      repeatVector: { n: 1 },
      conv1D: { filters: 1, kernelSize: 1 },
      conv1DTranspose: { filters: 1, kernelSize: 1 },
      conv2D: { filters: 1, kernelSize: 1 },
      conv2DTranspose: { filters: 1, kernelSize: 1 },
      conv3D: { filters: 1, kernelSize: 1 },
      conv3DTranspose: { filters: 1, kernelSize: 1 },
      depthwiseConv1D: { kernelSize: 1 },
      depthwiseConv2D: { kernelSize: 1 },
      separableConv1D: { filters: 1, kernelSize: 1 },
      separableConv2D: { filters: 1, kernelSize: 1 },
      reshape: { targetShape: [1] },
      spatialDropout1D: { rate: 0.5 },
      spatialDropout2D: { rate: 0.5 },
      spatialDropout3D: { rate: 0.5 },
    }
    for (const [name, Class] of Object.entries(layerClasses)) {
      const factory = `${name[0]?.toLowerCase()}${name.slice(1)}`
      assert.equal(typeof factories[factory], 'function', factory)
      const layer = (factories[factory] as (options?: object) => Layer)(required[factory])
      assert.ok(layer instanceof Class)
    }
    assert.deepEqual(
      [layers.elu, layers.prelu, layers.relu, layers.spatialDropout1d],
      [layers.eLU, layers.pReLU, layers.reLU, layers.spatialDropout1D],
    )
  })

  it('names layers as Keras does', () => {
    const { cases } = layerGoldens()
    const given = ['my_dense', 'sd']
    for (const { layer } of cases)
      if (!given.includes(String(layer.config.name))) assert.equal(snakeClassName(layer.class_name), layer.config.name)
    assert.equal(snakeClassName('ConvLSTM2D'), 'conv_lstm2d')
  })

  it('knows no other classes', () => {
    for (const name of ['Dens', 'toString', '__proto__', 'constructor', ''])
      assert.throws(() => layerFromConfig(name, {}), UnknownNameError)
  })

  it('refuses keys of a config that no version of Keras writes', () => {
    assert.throws(() => layerFromConfig('Dense', { units: 2, unit: 2 }), ArgumentError)
    assert.throws(() => layerFromConfig('Dense', JSON.parse('{"units": 2, "__proto__": 2}')), ArgumentError)
  })
})

describe('older spellings', () => {
  /** A config as an older Keras wrote it, and what Keras 3 calls the same. */
  const cases: readonly (readonly [className: string, older: Record<string, unknown>, option: string, value: unknown])[] = [
    ['Dense', { output_dim: 3 }, 'units', 3],
    ['Dense', { units: 3, bias: false }, 'use_bias', false],
    ['Dense', { units: 3, activity_regularizer: null, activation: 'linear' }, 'activation', 'linear'],
    ['Dropout', { p: 0.25 }, 'rate', 0.25],
    ['SpatialDropout2D', { p: 0.25, dim_ordering: 'th' }, 'data_format', 'channels_first'],
    ['SpatialDropout1D', { rate: 0.25, noise_shape: null, seed: null, trainable: true }, 'rate', 0.25],
    ['Flatten', { data_format: 'channels_last' }, 'data_format', 'channels_last'],
    ['LeakyReLU', { alpha: 0.125 }, 'negative_slope', 0.125],
    ['BatchNormalization', { axis: [3], name: 'bn' }, 'axis', 3],
    ['Reshape', { target_shape: [2, 3], batch_input_shape: [null, 6], dtype: 'float32' }, 'target_shape', [2, 3]],
    ['PReLU', { shared_axes: [1, 2] }, 'shared_axes', [1, 2]],
    ['Conv1D', { nb_filter: 2, filter_length: 3 }, 'kernel_size', [3]],
    ['Conv1D', { filters: 2, kernel_size: 3, subsample_length: 2 }, 'strides', [2]],
    ['Conv1D', { filters: 2, kernel_size: 3, border_mode: 'causal' }, 'padding', 'causal'],
    ['Conv2D', { nb_filter: 2, kernel_size: [3, 3], subsample: [2, 1], dim_ordering: 'th' }, 'strides', [2, 1]],
    ['Conv2D', { filters: 2, kernel_size: 3, bias: false }, 'use_bias', false],
    ['SeparableConv2D', { nb_filter: 2, kernel_size: 3, depth_multiplier: 1, groups: 1 }, 'filters', 2],
    ['DepthwiseConv2D', { kernel_size: 3, groups: 1, border_mode: 'same' }, 'padding', 'same'],
    ['MaxPooling1D', { pool_length: 3, stride: 1 }, 'strides', [1]],
    ['MaxPooling2D', { pool_size: 3, strides: null, dim_ordering: 'th' }, 'data_format', 'channels_first'],
    ['UpSampling1D', { length: 3 }, 'size', 3],
    ['GaussianNoise', { sigma: 0.5 }, 'stddev', 0.5],
    ['GaussianDropout', { p: 0.5 }, 'rate', 0.5],
    ['Embedding', { input_dim: 4, output_dim: 2, input_length: 3, mask_zero: true }, 'mask_zero', true],
    ['Normalization', { axis: null }, 'axis', []],
  ]
  for (const [className, older, option, value] of cases) {
    it(`${className} ${JSON.stringify(older)}`, () => assert.deepEqual(layerFromConfig(className, older).getConfig()[option], value))
  }

  it('Keras 1 named initializers and regularizers of Dense by one letter', () => {
    const config = layerFromConfig('Dense', {
      output_dim: 2,
      init: 'one',
      W_regularizer: 'l2',
      b_regularizer: null,
      W_constraint: 'nonNeg',
      b_constraint: null,
    }).getConfig()
    const className = (part: unknown) => (part as { class_name: string } | null)?.class_name
    assert.deepEqual([config.kernel_initializer, config.kernel_regularizer, config.kernel_constraint].map(className), [
      'Ones',
      'L2',
      'NonNeg',
    ])
  })

  it('never mean two options of a class', () => {
    for (const { schema } of Object.values(layerClasses) as { schema: Schema }[]) {
      const all = { ...baseSchema, ...schema }
      const spellings = Object.entries(all).flatMap(([name, field]) => [name, ...(field.aliases ?? [])])
      assert.equal(new Set(spellings).size, spellings.length)
      assert.equal(spellingsOf(all).size, spellings.length)
      const keys = spellings.map(toSnake)
      assert.equal(new Set(keys).size, keys.length)
    }
  })

  it('of keys are read back by fromConfig, and dropped where that is asked for', () => {
    assert.deepEqual(fromConfig('Dense', layerClasses.Dense.schema, { units: 1, use_bias: true, junk: 1 }, ['junk']), {
      units: 1,
      useBias: true,
    })
  })
})

describe('data_format', () => {
  afterEach(resetBackend)

  it('is what K says when the layer is made, unless it is given', () => {
    setImageDataFormat('channels_first')
    const layer = layers.flatten()
    setImageDataFormat('channels_last')
    assert.equal(layer.getConfig().data_format, 'channels_first')
    assert.equal(layers.flatten().getConfig().data_format, 'channels_last')
    assert.equal(layers.flatten({ dataFormat: 'channels_first' }).getConfig().data_format, 'channels_first')
  })
})
