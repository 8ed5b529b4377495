// Redirecting: what read one node reads another from now on, in nodes, their regions and results.

import { type Edit, type Graph, makeNode, type Node, type NodeId, type Results, type Rewrite } from '../lib/ir/graph.js'

/** The id to read in the place of another. */
export type Forwarding = (id: NodeId) => NodeId

/** A node that reads what it should, its region edited; the node itself if nothing changes. */
export function redirected(node: Node, to: Forwarding, edit: (region: Graph) => Edit, rewrites: Rewrite[]): Node {
  const inner = node.body && edit(node.body)
  const inputs = node.inputs.map(to)
  const hasNewBody = inner !== undefined && inner.graph !== node.body
  if (!hasNewBody && inputs.every((id, k) => id === node.inputs[k])) return node
  if (hasNewBody) rewrites.push(...inner.rewrites)
  return makeNode({ ...node, inputs, body: inner?.graph })
}

export function redirectedResults({ outputs, losses, updates }: Results, to: Forwarding): Results {
  return {
    outputs: outputs.map(({ name, node }) => ({ name, node: to(node) })),
    losses: losses.map(({ name, node }) => ({ name, node: to(node) })),
    updates: Object.fromEntries(Object.entries(updates).map(([name, node]) => [name, to(node)])),
  }
}
