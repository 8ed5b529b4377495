// resolvePhase: picks the training or the inference side of every node that has both.

import { editGraph, type Graph, type Rewrite } from '../lib/ir/graph.js'
import type { Pass, Rule } from './pass.js'
import { rewriteGraph, writeDifference } from './rewrite.js'

const rules: readonly Rule[] = [
  {
    name: 'pickPhase',
    formula: 'phase(train, infer) → the side of the mode',
    why: 'the mode of a run is fixed when the graph is lowered; at inference this removes every dropout and noise layer',
    numerics: 'exact',
    ops: ['phase'],
    before: `graph {
      %x = input() {name: "x"} : float32[batch,4]
      %drop/negate = negate(%x) : float32[batch,4] @ drop#0
      %drop/phase = phase(%drop/negate, %x) : float32[batch,4] @ drop#0
      %y = relu(%drop/phase) : float32[batch,4]
      output "y" = %y
    }`,
    after: `graph {
      %x = input() {name: "x"} : float32[batch,4]
      %y = relu(%x) : float32[batch,4]
      output "y" = %y
    }`,
    nearMiss: `graph {
      %x = input() {name: "x"} : float32[batch,4]
      %c = is_nan(%x) : bool[batch,4]
      %n = negate(%x) : float32[batch,4]
      %y = select(%c, %x, %n) : float32[batch,4]
      output "y" = %y
    }`,
    rewrite: ({ inputs: [train, infer] }, { context }) => (context.mode === 'train' ? train : infer),
  },
]

/** Picks a side of every phase; inference also drops losses, and all updates but those of recurrent state. */
export const resolvePhase: Pass = {
  name: 'resolvePhase',
  description: 'pick the side of the mode; at inference drop dropout, losses and statistics updates',
  numerics: 'exact',
  idempotent: true,
  rules,
  run(graph, context) {
    const picked = rewriteGraph(graph, rules, context)
    const dropped = context.mode === 'infer' ? trainingResults(picked.graph) : []
    if (dropped.length === 0) return picked
    const results = { outputs: picked.graph.results.outputs, losses: [], updates: keptUpdates(picked.graph) }
    return editGraph(graph, draft => writeDifference(draft, graph, { ...picked.graph, results }), [...picked.rewrites, ...dropped])
  },
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
