// expand: replaces composites by what they are defined as, for backends that have no kernel of their own for them.

import { type Graph, makeNode, type Node, type NodeId, tensorType } from '../ir/graph.js'
import { liveIds, topologicalOrder } from '../ir/order.js'
import type { OpAttrs, OpName } from '../ir/vocabulary.js'
import { definitionOf } from './definitions.js'
import { inferType } from './infer.js'
import type { Emitter } from './op.js'

/**
 * The graph with every composite decomposed, inside regions too, but those for which `keep` holds. Nodes keep their
 * ids; what a composite becomes is named after it (`softmax/exp`) and has its origin. Dead nodes are dropped.
 */
export function expandComposites(graph: Graph, keep: (node: Node) => boolean): Graph {
  const nodes: Record<NodeId, Node> = {}
  const now = new Map<NodeId, NodeId>()
  const live = liveIds(graph)
  const order = topologicalOrder(graph)
  let changed = live.size < order.length
  for (const node of order) {
    if (!live.has(node.id)) continue
    const inputs = node.inputs.map(id => now.get(id) as NodeId)
    const definition = definitionOf(node.op)
    if ('decompose' in definition && !keep(node)) {
      now.set(node.id, definition.decompose(emitterInto(nodes, node, keep), inputs, node.attrs))
      changed = true
      continue
    }
    const body = node.body && expandComposites(node.body, keep)
    const stays = body === node.body && inputs.every((id, k) => id === node.inputs[k])
    nodes[node.id] = stays ? node : makeNode({ ...node, inputs, body })
    changed ||= !stays
    now.set(node.id, node.id)
  }
  if (!changed) return graph
  const renamed = (id: NodeId): NodeId => now.get(id) as NodeId
  const { outputs, losses, updates } = graph.results
  return {
    ...graph,
    nodes,
    results: {
      outputs: outputs.map(({ name, node }) => ({ name, node: renamed(node) })),
      losses: losses.map(({ name, node }) => ({ name, node: renamed(node) })),
      updates: Object.fromEntries(Object.entries(updates).map(([name, id]) => [name, renamed(id)])),
    },
  }
}

/** Emits the parts of `whole` as nodes, expanding composites among them too. */
function emitterInto(nodes: Record<NodeId, Node>, whole: Node, keep: (node: Node) => boolean): Emitter<NodeId> {
  const typeOf = (id: NodeId) => tensorType(nodes[id] as Node)
  const emitter: Emitter<NodeId> = {
    emit<K extends OpName>(op: K, inputs: readonly NodeId[], attrs: OpAttrs[K]): NodeId {
      const id = freshId(nodes, `${whole.id}/${op}`)
      const node = makeNode({ id, op, inputs, attrs, type: inferType({ id, op, attrs }, inputs.map(typeOf)), origin: whole.origin })
      const definition = definitionOf(op)
      if ('decompose' in definition && !keep(node)) return definition.decompose(emitter, inputs, attrs)
      nodes[id] = node
      return id
    },
    typeOf,
  }
  return emitter
}

function freshId(nodes: Readonly<Record<NodeId, Node>>, stem: string): NodeId {
  if (!Object.hasOwn(nodes, stem)) return stem
  for (let k = 1; ; k++) if (!Object.hasOwn(nodes, `${stem}_${k}`)) return `${stem}_${k}`
}
