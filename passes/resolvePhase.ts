// resolvePhase: picks the training or the inference side of every node that has both.

import { editGraph, type Graph, type Rewrite } from '../lib/ir/graph.js'
import { writeDifference } from './difference.js'
import { operand, shapeOf, standIn } from './match.js'
import type { Lesson, Pass, Rule } from './pass.js'
import { rewriteGraph } from './rewrite.js'

const pickPhase = {
  name: 'pickPhase',
  formula: 'phase(train, infer) → the side of the mode',
  why: 'the mode of a run is fixed when the graph is lowered; at inference this removes every dropout and noise layer',
  numerics: 'exact',
  ops: ['phase'],
  rewrite(node, view) {
    const side = operand(node, view.context.mode === 'train' ? 0 : 1)
    // where only the other side knows a size, or names it otherwise, the node keeps its own word for it
    return standIn(side, node, view) ?? view.emit('broadcast', [side], { shape: shapeOf(node) })
  },
} as const satisfies Rule

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
    const picked = rewriteGraph(graph, [pickPhase], context)
    const dropped = context.mode === 'infer' ? trainingResults(picked.graph) : []
    if (dropped.length === 0) return picked
    const results = { outputs: picked.graph.results.outputs, losses: [], updates: keptUpdates(picked.graph) }
    return editGraph(graph, draft => writeDifference(draft, graph, { ...picked.graph, results }), [...picked.rewrites, ...dropped])
  },
} satisfies Pass

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
