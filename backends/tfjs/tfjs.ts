// The wasm and cpu backends: one table of tfjs kernels, two engines, loaded only when chosen.

import { BackendError } from '../../lib/ir/errors.js'
import type { Graph } from '../../lib/ir/graph.js'
import type { Backend, Compiler, Program } from '../backend.js'
import { referenceProgram } from '../reference/reference.js'
import { engineProblem, loadEngine, loadedEngine } from './engine.js'
import { fusible } from './fused.js'
import type { Engine, EngineName } from './kernel.js'
import { liveNodes, planGraph } from './planGraph.js'
import { isEmpty } from './planner.js'
import { TfjsProgram } from './program.js'

/** Where a backend gets its engine; tests put counting or failing ones here. */
export interface EngineSource {
  load(name: EngineName): Promise<Engine>
  loaded(name: EngineName): Engine | undefined
}

const descriptions = {
  wasm: "TensorFlow.js' WebAssembly kernels (XNNPACK)",
  cpu: "TensorFlow.js' plain JavaScript kernels",
} satisfies Record<EngineName, string>

/** The backend over one of the tfjs engines. */
export function tfjsBackend(name: EngineName, source: EngineSource = { load: loadEngine, loaded: loadedEngine }): Backend {
  return {
    name,
    description: descriptions[name],
    fusible,
    missing: platform => engineProblem(name, platform),
    async load() {
      try {
        return compilerOf(await source.load(name))
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        throw new BackendError(`the ${name} backend cannot be loaded: ${problem}`, `it needs the package @tensorflow/tfjs-backend-${name}`)
      }
    },
    loaded() {
      const engine = source.loaded(name)
      return engine && compilerOf(engine)
    },
  }
}

export const wasm = tfjsBackend('wasm')
export const cpu = tfjsBackend('cpu')

function compilerOf(engine: Engine): Compiler {
  return { compile: graph => compile(graph, engine) }
}

/** tfjs kernels give garbage for empty tensors, and there is nothing to gain: such graphs run on the reference. */
function compile(graph: Graph, engine: Engine): Program {
  if (liveNodes(graph).some(node => isEmpty(node.type))) return referenceProgram(graph, 'float64')
  return new TfjsProgram(planGraph(graph, engine.name), engine)
}
