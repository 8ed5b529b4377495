// The stages of the jit for one model, to be read: compiles in a session of its own, and prints what was made.

import type { Graph } from '../../lib/ir/graph.js'
import type { Numerics } from '../backend.js'
import { hasRelaxedSimd } from './features.js'
import type { Stages } from './print/stages.js'
import { type Compiled, JitSession } from './session.js'

export type { PrintedModule, Stages } from './print/stages.js'

/** Graphs with their sizes bound, in one session and in the order of an executable; what prints them is loaded first. */
export async function compileStages(run: Graph, prepare: Graph, numerics: Numerics): Promise<Stages> {
  const { showStages } = await import('./print/stages.js')
  const made: Compiled[] = []
  const session = new JitSession({ fma: numerics === 'fast' && hasRelaxedSimd(), watch: compiled => made.push(compiled) })
  try {
    session.compile(run)
    if (prepare.results.outputs.length > 0) session.compilePrepare(prepare)
    const [first, second] = made
    if (!first) throw new Error('internal: nothing was compiled')
    return showStages(first, second, session.heap)
  } finally {
    session.dispose()
  }
}
