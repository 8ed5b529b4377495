// Loads the tfjs engines: one of each per process, only when asked for, invisible to a host that uses tfjs itself.
import { type Platform, platform } from '../../lib/platform/capabilities.js'
import { importBundle } from './bundles.js'
import { createCpuEngine } from './cpuEngine.js'
import type { Engine, EngineName } from './kernel.js'
import { createWasmEngine } from './wasmEngine.js'

const loading = new Map<EngineName, Promise<Engine>>()
const loaded = new Map<EngineName, Engine>()

/** Loads an engine, or gives the one that is loaded. Rejects where `engineProblem` has an answer. */
export function loadEngine(name: EngineName): Promise<Engine> {
  let promise = loading.get(name)
  if (!promise) {
    promise = start(name).then(
      engine => {
        loaded.set(name, engine)
        return engine
      },
      error => {
        loading.delete(name) // a policy or a network may have changed by the next call
        throw error
      },
    )
    loading.set(name, promise)
  }
  return promise
}

/** The engine, if `loadEngine` has finished loading it. */
export function loadedEngine(name: EngineName): Engine | undefined {
  return loaded.get(name)
}

/** Says why an engine cannot run on a platform; nothing if it can. Loads nothing. */
export function engineProblem(name: EngineName, { webAssembly }: Platform): string | undefined {
  return name === 'wasm' && !webAssembly ? 'there is no WebAssembly here, or a policy forbids compiling it' : undefined
}

async function start(name: EngineName): Promise<Engine> {
  if (name === 'cpu') {
    return createCpuEngine(await importBundle.cpu())
  }
  const here = platform()
  const problem = engineProblem(name, here)
  if (problem) {
    throw new Error(problem)
  }
  const [kernels, { binary }] = await Promise.all([importBundle.wasm(), here.simd ? importBundle.simd() : importBundle.scalar()])
  return createWasmEngine(kernels, binary)
}
