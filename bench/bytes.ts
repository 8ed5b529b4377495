// bytes: what a page downloads and compiles: WebAssembly, and minified, gzipped JavaScript of an esbuild bundle.

import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { classifier } from '../examples/browser/mlp.js'
import { bundle, exampleEntry } from './bundle.js'
import { type PerPeer, perPeer } from './peer.js'
import { workloads } from './workloads.js'

/** Bytes of WebAssembly, and of JavaScript after gzip. */
export interface Size {
  readonly wasm: number
  readonly js: number
}

const here = dirname(fileURLToPath(import.meta.url))

/** Kerafold's example beside the least that a page needs of its peers; null where a package is not installed. */
export async function measureBytes(): Promise<PerPeer<Size | null>> {
  const sizes = {
    kerafold: { wasm: await moduleBytes(), js: (await bundle(exampleEntry)).gzipped },
    tfjs: await peerSize(
      `import '@tensorflow/tfjs-backend-wasm'
       export { setBackend, tensor } from '@tensorflow/tfjs-core'
       export { layers, sequential } from '@tensorflow/tfjs-layers'`,
      '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
    ),
    ortWeb: await peerSize(
      `export { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'`,
      'onnxruntime-web/ort-wasm-simd-threaded.wasm',
    ),
    ortNative: null,
    jaxjs: await peerSize(`export { defaultDevice, init, jit, nn, numpy } from '@jax-js/jax'`),
  }
  return perPeer(name => sizes[name])
}

/** The modules that the example's network compiles to, as the engine is given them. */
async function moduleBytes(): Promise<number> {
  const { Module, instantiate } = WebAssembly
  let bytes = 0
  const count = (source: unknown): void => {
    if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) bytes += source.byteLength
  }
  const before = { Module, instantiate }
  WebAssembly.Module = new Proxy(Module, {
    construct(target, [source, ...rest]) {
      count(source)
      return Reflect.construct(target, [source, ...rest])
    },
  })
  WebAssembly.instantiate = new Proxy(instantiate, {
    apply(target, self, [source, ...rest]) {
      count(source)
      return Reflect.apply(target, self, [source, ...rest])
    },
  })
  try {
    const { steps, x } = workloads['mlp784-b1']('mlp784-b1')
    const classify = await classifier(steps.flatMap(step => ('weights' in step ? step.weights.map(({ data }) => data) : [])))
    classify(x)
    return bytes
  } finally {
    Object.assign(WebAssembly, before)
  }
}

async function peerSize(contents: string, wasm?: string): Promise<Size | null> {
  try {
    const { gzipped: js } = await bundle({ stdin: { contents, resolveDir: here } })
    return { js, wasm: wasm ? statSync(createRequire(import.meta.url).resolve(wasm)).size : 0 }
  } catch {
    return null
  }
}
