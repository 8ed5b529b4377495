// From elementwise graph nodes to a body and the tensors it reads.

import type { Graph, Node } from '../../../lib/ir/graph.js'
import { nodeAt, tensorType } from '../../../lib/ir/graph.js'
import { topologicalOrder } from '../../../lib/ir/order.js'
import type { DType } from '../../../lib/ir/types.js'
import type { Body, BodyConstant, BodyStep } from '../scalar/body.js'
import { type ElementwiseName, isElementwiseName } from '../scalar/table.js'
import type { Tensor } from '../schedule.js'

interface Part {
  readonly kind: 'operand' | 'constant' | 'step'
  readonly index: number
  readonly dtype: DType
}

/** Collects an expression; operands of the same place are one. */
export class BodyBuilder {
  readonly operands: Tensor[] = []
  private readonly constants: BodyConstant[] = []
  private readonly steps: { readonly op: ElementwiseName; readonly args: readonly Part[]; readonly attrs: object }[] = []

  operand(tensor: Tensor): Part {
    if (tensor.literal !== undefined) return this.constant(tensor.literal, tensor.dtype)
    const known = this.operands.indexOf(tensor)
    return { kind: 'operand', index: known >= 0 ? known : this.operands.push(tensor) - 1, dtype: tensor.dtype }
  }

  constant(value: number, dtype: DType): Part {
    const known = this.constants.findIndex(other => Object.is(other.value, value) && other.dtype === dtype)
    return { kind: 'constant', index: known >= 0 ? known : this.constants.push({ value, dtype }) - 1, dtype }
  }

  step(op: ElementwiseName, args: readonly Part[], attrs: object, dtype: DType): Part {
    return { kind: 'step', index: this.steps.push({ op, args, attrs }) - 1, dtype }
  }

  build(result: Part): Body {
    const start = { operand: 0, constant: this.operands.length, step: this.operands.length + this.constants.length }
    const slot = ({ kind, index }: Part): number => start[kind] + index
    const steps = this.steps.map(
      ({ op, args, attrs }): BodyStep => ({ op, args: args.map(slot), attrs, dtype: args.at(-1)?.dtype ?? 'float32' }),
    )
    return { operands: this.operands.length, constants: this.constants, steps, result: slot(result) }
  }
}

/** Whether a node can be part of a body. */
export function isBodyNode(node: Node): boolean {
  return isElementwiseName(node.op) || (node.op === 'constant' && node.attrs.data.length === 1)
}

/**
 * Adds the expression that gives `root`; it ends at the nodes that `known` has a tensor for.
 * @throws Error when it meets a node that is not elementwise.
 */
export function addExpression(builder: BodyBuilder, graph: Graph, root: string, known: ReadonlyMap<string, Tensor>): Part {
  const parts = new Map<string, Part>()
  const needed = new Set<string>()
  const stack = [root]
  while (stack.length > 0) {
    const id = stack.pop() as string
    if (needed.has(id)) continue
    needed.add(id)
    if (!known.has(id)) stack.push(...nodeAt(graph, id).inputs)
  }
  for (const node of topologicalOrder(graph)) {
    if (!needed.has(node.id)) continue
    const tensor = known.get(node.id)
    parts.set(node.id, tensor ? builder.operand(tensor) : addNode(builder, node, parts))
  }
  return parts.get(root) as Part
}

function addNode(builder: BodyBuilder, node: Node, parts: ReadonlyMap<string, Part>): Part {
  const { dtype } = tensorType(node)
  if (node.op === 'constant' && node.attrs.data.length === 1) return builder.constant(node.attrs.data[0] as number, dtype)
  if (!isElementwiseName(node.op)) throw new Error(`internal: "${node.id}" (${node.op}) is not elementwise`)
  const args = node.inputs.map(id => parts.get(id) as Part)
  return builder.step(node.op, args, node.attrs, dtype)
}
