// Groups of elementwise nodes that run as one kernel, for what composites become after the fuse pass has run.

import { type Graph, type Node, type NodeId, nodeAt, resultIds, tensorType } from '../../../lib/ir/graph.js'
import { topologicalOrder, usersOf } from '../../../lib/ir/order.js'
import { sameShape } from '../../../lib/ir/types.js'
import { isElementwiseName } from '../scalar/table.js'

/**
 * Elementwise nodes whose value is only read inside one kernel, by the node that kernel computes. From the results
 * upwards, a node joins the group that all its readers are in if it has the shape of the group.
 */
export function absorbedNodes(graph: Graph, live: ReadonlySet<NodeId>): ReadonlySet<NodeId> {
  const users = usersOf(graph)
  const results = new Set(resultIds(graph))
  const rootOf = new Map<NodeId, NodeId>()
  const absorbed = new Set<NodeId>()
  for (const node of [...topologicalOrder(graph)].reverse()) {
    if (!live.has(node.id) || !isElementwiseName(node.op)) continue
    const roots = new Set((users.get(node.id) ?? []).filter(id => live.has(id)).map(id => rootOf.get(id)))
    const [root] = roots
    const joins = roots.size === 1 && root !== undefined && !results.has(node.id) && sameSizes(node, nodeAt(graph, root))
    rootOf.set(node.id, joins ? root : node.id)
    if (joins) absorbed.add(node.id)
  }
  return absorbed
}

function sameSizes(a: Node, b: Node): boolean {
  return sameShape(tensorType(a).shape, tensorType(b).shape)
}
