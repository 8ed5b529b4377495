// Kerafold itself: a functional model, lowered, through exe.run.

import { type FunctionalModel, input, type KerasTensor, type Layer, layers, loadModel, model, NDArray } from '../../lib/index.js'
import type { Peer } from '../peer.js'
import { buildChain, type LayerBuilders } from '../steps.js'
import type { Workload } from '../workloads.js'

const builders: LayerBuilders<Layer> = {
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
  relu: ({ most }) => layers.reLU({ maxValue: most }),
  zeroPad: ({ cells }) => layers.zeroPadding2d({ padding: [cells, cells] }),
  maxPool: ({ size }) => layers.maxPooling2d({ poolSize: size }),
  globalAverage: () => layers.globalAveragePooling2d(),
  reshape: ({ shape }) => layers.reshape({ targetShape: [...shape] }),
  permute: ({ dims }) => layers.permute({ dims: [...dims] }),
  flatten: () => layers.flatten(),
  repeat: ({ times }) => layers.repeatVector({ n: times }),
}

/** A workload's network as a model with its weights. */
export function kerafoldModel({ shape, steps }: Pick<Workload, 'shape' | 'steps'>): FunctionalModel {
  const first = input({ shape: [...shape] })
  const call = (layer: Layer, value: KerasTensor) => layer.apply(value)
  const { y, built } = buildChain<Layer, KerasTensor>(steps, first, builders, call, (a, b) => layers.add().apply([a, b]))
  const net = model({ inputs: first, outputs: y })
  for (const { layer, weights } of built)
    if (weights.length > 0) layer.setWeights(weights.map(({ data, shape: sizes }) => new NDArray(data, sizes)))
  return net
}

/** Kerafold on one of its backends; `strict` never fuses a product and a sum into one rounding. */
export function kerafoldPeer(backend: string, numerics: 'strict' | 'fast' = 'fast'): Peer {
  return {
    name: 'kerafold',
    async model(workload) {
      const net = kerafoldModel(workload)
      return async () => {
        const exe = await net.lower({ backend, numerics })
        return () => exe.run(workload.x).data as Float32Array
      }
    },
  }
}

/** Kerafold from a .keras file on the disk, which no peer reads. */
export function kerafoldFilePeer(backend: string, file: string): Peer {
  return {
    name: 'kerafold',
    async model({ x }) {
      return async () => {
        const net = await loadModel<NDArray>(file)
        const exe = await net.lower({ backend })
        return () => exe.run(x).data as Float32Array
      }
    },
  }
}
