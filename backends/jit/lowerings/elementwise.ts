// Elementwise nodes and fused regions: one kernel per expression.

import type { Graph, Node } from '../../../lib/ir/graph.js'
import { nodeAt, tensorType } from '../../../lib/ir/graph.js'
import { liveIds } from '../../../lib/ir/order.js'
import { boundType, type Scheduling } from '../context.js'
import type { Body } from '../scalar/body.js'
import type { Tensor } from '../schedule.js'
import { addExpression, BodyBuilder, isBodyNode } from './bodies.js'
import { callBody } from './callBody.js'
import { lowerMatmul } from './matmul.js'

/**
 * A region as one kernel: an expression alone, or a product with one as its epilogue. Any other region is scheduled
 * node by node.
 */
export function lowerFused(s: Scheduling, node: Node, operands: readonly Tensor[]): Tensor | readonly Tensor[] {
  const body = node.body as Graph
  const roots = body.results.outputs.map(output => output.node)
  const [root] = roots as [string]
  const known = new Map(body.inputs.map((id, k) => [id, operands[k] as Tensor]))
  const live = liveIds(body)
  const inside = Object.values(body.nodes).filter(inner => live.has(inner.id) && inner.op !== 'input')
  const anchors = inside.filter(inner => !isBodyNode(inner))
  if (roots.length === 1) {
    if (anchors.length === 0) return lowerExpression(s, body, root, known)
    const [anchor] = anchors
    if (anchors.length === 1 && anchor?.op === 'matmul' && anchor.inputs.every(id => known.has(id))) {
      const sides = anchor.inputs.map(id => known.get(id) as Tensor)
      const type = boundType(tensorType(anchor))
      const rest = (product: Tensor): { body: Body; operands: readonly Tensor[] } => {
        const builder = new BodyBuilder()
        builder.operand(product)
        const result = addExpression(builder, body, root, new Map([...known, [anchor.id, product]]))
        return { body: builder.build(result), operands: builder.operands.slice(1) }
      }
      return lowerMatmul(s, sides, type, { type: boundType(tensorType(nodeAt(body, root))), rest })
    }
  }
  const values = s.run(body, operands)
  const results = roots.map(id => values.get(id) as Tensor)
  return roots.length === 1 ? (results[0] as Tensor) : results
}

/** The expression that gives `root` as one kernel, from the tensors that are known. */
export function lowerExpression(s: Scheduling, graph: Graph, root: string, known: ReadonlyMap<string, Tensor>): Tensor {
  const builder = new BodyBuilder()
  const result = addExpression(builder, graph, root, known)
  return callBody(s, builder.build(result), builder.operands, boundType(tensorType(nodeAt(graph, root))))
}
