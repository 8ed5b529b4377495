// Analyses that every walk needs: topological order and users, cached per graph since graphs never change.

import { GraphError } from './errors.js'
import { type Graph, type Node, type NodeId, resultIds } from './graph.js'

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
  // the nodes that were met and not left, and how many operands of each have been seen to
  const stack: Node[] = []
  const seen: number[] = []
  const meet = (id: NodeId): void => {
    const node = graph.nodes[id]
    if (!node) throw new GraphError(`the graph has no node "${id}"`)
    if (node.inputs.length === 0) {
      left.set(id, true)
      order.push(node)
      return
    }
    left.set(id, false)
    stack.push(node)
    seen.push(0)
  }
  const visit = (root: NodeId): void => {
    if (!left.has(root)) meet(root)
    for (let top = stack.length - 1; top >= 0; top = stack.length - 1) {
      const node = stack[top] as Node
      const next = seen[top] as number
      const operand = node.inputs[next]
      if (operand === undefined) {
        stack.pop()
        seen.pop()
        left.set(node.id, true)
        order.push(node)
        continue
      }
      seen[top] = next + 1
      const met = left.get(operand)
      if (met === false) throw new GraphError(`the graph has a cycle through "${operand}"`)
      if (!met) meet(operand)
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
    const { inputs } = node
    for (let k = 0; k < inputs.length; k++) {
      const operand = inputs[k] as NodeId
      if (inputs.indexOf(operand) < k) continue
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
  const live = liveAmong(topologicalOrder(graph), graph)
  liveSets.set(graph, live)
  return live
}

/** What `liveIds` finds, of nodes that are not a graph's yet; they come operands first. */
export function liveAmong(order: readonly Node[], graph: Pick<Graph, 'inputs' | 'results'>): ReadonlySet<NodeId> {
  const live = new Set<NodeId>([...graph.inputs, ...resultIds(graph)])
  for (let k = order.length - 1; k >= 0; k--) {
    const { id, inputs } = order[k] as Node
    if (live.has(id)) for (const operand of inputs) live.add(operand)
  }
  return live
}
