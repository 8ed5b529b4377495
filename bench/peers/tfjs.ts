// tfjs-layers on its WASM backend: the same Sequential model, through model.predict.

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { layers as Layers } from '@tensorflow/tfjs-layers'
import type { Peer } from '../peer.js'
import type { Step } from '../workloads.js'

type TfLayers = typeof Layers
type TfLayer = InstanceType<TfLayers['Layer']>

const builders: { readonly [K in Step['kind']]: (layers: TfLayers, step: Extract<Step, { kind: K }>) => TfLayer } = {
  dense: (layers, { units, activation, bias }) =>
    layers.dense({ units, activation: activation ?? 'linear', useBias: bias !== null, kernelInitializer: 'zeros' }),
  softmax: layers => layers.softmax(),
  gelu: layers => layers.activation({ activation: 'gelu' }),
  reshape: (layers, { shape }) => layers.reshape({ targetShape: [...shape] }),
  permute: (layers, { dims }) => layers.permute({ dims: [...dims] }),
  flatten: layers => layers.flatten(),
  repeat: (layers, { times }) => layers.repeatVector({ n: times }),
}

function layerOf<K extends Step['kind']>(layers: TfLayers, step: Extract<Step, { kind: K }>): TfLayer {
  const build: (layers: TfLayers, step: Extract<Step, { kind: K }>) => TfLayer = builders[step.kind as K]
  return build(layers, step)
}

export const tfjsPeer: Peer = {
  name: 'tfjs',
  async model({ batch, shape, steps, x }) {
    const tf = await import('@tensorflow/tfjs-core')
    const { layers, sequential } = await import('@tensorflow/tfjs-layers')
    const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`)
    setThreadsCount(1)
    return async () => {
      await tf.setBackend('wasm')
      const net = sequential({ layers: [layers.inputLayer({ inputShape: [...shape] }), ...steps.map(step => layerOf(layers, step))] })
      const weights = steps.flatMap(step => {
        if (step.kind !== 'dense') return []
        const kernel: Tensor = tf.tensor2d(step.kernel, [step.inputs, step.units])
        return step.bias ? [kernel, tf.tensor1d(step.bias)] : [kernel]
      })
      net.setWeights(weights)
      tf.dispose(weights)
      return () => {
        const input = tf.tensor(x, [batch, ...shape])
        const output = net.predict(input) as Tensor
        const values = output.dataSync() as Float32Array
        input.dispose()
        output.dispose()
        return values
      }
    }
  },
}
