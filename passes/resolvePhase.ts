// resolvePhase: picks the training or the inference side of every node that has both.

import {
  type Edit,
  editGraph,
  type Graph,
  makeNode,
  type Node,
  type NodeId,
  nodeAt,
  noEdit,
  type Rewrite,
  tensorType,
} from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import { sameType } from '../lib/ir/types.js'
import { writeChanges, writeDifference } from './difference.js'
import { keptIds, withOperands } from './liveness.js'
import type { Lesson, Pass, PassContext } from './pass.js'
import { redirected, redirectedResults } from './redirect.js'

const pickPhase = {
  name: 'pickPhase',
  formula: 'phase(train, infer) → the side of the mode',
  why: 'the mode of a run is fixed when the graph is lowered; at inference this removes every dropout and noise layer',
  numerics: 'exact',
} as const satisfies Lesson

const dropLosses = {
  name: 'dropLosses',
  formula: 'losses → none, at inference',
  why: 'a penalty counts in training only; what fed it alone is then dead',
  numerics: 'exact',
} as const satisfies Lesson

const dropUpdates = {
  name: 'dropUpdates',
  formula: 'updates → those of recurrent state, at inference',
  why: 'weights, moving statistics and random counters change in training only',
  numerics: 'exact',
} as const satisfies Lesson

/** Picks a side of every phase; inference also drops losses, and all updates but those of recurrent state. */
export const resolvePhase = {
  name: 'resolvePhase',
  description: 'pick the side of the mode; at inference drop dropout, losses and statistics updates',
  numerics: 'exact',
  idempotent: true,
  rules: [pickPhase, dropLosses, dropUpdates],
  run(graph, context) {
    const picked = pickSides(graph, context)
    const dropped = context.mode === 'infer' ? trainingResults(picked.graph) : []
    if (dropped.length === 0) return picked
    const results = { outputs: picked.graph.results.outputs, losses: [], updates: keptUpdates(picked.graph) }
    return editGraph(graph, draft => writeDifference(draft, graph, { ...picked.graph, results }), [...picked.rewrites, ...dropped])
  },
} satisfies Pass

/** In one walk, without the traversal of local rules: every graph runs this pass, and most have no other rule that fires. */
function pickSides(graph: Graph, context: PassContext): Edit {
  const changed = new Map<NodeId, Node | undefined>()
  const forward = new Map<NodeId, NodeId>()
  const rewrites: Rewrite[] = []
  const to = (id: NodeId): NodeId => forward.get(id) ?? id
  const now = (id: NodeId): Node => changed.get(id) ?? nodeAt(graph, id)
  for (const old of topologicalOrder(graph)) {
    const node = redirected(old, to, region => pickSides(region, context), rewrites)
    if (node !== old) changed.set(old.id, node)
    if (node.op !== 'phase' || context.allows?.(pickPhase.name, node) === false) continue
    const [side, other] = node.inputs.map(now) as [Node, Node]
    const [picked, left] = context.mode === 'train' ? [side, other] : [other, side]
    const stands = sameType(picked.type, node.type)
    rewrites.push({ rule: pickPhase.name, origin: node.origin, removed: [node.id], added: stands ? [] : [node.id] })
    if (stands) {
      forward.set(node.id, picked.id)
      changed.set(node.id, undefined)
      continue
    }
    // only the other side knows a size, or names it otherwise: the node keeps its own word for it
    const attrs = { shape: tensorType(node).shape }
    const origin = [...new Set([...node.origin, ...left.origin])]
    changed.set(node.id, makeNode({ ...node, op: 'broadcast', inputs: [picked.id], attrs, origin }))
  }
  if (rewrites.length === 0) return noEdit(graph)
  const results = redirectedResults(graph.results, to)
  const left = Object.keys(graph.nodes).filter(id => !forward.has(id))
  const nodes = Object.fromEntries(left.map(id => [id, now(id)]))
  for (const id of newlyDead(graph, { ...graph, nodes, results })) changed.set(id, undefined)
  return editGraph(graph, draft => writeChanges(draft, graph, { variables: graph.variables, results, changed }), rewrites)
}

/** What nothing reads any more; what was dead before is left to `dce`, with all that it reads. */
function newlyDead(graph: Graph, picked: Graph): NodeId[] {
  const before = keptIds(graph)
  const ids = Object.keys(picked.nodes)
  const dead = ids.filter(id => !before.has(id))
  const stays = withOperands(id => picked.nodes[id], keptIds(picked), dead)
  return ids.filter(id => !stays.has(id))
}

function keptUpdates(graph: Graph): Record<string, string> {
  return Object.fromEntries(Object.entries(graph.results.updates).filter(([name]) => graph.variables[name]?.kind === 'state'))
}

function trainingResults(graph: Graph): Rewrite[] {
  const { losses, updates } = graph.results
  const kept = keptUpdates(graph)
  const rewrites: Rewrite[] = []
  if (losses.length > 0) rewrites.push({ rule: 'dropLosses', origin: [], removed: losses.map(loss => loss.name), added: [] })
  const gone = Object.keys(updates).filter(name => !Object.hasOwn(kept, name))
  if (gone.length > 0) rewrites.push({ rule: 'dropUpdates', origin: [], removed: gone, added: [] })
  return rewrites
}
