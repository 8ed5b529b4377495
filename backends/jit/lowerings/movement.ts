// Data movement: views where the elements stay in line, one strided copy where they do not, of whole chains of movements.

import type { Graph, NodeId } from '../../../lib/ir/graph.js'
import {
  boundType,
  checkedAxis,
  collapse,
  copyBody,
  nest,
  nodeAt,
  resultIds,
  sizeOf,
  stridesOf,
  tensorType,
  topologicalOrder,
  usersOf,
} from '../common.js'
import type { BoundType, Scheduling } from '../context.js'
import { gather, scatterAdd } from '../kernels/indexed.js'
import { rearrange } from '../kernels/rearrange.js'
import type { Walk } from '../kernels/walks.js'
import type { Tensor } from '../schedule.js'
import type { Chain, Family, Lowering } from './lowering.js'
import { inOrder, isMovement, type Moved, type Movement, type MovementNode, move, moveInOrder, walkOf } from './moved.js'

function copy(s: Scheduling, result: Tensor, to: Walk, from: Tensor, walk: Walk, shape: readonly number[], whole: boolean): void {
  if (sizeOf(shape) > 0) s.call(nest({ shape, result: to, operands: [walk], body: copyBody, whole }), result, [from])
}

/** The elements of `x` as `moved` reads them: a view if that is a straight line, else one copy. A literal stays one. */
function lay(s: Scheduling, x: Tensor, { loops, offset }: Moved, type: BoundType): Tensor {
  if (x.literal !== undefined) return { ...x, shape: type.shape }
  const sizes = loops.map(({ size }) => size)
  const walk = walkOf(loops, offset)
  const { shape, walks } = collapse(sizes, [walk])
  if (sizeOf(type.shape) === 0) return s.view(x, type)
  if (shape.length === 0 || (shape.length === 1 && walks[0]?.strides[0] === 1)) return s.view(x, type, offset)
  const result = s.temporary(type)
  s.call(rearrange(sizes, walk), result, [x])
  return result
}

/** One movement of a tensor. */
function alone(s: Scheduling, x: Tensor, movement: Movement, type: BoundType): Tensor {
  return lay(s, x, moveInOrder(x.shape, movement, type.shape), type)
}

/** Movements, each of the one before: one copy, and one more wherever what was moved so far is no walk. */
function inTurn(s: Scheduling, operand: Tensor, nodes: readonly MovementNode[]): Tensor {
  const { dtype } = operand
  let [source, moved]: [Tensor, Moved] = [operand, inOrder(operand.shape)]
  for (const node of nodes) {
    const { shape } = boundType(tensorType(node))
    const next = move(moved, node, shape)
    if (!next) source = lay(s, source, moved, { dtype, shape: moved.shape })
    moved = next ?? moveInOrder(moved.shape, node, shape)
  }
  return lay(s, source, moved, { dtype, shape: moved.shape })
}

/**
 * The chains of movements of a graph by their nodes: each node but the last has the next one as its only reader, and is
 * not computed. Reshapes at the end stay outside: they are views.
 */
export function chainsOf(graph: Graph, live: ReadonlySet<NodeId>): ReadonlyMap<NodeId, Chain> {
  const users = usersOf(graph)
  const results = new Set(resultIds(graph))
  const inside = new Set<NodeId>()
  const order = topologicalOrder(graph)
    .filter(node => live.has(node.id))
    .filter(isMovement)
  for (const { id } of [...order].reverse()) {
    const [reader, ...others] = (users.get(id) ?? []).filter(user => live.has(user)).map(user => nodeAt(graph, user))
    if (!reader || others.length > 0 || results.has(id) || !isMovement(reader)) continue
    if (reader.op !== 'reshape' || inside.has(reader.id)) inside.add(id)
  }
  const nodesTo = new Map<NodeId, readonly MovementNode[]>()
  const chains = new Map<NodeId, Chain>()
  for (const node of order) {
    const before = nodesTo.get(node.inputs[0] as NodeId) ?? []
    const nodes = [...before, node]
    const [first] = nodes as [MovementNode]
    const origin = [...new Set(nodes.flatMap(member => member.origin))]
    if (inside.has(node.id)) {
      nodesTo.set(node.id, nodes)
      chains.set(node.id, { origin, lower: () => undefined })
    } else if (before.length > 0)
      chains.set(node.id, {
        origin,
        lower: (s, values) => inTurn(s, values.get(first.inputs[0] as NodeId) as Tensor, nodes),
      })
  }
  return chains
}

const concat: Lowering<'concat'> = (s, operands, { axis }, type) => {
  const [first] = operands as [Tensor]
  if (operands.length === 1) return first
  const at = checkedAxis('concat', axis, first)
  const result = s.temporary(type)
  const strides = stridesOf(type.shape)
  let offset = 0
  for (const operand of operands) {
    copy(s, result, { offset, strides }, operand, { offset: 0, strides: stridesOf(operand.shape) }, operand.shape, false)
    offset += (strides[at] as number) * (operand.shape[at] as number)
  }
  return result
}

const pad: Lowering<'pad'> = (s, operands, { low, high }, type) => {
  const [x, fill] = operands as [Tensor, Tensor]
  if ([...low, ...high].every(cells => cells === 0)) return x
  const result = s.temporary(type)
  const strides = stridesOf(type.shape)
  const nothing = { offset: 0, strides: type.shape.map(() => 0) }
  copy(s, result, { offset: 0, strides }, fill, nothing, type.shape, true)
  const offset = strides.reduce((sum, stride, axis) => sum + stride * (low[axis] as number), 0)
  copy(s, result, { offset, strides }, x, { offset: 0, strides: stridesOf(x.shape) }, x.shape, false)
  return result
}

function split(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), length: shape[axis] as number, inner: sizeOf(shape.slice(axis + 1)) }
}

const gatherOp: Lowering<'gather'> = (s, operands, { axis }, type) => {
  const [x, indices] = operands as [Tensor, Tensor]
  if (x.literal !== undefined) return { ...x, shape: type.shape }
  const result = s.temporary(type)
  s.call(gather({ ...split(x.shape, checkedAxis('gather', axis, x)), count: sizeOf(indices.shape) }), result, [x, indices])
  return result
}

const scatterAddOp: Lowering<'scatter_add'> = (s, operands, { axis }, type) => {
  const [x, indices, updates] = operands as [Tensor, Tensor, Tensor]
  const result = s.temporary(type)
  const walk = { offset: 0, strides: stridesOf(type.shape) }
  copy(s, result, walk, x, walk, type.shape, true)
  const at = checkedAxis('scatter_add', axis, x)
  if (sizeOf(updates.shape) > 0)
    s.call(scatterAdd({ ...split(x.shape, at), count: sizeOf(indices.shape) }, x.dtype), result, [indices, updates], sizeOf(updates.shape))
  return result
}

export const lowerings = {
  transpose: (s, [x], attrs, type) => alone(s, x as Tensor, { op: 'transpose', attrs }, type),
  reverse: (s, [x], attrs, type) => alone(s, x as Tensor, { op: 'reverse', attrs }, type),
  slice: (s, [x], attrs, type) => alone(s, x as Tensor, { op: 'slice', attrs }, type),
  concat,
  pad,
  gather: gatherOp,
  scatter_add: scatterAddOp,
} satisfies Family<'movement'>
