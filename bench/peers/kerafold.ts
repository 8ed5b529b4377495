// Kerafold itself: a Sequential model, lowered, through exe.run.

import { input, type Layer, layers, NDArray, sequential } from '../../lib/index.js'
import type { Peer } from '../peer.js'
import type { Step } from '../workloads.js'

const builders: { readonly [K in Step['kind']]: (step: Extract<Step, { kind: K }>) => Layer } = {
  dense: ({ units, activation, bias }) =>
    layers.dense({ units, activation: activation ?? 'linear', useBias: bias !== null, kernelInitializer: 'zeros' }),
  softmax: () => layers.softmax(),
  gelu: () => layers.activation({ activation: 'gelu' }),
  reshape: ({ shape }) => layers.reshape({ targetShape: [...shape] }),
  permute: ({ dims }) => layers.permute({ dims: [...dims] }),
  flatten: () => layers.flatten(),
  repeat: ({ times }) => layers.repeatVector({ n: times }),
}

function layerOf<K extends Step['kind']>(step: Extract<Step, { kind: K }>): Layer {
  const build: (step: Extract<Step, { kind: K }>) => Layer = builders[step.kind as K]
  return build(step)
}

/** Kerafold on one of its backends. */
export function kerafoldPeer(backend: string): Peer {
  return {
    name: 'kerafold',
    async model({ shape, steps, x }) {
      const net = sequential({ layers: [input({ shape: [...shape] }), ...steps.map(step => layerOf(step))] })
      net.setWeights(
        steps.flatMap(step => {
          if (step.kind !== 'dense') return []
          const kernel = new NDArray(step.kernel, [step.inputs, step.units])
          return step.bias ? [kernel, new NDArray(step.bias, [step.units])] : [kernel]
        }),
      )
      return async () => {
        const exe = await net.lower({ backend })
        return () => exe.run(x).data as Float32Array
      }
    },
  }
}
