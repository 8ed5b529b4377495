// bytes: what a page downloads and compiles: WebAssembly, and minified, gzipped JavaScript of an esbuild bundle.

import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { classifier } from '../examples/browser/mlp.js'
import { bundle, exampleEntry } from './bundle.js'
import { load, type PerPeer, perPeer } from './peer.js'
import { kerafoldPeer } from './peers/kerafold.js'
import { type WorkloadName, workloads } from './workloads.js'

/** Bytes of WebAssembly, and of JavaScript after gzip where that is measured. */
export interface Size {
  readonly wasm: number
  readonly js: number | null
}

export interface PageSize extends Size {
  readonly js: number
}

const here = dirname(fileURLToPath(import.meta.url))

/** Kerafold's example beside the least that a page needs of its peers; null where a package is not installed. */
export async function measureBytes(): Promise<PerPeer<Size | null>> {
  return beside({ wasm: await moduleBytes(classifyOnce), js: (await bundle(exampleEntry)).gzipped })
}

/** What a workload's network compiles to on the jit, beside the same of its peers. */
export async function measureModule(name: WorkloadName): Promise<PerPeer<Size | null>> {
  return beside({ wasm: await workloadBytes(name), js: null })
}

/** What a page with a workload's network downloads and compiles: the example's JavaScript, the workload's own modules. */
export async function measurePage(name: WorkloadName): Promise<PageSize> {
  return { wasm: await workloadBytes(name), js: (await bundle(exampleEntry)).gzipped }
}

function workloadBytes(name: WorkloadName): Promise<number> {
  return moduleBytes(async () => {
    const run = await load(kerafoldPeer('jit'), workloads[name](name))
    if (typeof run !== 'function') throw new Error(run.unavailable)
    await run()
  })
}

async function beside(kerafold: Size): Promise<PerPeer<Size | null>> {
  const sizes = {
    kerafold,
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

/** The example's network, once. */
async function classifyOnce(): Promise<void> {
  const { steps, x } = workloads['mlp784-b1']('mlp784-b1')
  const classify = await classifier(steps.flatMap(step => ('weights' in step ? step.weights.map(({ data }) => data) : [])))
  classify(x)
}

/** The modules that the engine is given while `work` runs. */
async function moduleBytes(work: () => Promise<void>): Promise<number> {
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
    await work()
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
