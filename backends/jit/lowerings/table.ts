// The table of lowerings: how each op becomes kernel calls. Total over primitives; composites with a kernel of their own follow.

import { type Node, tensorType } from '../../../lib/ir/graph.js'
import { sizeOf } from '../../../lib/ir/types.js'
import type { Axes, CompositeName, OpAttrs, PrimitiveName } from '../../../lib/ir/vocabulary.js'
import { checkedAxis } from '../../../lib/ops/shapes.js'
import { type BoundType, boundType, type Scheduling } from '../context.js'
import type { CombineName } from '../kernels/combine.js'
import { position } from '../kernels/position.js'
import { randomBits } from '../kernels/random.js'
import { reduce } from '../kernels/reduce.js'
import { softmax } from '../kernels/softmax.js'
import type { ElementwiseName } from '../scalar/table.js'
import type { Tensor } from '../schedule.js'
import { softmaxFlops } from '../work.js'
import { lowerConv } from './conv.js'
import { lowerFused } from './elementwise.js'
import { lowerMatmul } from './matmul.js'
import { movement } from './movement.js'
import { lowerScan } from './scan.js'
import { lowerPool } from './windows.js'

/** What the walkers handle themselves. */
type Walked = 'input' | 'get' | 'phase'
/** Composites that have a kernel here, for some attributes at least. */
type KernelComposite = 'softmax' | 'log_softmax' | 'avg_pool'
type Lowered = Exclude<PrimitiveName, Walked | 'fused' | 'scan' | 'variable' | ElementwiseName> | KernelComposite

type LoweringOf<Attrs> = (s: Scheduling, operands: readonly Tensor[], attrs: Attrs, type: BoundType) => Tensor
type Lowering<K extends keyof OpAttrs> = LoweringOf<OpAttrs[K]>

function reduction(combine: CombineName): LoweringOf<Axes> {
  return (s, [x], { axes }, type) => {
    const operand = x as Tensor
    const result = s.temporary(type)
    s.call(reduce({ combine, dtype: operand.dtype, shape: operand.shape, axes }), result, [operand], sizeOf(operand.shape))
    return result
  }
}

function extremePosition(extreme: 'max' | 'min'): LoweringOf<{ readonly axis: number }> {
  return (s, [x], { axis }, type) => {
    const operand = x as Tensor
    const at = checkedAxis(`arg${extreme}`, axis, operand)
    const [outer, inner] = [sizeOf(operand.shape.slice(0, at)), sizeOf(operand.shape.slice(at + 1))]
    const result = s.temporary(type)
    const spec = { extreme, dtype: operand.dtype, outer, length: operand.shape[at] as number, inner }
    s.call(position(spec), result, [operand], sizeOf(operand.shape))
    return result
  }
}

function softmaxRows(log: boolean): LoweringOf<object> {
  return (s, [x], _attrs, type) => {
    const result = s.temporary(type)
    const length = type.shape.at(-1) as number
    s.call(softmax(sizeOf(type.shape) / Math.max(1, length), length, log), result, [x as Tensor], softmaxFlops * sizeOf(type.shape))
    return result
  }
}

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

const bits: Lowering<'random_bits'> = (s, operands, _attrs, type) => {
  const result = s.temporary(type)
  s.call(randomBits(sizeOf(type.shape)), result, operands)
  return result
}

const lowerings = {
  constant,
  iota,
  random_bits: bits,
  reduce_sum: reduction('sum'),
  reduce_prod: reduction('prod'),
  reduce_max: reduction('max'),
  reduce_min: reduction('min'),
  argmax: extremePosition('max'),
  argmin: extremePosition('min'),
  ...movement,
  matmul: (s, operands, _attrs, type) => lowerMatmul(s, operands, type),
  conv: (s, operands, attrs, type) => lowerConv(s, operands, attrs, type),
  window_max: (s, operands, attrs, type) => lowerPool(s, 'window_max', operands, attrs, type),
  window_sum: (s, operands, attrs, type) => lowerPool(s, 'window_sum', operands, attrs, type),
  avg_pool: (s, operands, attrs, type) => lowerPool(s, 'avg_pool', operands, attrs, type),
  softmax: softmaxRows(false),
  log_softmax: softmaxRows(true),
} satisfies { [K in Lowered]: Lowering<K> }

/** Composites that have a kernel here; every other one is expanded before scheduling. */
export function hasKernel(node: Node): node is Node & { readonly op: CompositeName } {
  if (node.op === 'avg_pool') return true
  if (node.op !== 'softmax' && node.op !== 'log_softmax') return false
  const type = tensorType(node)
  return checkedAxis(node.op, node.attrs.axis, type) === type.shape.length - 1
}

/** Schedules one node that is not elementwise; region ops may give several tensors. */
export function lowerNode(s: Scheduling, node: Node, operands: readonly Tensor[]): Tensor | readonly Tensor[] {
  if (node.op === 'fused') return lowerFused(s, node, operands)
  if (node.op === 'scan') return lowerScan(s, node, operands)
  if (node.op === 'variable') return s.variable(node)
  if (node.op === 'phase') return operands[1] as Tensor // passes pick the side; a graph that still has both runs to infer
  if (!Object.hasOwn(lowerings, node.op)) throw new Error(`internal: the JIT has no lowering for ${node.op} ("${node.id}")`)
  const lowering = lowerings[node.op as keyof typeof lowerings] as LoweringOf<object>
  return lowering(s, operands, node.attrs, boundType(tensorType(node)))
}
