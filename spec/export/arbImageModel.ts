// Random models of images: convolutions of every kind, pools, resizes and normalisations, one after the other.

import fc from 'fast-check'
import { input, layers, model } from '../../lib/index.js'
import type { Layer } from '../../lib/layers/layer.js'
import type { ModelCase } from '../support/arbModel.js'
import { setWholeWeights } from '../support/modelMaker.js'

type Padding = 'valid' | 'same'

interface Picked {
  readonly filters: number
  readonly kernelSize: number
  readonly strides: number
  readonly padding: Padding
  readonly activation: 'relu' | 'gelu' | 'linear'
}

const makers: readonly ((picked: Picked) => Layer)[] = [
  options => layers.conv2d(options),
  ({ strides, ...options }) => layers.conv2d({ ...options, dilationRate: strides, padding: 'same' }),
  options => layers.conv2d({ ...options, kernelSize: 1, strides: 1 }),
  options => layers.conv2dTranspose(options),
  ({ filters, ...options }) => layers.depthwiseConv2d({ ...options, depthMultiplier: 1 + (filters % 2) }),
  options => layers.separableConv2d(options),
  ({ padding, strides }) => layers.maxPooling2d({ poolSize: 2, strides, padding }),
  ({ padding, strides }) => layers.averagePooling2d({ poolSize: 2, strides, padding }),
  ({ strides }) => layers.upSampling2d({ size: strides }),
  () => layers.batchNormalization(),
  ({ activation }) => layers.activation({ activation }),
]

/** Models on images of 3 to 9 pixels a side. */
export const arbImageModel: fc.Arbitrary<ModelCase> = fc
  .record({
    shape: fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 9 }), fc.integer({ min: 1, max: 9 })),
    steps: fc.array(
      fc.record({
        kind: fc.nat({ max: makers.length - 1 }),
        filters: fc.integer({ min: 1, max: 9 }),
        kernelSize: fc.integer({ min: 1, max: 3 }),
        strides: fc.integer({ min: 1, max: 2 }),
        padding: fc.constantFrom<Padding[]>('valid', 'same'),
        activation: fc.constantFrom<Picked['activation'][]>('relu', 'gelu', 'linear'),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    dense: fc.boolean(),
    batch: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat({ max: 2 ** 31 }),
  })
  .map(({ shape, steps, dense, batch, seed }) => {
    const image = input({ shape })
    let x = image
    for (const { kind, ...picked } of steps) {
      const [, height, width] = x.shape
      const padding = Math.min(height ?? 0, width ?? 0) < 3 ? 'same' : picked.padding
      x = (makers[kind] as (typeof makers)[number])({ ...picked, padding }).apply(x)
    }
    if (dense) x = layers.dense({ units: 3, activation: 'softmax' }).apply(layers.globalAveragePooling2d().apply(x))
    const net = model({ inputs: image, outputs: x })
    setWholeWeights(net, seed)
    return { net, recipe: net.layers.map(layer => JSON.stringify(layer.getConfig())), batch, time: 1, seed }
  })
