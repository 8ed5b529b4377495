// ONNX Runtime, Web (WASM) and native, one thread each: the same model as an ONNX file, through session.run.

import { channelsFirst, toChannelsFirst, toChannelsLast } from '../layout.js'
import { onnxModel } from '../onnxModel.js'
import type { Peer, PeerName } from '../peer.js'

/** What is used of onnxruntime-common's API; the packages are not there when the sources are type-checked. */
interface OrtTensor {
  readonly data: Float32Array
}
interface Ort {
  readonly env: { readonly wasm: { numThreads?: number } }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>
    }>
  }
}

function ortPeer(name: PeerName, packageName: string, provider: string): Peer {
  return {
    name,
    async model({ x, ...workload }) {
      const ort: Ort = await import(packageName)
      ort.env.wasm.numThreads = 1
      const { bytes, inputFirst, outputFirst, outputShape } = onnxModel(workload)
      const dims = [workload.batch, ...(inputFirst ? channelsFirst(workload.shape) : workload.shape)]
      const image = inputFirst ? toChannelsFirst(x, workload.shape) : x
      const arrange = outputFirst ? (values: Float32Array) => toChannelsLast(values, outputShape) : undefined
      return async () => {
        const session = await ort.InferenceSession.create(bytes, {
          executionProviders: [provider],
          graphOptimizationLevel: 'all',
          executionMode: 'sequential',
          intraOpNumThreads: 1,
          interOpNumThreads: 1,
        })
        const run = async () => {
          const results = await session.run({ x: new ort.Tensor('float32', image, dims) })
          return (results.y as OrtTensor).data
        }
        return Object.assign(run, { arrange })
      }
    },
  }
}

export const ortWebPeer = ortPeer('ortWeb', 'onnxruntime-web', 'wasm')
/** Its package holds the CPU library, so that no install script is needed. */
export const ortNativePeer = ortPeer('ortNative', 'onnxruntime-node', 'cpu')
