// Loads the tfjs engines: one of each per process, only when asked for, invisible to a host that uses tfjs itself.
import { platform } from '../../lib/platform/capabilities.js'
import { importBundle } from './bundles.js'
import { createCpuEngine } from './cpuEngine.js'
import type { Engine, EngineName } from './kernel.js'
import { engineProblem } from './problem.js'
import { createWasmEngine } from './wasmEngine.js'

const loading = new Map<EngineName, Promise<Engine>>()

/** Loads an engine, or gives the one that is loaded. Rejects where `engineProblem` has an answer. */
export function loadEngine(name: EngineName): Promise<Engine> {
  let promise = loading.get(name)
  if (!promise) {
    promise = start(name).catch(error => {
      loading.delete(name) // a policy or a network may have changed by the next call
      throw error
    })
    loading.set(name, promise)
  }
  return promise
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
