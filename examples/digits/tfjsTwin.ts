// The peer: the same architecture and weights in @tensorflow/tfjs-layers on its WASM backend.

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import '@tensorflow/tfjs-backend-wasm'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers'
import type { KerasTensor, Layer } from '../../lib/index.js'

export interface Twin {
  predict(image: Float32Array): Float32Array
  dispose(): void
}

type PeerLayer = InstanceType<typeof layers.Layer>
type Config = Readonly<Record<string, unknown>>

/** What the twin reads of a Kerafold model. */
interface Source {
  readonly outputs: readonly KerasTensor[]
}

const builders: Readonly<Record<string, (config: Config) => PeerLayer>> = {
  Reshape: config => layers.reshape({ targetShape: config.target_shape as number[] }),
  Flatten: () => layers.flatten(),
  Dense: config => layers.dense({ units: config.units as number, activation: config.activation as 'relu' }),
  Conv2D: config =>
    layers.conv2d({
      filters: config.filters as number,
      kernelSize: config.kernel_size as number[],
      padding: config.padding as 'same',
      useBias: config.use_bias as boolean,
    }),
  ZeroPadding2D: config => layers.zeroPadding2d({ padding: config.padding as [[number, number], [number, number]] }),
  MaxPooling2D: config => layers.maxPooling2d({ poolSize: config.pool_size as [number, number] }),
  Add: () => layers.add(),
  BatchNormalization: config =>
    layers.batchNormalization({ epsilon: config.epsilon as number, center: config.center as boolean, scale: config.scale as boolean }),
  ReLU: () => layers.reLU(),
  Activation: config => layers.activation({ activation: config.activation as 'relu' }),
  Dropout: config => layers.dropout({ rate: config.rate as number }),
}

/** Builds the twin of a model of one input and one output, call by call, and gives its layers the same weights. */
export async function tfjsLayersTwin(source: Source): Promise<Twin> {
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`)
  await tf.setBackend('wasm')
  const made = new Map<KerasTensor, SymbolicTensor>()
  const inputs: SymbolicTensor[] = []
  const weighted: (() => void)[] = []
  const twinOf = (tensor: KerasTensor): SymbolicTensor => {
    const known = made.get(tensor)
    if (known) return known
    const [layer] = tensor._keras_history
    const symbol = layer.className === 'InputLayer' ? input({ shape: [...tensor.shape.slice(1)] }) : called(tensor)
    if (layer.className === 'InputLayer') inputs.push(symbol)
    made.set(tensor, symbol)
    return symbol
  }
  const called = ({ call }: KerasTensor): SymbolicTensor => {
    const twin = buildTwin(call.layer)
    const operands = call.inputs.map(twinOf)
    const symbol = twin.apply(call.inputsAsList ? operands : (operands[0] as SymbolicTensor)) as SymbolicTensor
    // both libraries keep a layer's weights in the same order
    weighted.push(() => twin.setWeights(call.layer.getWeights().map(({ data, shape }) => tf.tensor(data, [...shape]))))
    return symbol
  }
  const outputs = source.outputs.map(twinOf)
  const twin = model({ inputs, outputs })
  for (const setWeights of weighted) setWeights()
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

function buildTwin(layer: Layer): PeerLayer {
  const build = builders[layer.className]
  if (!build) throw new Error(`the twin has no ${layer.className}`)
  return build(layer.getConfig())
}
