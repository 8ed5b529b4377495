// tfjs-layers on its WASM backend: the same functional model, through model.predict.

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { layers as Layers, SymbolicTensor } from '@tensorflow/tfjs-layers'
import type { Peer } from '../peer.js'
import { buildChain, type LayerBuilders } from '../steps.js'

type TfLayers = typeof Layers
type TfLayer = InstanceType<TfLayers['Layer']>

const buildersOf = (layers: TfLayers): LayerBuilders<TfLayer> => ({
  dense: ({ units, activation, weights }) =>
    layers.dense({ units, activation: activation ?? 'linear', useBias: weights.length > 1, kernelInitializer: 'zeros' }),
  conv({ size, strides, padding, filters, activation, weights }) {
    const options = { filters, strides, padding, activation: activation ?? 'linear', useBias: weights.length > 1 } as const
    const kernelSize = [...size]
    return size.length === 1
      ? layers.conv1d({ ...options, kernelSize, kernelInitializer: 'zeros' })
      : layers.conv2d({ ...options, kernelSize, kernelInitializer: 'zeros' })
  },
  depthwise: ({ size, strides, padding }) =>
    layers.depthwiseConv2d({ kernelSize: size, strides, padding, useBias: false, depthwiseInitializer: 'zeros' }),
  batchNorm: ({ epsilon }) => layers.batchNormalization({ epsilon }),
  softmax: () => layers.softmax(),
  gelu: () => layers.activation({ activation: 'gelu' }),
  relu: ({ most }) => layers.reLU(most === null ? {} : { maxValue: most }),
  zeroPad: ({ cells: [low, high] }) =>
    layers.zeroPadding2d({
      padding: [
        [low, high],
        [low, high],
      ],
    }),
  maxPool: ({ size }) => layers.maxPooling2d({ poolSize: size }),
  globalAverage: () => layers.globalAveragePooling2d({}),
  reshape: ({ shape }) => layers.reshape({ targetShape: [...shape] }),
  permute: ({ dims }) => layers.permute({ dims: [...dims] }),
  flatten: () => layers.flatten(),
  repeat: ({ times }) => layers.repeatVector({ n: times }),
})

export const tfjsPeer: Peer = {
  name: 'tfjs',
  async model({ batch, shape, steps, x }) {
    const tf = await import('@tensorflow/tfjs-core')
    const { input, layers, model } = await import('@tensorflow/tfjs-layers')
    const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`)
    setThreadsCount(1)
    return async () => {
      await tf.setBackend('wasm')
      const first = input({ shape: [...shape] })
      const { y, built } = buildChain<TfLayer, SymbolicTensor>(
        steps,
        first,
        buildersOf(layers),
        (layer, value) => layer.apply(value) as SymbolicTensor,
        (a, b) => layers.add().apply([a, b]) as SymbolicTensor,
      )
      const net = model({ inputs: first, outputs: y })
      for (const { layer, weights } of built) {
        const tensors = weights.map(({ data, shape: sizes }) => tf.tensor(data, [...sizes]))
        if (tensors.length > 0) layer.setWeights(tensors)
        tf.dispose(tensors)
      }
      return () => {
        const image = tf.tensor(x, [batch, ...shape])
        const output = net.predict(image, { batchSize: batch }) as Tensor
        const values = output.dataSync() as Float32Array
        image.dispose()
        output.dispose()
        return values
      }
    }
  },
}
