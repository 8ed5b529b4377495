// The compiler over a tfjs engine; everything that a page without it need not download is behind this file.

import type { Graph } from '../../lib/ir/graph.js'
import type { Compiler, Program } from '../backend.js'
import { referenceProgram } from '../reference/program.js'
import type { Engine } from './kernel.js'
import { liveNodes, planGraph } from './planGraph.js'
import { isEmpty } from './planner.js'
import { TfjsProgram } from './program.js'

export { loadEngine } from './engine.js'

export function compilerOf(engine: Engine): Compiler {
  return { compile: graph => compile(graph, engine) }
}

/** tfjs kernels give garbage for empty tensors, and there is nothing to gain: such graphs run on the reference. */
function compile(graph: Graph, engine: Engine): Program {
  if (liveNodes(graph).some(node => isEmpty(node.type))) return referenceProgram(graph, 'float64')
  return new TfjsProgram(planGraph(graph, engine.name), engine)
}
