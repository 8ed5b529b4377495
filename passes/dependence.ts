// Dependence: whether a value is fixed, changes with the weights, or changes with every run.

import type { Graph, Node, NodeId } from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'

/** From what never changes to what always may. */
export type Dependence = 'nothing' | 'weights' | 'run'

const rank = { nothing: 0, weights: 1, run: 2 } satisfies Record<Dependence, number>

/**
 * The dependence of one node, given that of its operands. Random ops, recurrent state, counters and every variable
 * that the graph itself updates change with the run.
 */
export function dependenceOf(node: Node, graph: Pick<Graph, 'variables' | 'results'>, of: (id: NodeId) => Dependence): Dependence {
  if (node.op === 'input' || drawsRandom(node)) return 'run'
  if (node.op === 'variable') {
    const kind = graph.variables[node.attrs.name]?.kind
    const steady = kind !== 'state' && kind !== 'counter' && !Object.hasOwn(graph.results.updates, node.attrs.name)
    return steady ? 'weights' : 'run'
  }
  let most: Dependence = 'nothing'
  for (const id of node.inputs) {
    const dependence = of(id)
    if (dependence === 'run') return 'run'
    if (rank[dependence] > rank[most]) most = dependence
  }
  return most
}

/** The dependence of every node; they come operands first. */
export function dependences(graph: Pick<Graph, 'variables' | 'results'>, order: Iterable<Node>): Map<NodeId, Dependence> {
  const known = new Map<NodeId, Dependence>()
  const of = (id: NodeId) => known.get(id) as Dependence
  for (const node of order) known.set(node.id, dependenceOf(node, graph, of))
  return known
}

/** Whether a node takes random numbers, also inside its region. */
export function drawsRandom(node: Node): boolean {
  if (node.op === 'random_bits' || node.op === 'dropout') return true
  const { body } = node
  return body !== undefined && topologicalOrder(body).some(drawsRandom)
}
