// Groups of nodes that run as one kernel, for what composites become after the fuse pass has run.

import { type Graph, type Node, type NodeId, nodeAt, resultIds, tensorType } from '../../../lib/ir/graph.js'
import { topologicalOrder, usersOf } from '../../../lib/ir/order.js'
import { isTuple, sameShape } from '../../../lib/ir/types.js'
import { isElementwiseName } from '../scalar/table.js'
import { isBodyNode } from './bodies.js'
import type { ReductionName } from './lowering.js'

/**
 * Elementwise nodes whose value is only read inside one kernel, by the node that kernel computes: an elementwise one, or a
 * reduction. From the results upwards, a node joins the group that all its readers are in if it has the shape of the group.
 * A region of elementwise nodes joins a reduction that alone reads it.
 */
export function absorbedNodes(graph: Graph, live: ReadonlySet<NodeId>): ReadonlySet<NodeId> {
  const users = usersOf(graph)
  const results = new Set(resultIds(graph))
  const rootOf = new Map<NodeId, NodeId>()
  const absorbed = new Set<NodeId>()
  for (const node of [...topologicalOrder(graph)].reverse()) {
    if (!live.has(node.id)) continue
    if (isReduction(node)) rootOf.set(node.id, node.id)
    const elementwise = isElementwiseName(node.op)
    if (!elementwise && !isExpressionRegion(node)) continue
    const roots = new Set((users.get(node.id) ?? []).filter(id => live.has(id)).map(id => rootOf.get(id)))
    const [root] = roots
    const joins =
      roots.size === 1 &&
      root !== undefined &&
      !results.has(node.id) &&
      sameShape(tensorType(node).shape, groupShape(graph, root)) &&
      (elementwise || reduces(nodeAt(graph, root), node.id))
    if (elementwise) rootOf.set(node.id, joins ? root : node.id)
    if (joins) absorbed.add(node.id)
  }
  return absorbed
}

function reduces(node: Node, operand: NodeId): boolean {
  return isReduction(node) && node.inputs[0] === operand
}

/** What takes in the elementwise work on its operand. */
export function isReduction(node: Node): node is Node & { readonly op: ReductionName } {
  return node.op === 'reduce_sum' || node.op === 'reduce_prod' || node.op === 'reduce_max' || node.op === 'reduce_min'
}

function isExpressionRegion({ op, body, type }: Node): boolean {
  return (
    op === 'fused' &&
    body !== undefined &&
    !isTuple(type) &&
    Object.values(body.nodes).every(inner => inner.op === 'input' || isBodyNode(inner))
  )
}

function groupShape(graph: Graph, root: NodeId): ReturnType<typeof tensorType>['shape'] {
  const node = nodeAt(graph, root)
  return tensorType(isReduction(node) ? nodeAt(graph, node.inputs[0] as NodeId) : node).shape
}
