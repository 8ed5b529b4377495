// Regions: finding in a body what one kernel of this backend runs (backends/tfjs/fusible.ts lists it for the fusion pass).

import type { Graph, Node, NodeId } from '../../lib/ir/graph.js'
import { topologicalOrder } from '../../lib/ir/order.js'
import type { KernelWriter } from './lowering.js'
import { at } from './lowering.js'
import { type Activation, fusedMatMul, isOneMatrix, linear } from './lowerings/contraction.js'
import { fusedConv, isOneConvKernel } from './lowerings/conv.js'
import type { Operand } from './plan.js'
import { concrete } from './planner.js'

/** A body that is activation(anchor(inputs[lhs], inputs[rhs]) + inputs[bias]). */
interface Match {
  readonly anchor: Node & { readonly op: 'matmul' | 'conv' }
  readonly lhs: number
  readonly rhs: number
  readonly bias: number | undefined
  readonly activation: Activation
}

/** The one kernel call for a region, where there is one; otherwise the region is run node by node. */
export function regionKernel(w: KernelWriter, body: Graph, operands: readonly Operand[]): Operand | undefined {
  const match = matchBody(body)
  if (!match) return undefined
  const { anchor, activation } = match
  const [lhs, rhs] = [at(operands, match.lhs), at(operands, match.rhs)]
  const bias = match.bias === undefined ? undefined : at(operands, match.bias)
  if (lhs.dtype !== 'float32') return undefined
  // the kernels ask for rank 1 of the tensor as it was made, not as it is viewed
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== rhs.shape.at(-1) || w.madeAs(bias).length !== 1)) return undefined
  const result = concrete(anchor.type)
  if (anchor.op === 'matmul') return isOneMatrix(rhs) ? fusedMatMul(w, [lhs, rhs], bias, activation, result.shape) : undefined
  // the kernels note each filter under its bias for as long as the bias lives
  if (bias && !w.stays(rhs)) return undefined
  return isOneConvKernel(w.engine, lhs, anchor.attrs) ? fusedConv(w, [lhs, rhs], anchor.attrs, { bias, activation }, result) : undefined
}

function matchBody(body: Graph): Match | undefined {
  const inputAt = (id: NodeId | undefined) => (id === undefined ? -1 : body.inputs.indexOf(id))
  const [product, ...rest] = topologicalOrder(body).filter(({ op }) => op !== 'input')
  const [output] = body.results.outputs
  if ((product?.op !== 'matmul' && product?.op !== 'conv') || body.results.outputs.length !== 1) return undefined
  const [lhs, rhs] = product.inputs.map(inputAt)
  if (lhs === undefined || rhs === undefined || lhs < 0 || rhs < 0) return undefined
  // dead nodes come last in this order, so that a chain which ends in the output has no side branch
  let last: Node = product
  let bias: number | undefined
  let activation: Activation | undefined
  for (const node of rest) {
    if (node.op === 'add' && last === product) {
      bias = inputAt(node.inputs.find(id => id !== product.id))
      if (bias < 0) return undefined
    } else {
      if (activation) return undefined
      activation = activationOf(node)
      if (!activation) return undefined
    }
    last = node
  }
  return output?.node === last.id ? { anchor: product, lhs, rhs, bias, activation: activation ?? linear } : undefined
}

/** A node as the kernel's activation. Its relu and relu6 give 0 for NaN on wasm. */
function activationOf(node: Node): Activation | undefined {
  switch (node.op) {
    case 'relu':
    case 'relu6':
    case 'sigmoid':
      return { activation: node.op, leakyreluAlpha: 0 }
    case 'elu':
      return node.attrs.alpha === 1 ? { activation: 'elu', leakyreluAlpha: 0 } : undefined
    case 'leaky_relu':
      return { activation: 'leakyrelu', leakyreluAlpha: node.attrs.slope }
    default:
      return undefined
  }
}
