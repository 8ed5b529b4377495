// Elementwise nodes and fused regions: one kernel per expression.

import type { Graph, Node } from '../../../lib/ir/graph.js'
import { nodeAt, tensorType } from '../../../lib/ir/graph.js'
import { liveIds } from '../../../lib/ir/order.js'
import { boundType, type Scheduling } from '../context.js'
import type { Tensor } from '../schedule.js'
import { addExpression, BodyBuilder, isBodyNode } from './bodies.js'
import { callBody } from './callBody.js'
import type { End } from './epilogue.js'
import { families } from './families.js'
import type { ReductionName } from './lowering.js'
import { lowerMatmul } from './matmul.js'

/**
 * A region as one kernel: an expression alone, or what one follows: a product, a convolution, a pool, a standardisation. Any other region
 * is scheduled node by node.
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
    const [anchor] = anchors as [Node]
    if (anchors.length === 1 && anchor.inputs.every(id => known.has(id))) {
      const lowered = lowerAnchor(s, anchor, known, {
        type: boundType(tensorType(nodeAt(body, root))),
        rest(value) {
          const builder = new BodyBuilder()
          builder.operand(value)
          const result = addExpression(builder, body, root, new Map([...known, [anchor.id, value]]))
          return { body: builder.build(result), operands: builder.operands.slice(1) }
        },
      })
      if (lowered) return lowered
    }
  }
  const values = s.run(body, operands)
  const results = roots.map(id => values.get(id) as Tensor)
  return roots.length === 1 ? (results[0] as Tensor) : results
}

/** An op that takes in what follows it; undefined for any other. */
function lowerAnchor(s: Scheduling, anchor: Node, known: ReadonlyMap<string, Tensor>, end: End): Tensor | undefined {
  const operands = anchor.inputs.map(id => known.get(id) as Tensor)
  const type = boundType(tensorType(anchor))
  switch (anchor.op) {
    case 'matmul':
      return lowerMatmul(s, operands, type, end)
    case 'conv':
      return families.windows.get().lowerings.conv(s, operands, anchor.attrs, type, end)
    case 'window_max':
    case 'window_sum':
    case 'avg_pool':
      return families.windows.get().lowerings[anchor.op](s, operands, anchor.attrs, type, end)
    case 'normalize':
    case 'rms_normalize':
      return families.reductions.get().lowerings[anchor.op](s, operands, anchor.attrs, type, end)
    case 'l2_normalize':
      return families.reductions.get().lowerings.l2_normalize(s, operands, anchor.attrs, type, end)
    default:
      return undefined
  }
}

/** A reduction and the expression or region that it is of, as one kernel. */
export function lowerReduction(
  s: Scheduling,
  graph: Graph,
  node: Node & { readonly op: ReductionName },
  known: ReadonlyMap<string, Tensor>,
): Tensor {
  const operand = nodeAt(graph, node.inputs[0] as string)
  const builder = new BodyBuilder()
  const region = operand.op === 'fused' ? operand.body : undefined
  const inner = new Map(region?.inputs.map((id, k) => [id, known.get(operand.inputs[k] as string) as Tensor]))
  const value = region
    ? addExpression(builder, region, region.results.outputs[0]?.node as string, inner)
    : addExpression(builder, graph, operand.id, known)
  const reduced = { body: builder.build(value), type: boundType(tensorType(operand)) }
  return families.reductions.get().lowerings[node.op](s, builder.operands, node.attrs, boundType(tensorType(node)), reduced)
}

/** The expression that gives `root` as one kernel, from the tensors that are known. */
export function lowerExpression(s: Scheduling, graph: Graph, root: string, known: ReadonlyMap<string, Tensor>): Tensor {
  const builder = new BodyBuilder()
  const result = addExpression(builder, graph, root, known)
  return callBody(s, builder.build(result), builder.operands, boundType(tensorType(nodeAt(graph, root))))
}
