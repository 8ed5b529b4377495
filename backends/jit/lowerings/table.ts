// The table of lowerings: how each op becomes kernel calls. Total over primitives, with families that are loaded on demand.

import { type Node, tensorType } from '../../../lib/ir/graph.js'
import { sizeOf } from '../../../lib/ir/types.js'
import { checkedAxis } from '../../../lib/ops/shapes.js'
import { boundType, type Scheduling } from '../context.js'
import type { Tensor } from '../schedule.js'
import { lowerFused } from './elementwise.js'
import { families } from './families.js'
import { type DirectName, familyOf, type InFamily, isInFamily, type Lowered, type Lowering, type LoweringOf } from './lowering.js'
import { lowerMatmul } from './matmul.js'
import { lowerSoftmax } from './softmax.js'

const constant: Lowering<'constant'> = (s, _operands, { data }, { dtype, shape }) =>
  data.length === 1 ? { dtype, shape, literal: Number(data[0]) } : s.constant({ dtype, shape }, data)

/** The counts along the axis are a constant; other axes repeat it. */
const iota: Lowering<'iota'> = (s, _operands, { axis }, type) => {
  const size = type.shape[axis] as number
  const line = s.constant(
    { dtype: type.dtype, shape: type.shape.map((_, k) => (k === axis ? size : 1)) },
    Array.from({ length: size }, (_, k) => k),
  )
  return sizeOf(type.shape) === size ? line : s.spread(line, type.shape)
}

/** NumPy's broadcast: a view where every element stays where it is. */
const broadcast: Lowering<'broadcast'> = (s, [x], _attrs, type) => {
  const operand = x as Tensor
  if (operand.literal !== undefined || sizeOf(operand.shape) === sizeOf(type.shape)) return s.view(operand, type)
  return s.spread(operand, type.shape)
}

const lowerings = {
  constant,
  iota,
  reshape: (s, [x], _attrs, type) => s.view(x as Tensor, type),
  broadcast,
  matmul: (s, operands, _attrs, type) => lowerMatmul(s, operands, type),
  softmax: lowerSoftmax(),
} satisfies { [K in Exclude<Lowered, InFamily>]: Lowering<K> }

/** Whether a composite has a kernel here; every other one is expanded before scheduling. */
export function hasKernel(node: Node): node is Node & { readonly op: DirectName } {
  switch (node.op) {
    case 'avg_pool':
    case 'softmax':
    case 'log_softmax':
      return true
    case 'logsumexp':
      return areNeighbours(node.attrs.axes)
    case 'normalize':
    case 'rms_normalize':
      return areLast(node, node.attrs.axes)
    case 'l2_normalize':
      return areLast(node, [node.attrs.axis])
    case 'resize':
      return node.attrs.method === 'nearest' || node.attrs.method === 'bilinear'
    default:
      return false
  }
}

/** Whether these axes, in order, follow each other. */
function areNeighbours(axes: readonly number[]): boolean {
  return axes.length > 0 && axes.every((axis, k) => axis === (axes[0] as number) + k)
}

/** Whether these axes, in order, are the last ones. */
function areLast(node: Node, axes: readonly number[]): boolean {
  const type = tensorType(node)
  return axes[0] !== undefined && checkedAxis(node.op, axes[0], type) === type.shape.length - axes.length
}

/**
 * Schedules one node that is not elementwise; region ops may give several tensors.
 * @throws BackendError for an op whose family is not loaded.
 */
export function lowerNode(s: Scheduling, node: Node, operands: readonly Tensor[]): Tensor | readonly Tensor[] {
  if (node.op === 'fused') return lowerFused(s, node, operands)
  if (node.op === 'scan') return families.scan.get().lowerings.scan(s, node, operands)
  if (node.op === 'variable') return s.variable(node)
  if (node.op === 'phase') return operands[1] as Tensor // passes pick the side; a graph that still has both runs to infer
  return loweringOf(node)(s, operands, node.attrs, boundType(tensorType(node)))
}

function loweringOf(node: Node): LoweringOf<object> {
  const table: object = isInFamily(node) ? families[familyOf[node.op]].get().lowerings : lowerings
  if (!Object.hasOwn(table, node.op)) throw new Error(`internal: the JIT has no lowering for ${node.op} ("${node.id}")`)
  return table[node.op as keyof typeof table] as LoweringOf<object>
}
