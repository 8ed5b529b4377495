// Analyses that every walk needs: topological order and users, cached per graph since graphs never change.

import { GraphError } from './errors.js'
import { type Graph, type Node, type NodeId, nodeAt, resultIds } from './graph.js'

const orders = new WeakMap<Graph, readonly Node[]>()
const liveSets = new WeakMap<Graph, ReadonlySet<NodeId>>()
const userLists = new WeakMap<Graph, ReadonlyMap<NodeId, readonly NodeId[]>>()

/**
 * Every node after its operands: inputs first, then what the results need in order of first need, then dead nodes.
 * It depends on the edges alone, never on the key order of `nodes`.
 * @throws GraphError on a cycle or a missing operand.
 */
export function topologicalOrder(graph: Graph): readonly Node[] {
  const known = orders.get(graph)
  if (known) return known
  const order: Node[] = []
  /** Whether a node that was met has been left. */
  const left = new Map<NodeId, boolean>()
  const visit = (root: NodeId): void => {
    if (left.has(root)) return
    const stack: { id: NodeId; next: number }[] = [{ id: root, next: 0 }]
    left.set(root, false)
    while (stack.length > 0) {
      const frame = stack[stack.length - 1] as { id: NodeId; next: number }
      const node = graph.nodes[frame.id]
      if (!node) throw new GraphError(`the graph has no node "${frame.id}"`)
      const operand = node.inputs[frame.next++]
      if (operand === undefined) {
        stack.pop()
        left.set(frame.id, true)
        order.push(node)
        continue
      }
      const met = left.get(operand)
      if (met === false) throw new GraphError(`the graph has a cycle through "${operand}"`)
      if (met) continue
      left.set(operand, false)
      stack.push({ id: operand, next: 0 })
    }
  }
  for (const id of graph.inputs) visit(id)
  for (const id of resultIds(graph)) visit(id)
  const ids = Object.keys(graph.nodes)
  if (left.size < ids.length) for (const id of ids.sort()) visit(id)
  orders.set(graph, order)
  return order
}

/** The ids that read each node, results not counted. */
export function usersOf(graph: Graph): ReadonlyMap<NodeId, readonly NodeId[]> {
  const known = userLists.get(graph)
  if (known) return known
  const users = new Map<NodeId, NodeId[]>()
  for (const node of topologicalOrder(graph)) {
    for (const operand of new Set(node.inputs)) {
      const list = users.get(operand)
      if (list) list.push(node.id)
      else users.set(operand, [node.id])
    }
  }
  userLists.set(graph, users)
  return users
}

/** The ids that some result, or a graph input, reaches: everything else is dead. */
export function liveIds(graph: Graph): ReadonlySet<NodeId> {
  const known = liveSets.get(graph)
  if (known) return known
  const live = new Set<NodeId>(graph.inputs)
  const stack = [...graph.inputs, ...resultIds(graph)]
  while (stack.length > 0) {
    const id = stack.pop() as NodeId
    live.add(id)
    for (const operand of nodeAt(graph, id).inputs) if (!live.has(operand)) stack.push(operand)
  }
  liveSets.set(graph, live)
  return live
}
