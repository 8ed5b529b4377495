// cse: computes once what several nodes compute.

import { type Edit, editGraph, type Graph, makeNode, type Node, type NodeId, nodeAt, noEdit, type Rewrite } from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import { showType } from '../lib/ir/types.js'
import { drawsRandom } from './dependence.js'
import { writeChanges } from './difference.js'
import type { Lesson, Pass } from './pass.js'
import { redirected, redirectedResults } from './redirect.js'
import { attributesText, structureOf } from './structure.js'

const rules = [
  {
    name: 'mergeEqual',
    formula: 'f(x), f(x) → f(x)',
    why: 'same op, operands, attributes, type and region; never what draws random numbers, and no node that is a loss is merged away',
    numerics: 'exact',
  },
] as const satisfies readonly Lesson[]

/** Merges nodes that compute one value; what remains carries the origins of all. */
export const cse = {
  name: 'cse',
  description: 'compute once what several nodes compute',
  numerics: 'exact',
  idempotent: true,
  rules,
  run: mergeEqual,
} satisfies Pass

function mergeEqual(graph: Graph): Edit {
  const losses = new Set(graph.results.losses.map(loss => loss.node))
  const changed = new Map<NodeId, Node | undefined>()
  const firsts = new Map<string, NodeId>()
  const forward = new Map<NodeId, NodeId>()
  const rewrites: Rewrite[] = []
  const to = (id: NodeId) => forward.get(id) ?? id
  for (const old of topologicalOrder(graph)) {
    const node = old.body || old.inputs.some(id => forward.has(id)) ? redirected(old, to, mergeEqual, rewrites) : old
    const key = node.op === 'input' || drawsRandom(node) ? undefined : keyOf(node)
    const first = key === undefined ? undefined : firsts.get(key)
    if (first === undefined || losses.has(node.id)) {
      if (node !== old) changed.set(node.id, node)
      if (key !== undefined && first === undefined) firsts.set(key, node.id)
      continue
    }
    const kept = changed.get(first) ?? nodeAt(graph, first)
    changed.set(first, makeNode({ ...kept, origin: [...new Set([...kept.origin, ...node.origin])] }))
    changed.set(node.id, undefined)
    forward.set(node.id, first)
    rewrites.push({ rule: 'mergeEqual', origin: node.origin, removed: [node.id], added: [] })
  }
  if (rewrites.length === 0) return noEdit(graph)
  const results = redirectedResults(graph.results, to)
  return editGraph(graph, draft => writeChanges(draft, graph, { variables: graph.variables, results, changed }), rewrites)
}

/** What makes two nodes one value. */
function keyOf(node: Node): string {
  const { op, inputs, type, body } = node
  const operands = inputs.map(id => `${id.length}:${id}`).join() // no id can look like the end of another
  return `${op}|${operands}|${attributesText(node)}|${showType(type)}|${body ? structureOf(body) : ''}`
}
