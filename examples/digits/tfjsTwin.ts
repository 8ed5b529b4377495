// The peer: the same architecture and weights in @tensorflow/tfjs-layers on its WASM backend.

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import '@tensorflow/tfjs-backend-wasm'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import type { Layer, SequentialModel } from '../../lib/index.js'

export interface Twin {
  predict(image: Float32Array): Float32Array
  dispose(): void
}

type PeerLayer = InstanceType<typeof layers.Layer>

/** What the twin reads of a Kerafold model. */
type Source = Pick<SequentialModel, 'layers' | 'inputShape'>

const builders: Readonly<Record<string, (config: Record<string, unknown>) => PeerLayer>> = {
  Reshape: config => layers.reshape({ targetShape: config.target_shape as number[] }),
  Flatten: () => layers.flatten(),
  Dense: config => layers.dense({ units: config.units as number, activation: config.activation as 'relu' }),
  BatchNormalization: config =>
    layers.batchNormalization({ epsilon: config.epsilon as number, center: config.center as boolean, scale: config.scale as boolean }),
  ReLU: () => layers.reLU(),
  Activation: config => layers.activation({ activation: config.activation as 'relu' }),
  Dropout: config => layers.dropout({ rate: config.rate as number }),
}

/** Builds the twin of a chain of layers. Both libraries keep a layer's weights in the same order. */
export async function tfjsLayersTwin(source: Source): Promise<Twin> {
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`)
  await tf.setBackend('wasm')
  const [, size] = source.inputShape
  const twin: LayersModel = sequential({ layers: [layers.inputLayer({ inputShape: [size ?? null] }), ...source.layers.flatMap(twinOf)] })
  const weights = source.layers.flatMap(layer => layer.getWeights())
  const ordered = twin.layers.flatMap(layer => layer.weights)
  ordered.forEach((variable, k) => {
    const array = weights[k]
    if (array) variable.write(tf.tensor(array.data, [...array.shape]))
  })
  return {
    predict(image) {
      const x = tf.tensor2d(image, [1, image.length])
      const y = twin.predict(x) as tf.Tensor
      const values = y.dataSync() as Float32Array
      x.dispose()
      y.dispose()
      return values
    },
    dispose: () => twin.dispose(),
  }
}

function twinOf(layer: Layer): PeerLayer[] {
  if (layer.className === 'InputLayer') return []
  const build = builders[layer.className]
  if (!build) throw new Error(`the twin has no ${layer.className}`)
  return [build(layer.getConfig())]
}
