// Applies the patches of edits with immer, whose form they have: what tells that they are right is not what made them.

import { enablePatches, Immer } from 'immer'
import type { Patch } from '../../lib/ir/edit.js'
import type { Graph } from '../../lib/ir/graph.js'

enablePatches()
const immer = new Immer()

export function applyPatches(graph: Graph, patches: readonly Patch[]): Graph {
  return immer.applyPatches(graph, patches)
}
