// dce: removes what no result reaches.

import { type Edit, editGraph, type Graph, makeNode, type Node, type NodeId, noEdit, type Rewrite } from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import { keptIds } from './liveness.js'
import type { Lesson, Pass } from './pass.js'

const rules = [
  {
    name: 'removeDead',
    formula: 'a node that no result reaches → nothing',
    why: 'results are outputs, losses and updates, so a node that only carries a loss stays; inputs stay too',
    numerics: 'exact',
  },
  {
    name: 'removeVariable',
    formula: 'a variable that nothing reads or updates → nothing',
    why: 'its value cannot be seen; the weights stay in the model',
    numerics: 'exact',
  },
] as const satisfies readonly Lesson[]

/** Removes nodes and variables that no result reaches. */
export const dce = {
  name: 'dce',
  description: 'remove nodes and variables that no result reaches',
  numerics: 'exact',
  idempotent: true,
  rules,
  run: removeDead,
} satisfies Pass

function removeDead(graph: Graph): Edit {
  const kept = keptIds(graph)
  const dead: NodeId[] = []
  const read = new Set(Object.keys(graph.results.updates))
  const bodies = new Map<NodeId, Node>()
  const rewrites: Rewrite[] = []
  for (const node of topologicalOrder(graph)) {
    const { id, origin, body } = node
    if (!kept.has(id)) {
      dead.push(id)
      rewrites.push({ rule: 'removeDead', origin, removed: [id], added: [] })
    } else if (node.op === 'variable') read.add(node.attrs.name)
    else if (body) {
      const inner = removeDead(body)
      if (inner.graph === body) continue
      rewrites.push(...inner.rewrites)
      bodies.set(id, makeNode({ ...node, body: inner.graph }))
    }
  }
  const unread = Object.keys(graph.variables).filter(name => !read.has(name))
  if (unread.length > 0) rewrites.push({ rule: 'removeVariable', origin: [], removed: unread, added: [] })
  if (rewrites.length === 0) return noEdit(graph)
  return editGraph(
    graph,
    draft => {
      const { nodes } = draft // each access to a draft goes through a proxy
      for (const id of dead) delete nodes[id]
      for (const [id, node] of bodies) nodes[id] = node
      for (const name of unread) delete draft.variables[name]
    },
    rewrites,
  )
}
