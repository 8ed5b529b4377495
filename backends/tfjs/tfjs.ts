// The wasm and cpu backends: one table of tfjs kernels, two engines, loaded only when chosen.

import { BackendError } from '../../lib/ir/errors.js'
import { beyondWebAssembly } from '../addressing.js'
import type { Backend, Compiler } from '../backend.js'
import { fusible } from './fusible.js'
import type { Engine, EngineName } from './kernel.js'
import { engineProblem } from './problem.js'

/** Gives a backend its engine; tests put counting or failing ones here. */
export type EngineLoader = (name: EngineName) => Promise<Engine>

const descriptions = {
  wasm: "TensorFlow.js' WebAssembly kernels (XNNPACK)",
  cpu: "TensorFlow.js' plain JavaScript kernels",
} satisfies Record<EngineName, string>

/** The backend over one of the tfjs engines; by default the one of this process. */
export function tfjsBackend(name: EngineName, loadEngine?: EngineLoader): Backend {
  let compiler: Compiler | undefined
  return {
    name,
    description: descriptions[name],
    fusible,
    missing: platform => engineProblem(name, platform),
    lacks: graph => (name === 'wasm' ? beyondWebAssembly(graph) : undefined),
    async load() {
      try {
        const parts = await import('./compiler.js')
        compiler ??= parts.compilerOf(await (loadEngine ?? parts.loadEngine)(name))
        return compiler
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        throw new BackendError(`the ${name} backend cannot be loaded: ${problem}`, `it needs the package @tensorflow/tfjs-backend-${name}`)
      }
    },
    loaded: () => compiler,
  }
}

export const wasm = tfjsBackend('wasm')
export const cpu = tfjsBackend('cpu')
