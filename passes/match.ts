// Small questions that rules ask of nodes.

import { KerafoldError } from '../lib/ir/errors.js'
import { type Node, type NodeId, type NodeOf, tensorType } from '../lib/ir/graph.js'
import { isTuple, type Shape, sameType, type ValueType } from '../lib/ir/types.js'
import type { OpAttrs, OpName } from '../lib/ir/vocabulary.js'
import { inferType } from '../lib/ops/infer.js'
import type { View } from './pass.js'

/** The value that a constant has everywhere; undefined for other nodes. */
export function fillOf(node: Node): number | undefined {
  if (node.op !== 'constant') return undefined
  const { data } = node.attrs
  const [first] = data
  return data.every(item => Object.is(item, first)) ? first : undefined
}

/** Whether a node is a constant that holds `value` everywhere; +0 and −0 differ. */
export function isFill(node: Node, value: number): boolean {
  return Object.is(fillOf(node), value)
}

/** A node as one of an op, or undefined. */
export function as<K extends OpName>(node: Node, op: K): NodeOf<K> | undefined {
  return node.op === op ? (node as NodeOf<K>) : undefined
}

/** The first operand of a node that needs one. */
export function operand(node: Pick<Node, 'id' | 'inputs'>, k = 0): NodeId {
  const id = node.inputs[k]
  if (id === undefined) throw new Error(`internal: "${node.id}" has no operand ${k}`)
  return id
}

/** `id`, if it may stand for `node`: same dtype, same sizes by name. */
export function standIn(id: NodeId, node: Node, view: View): NodeId | undefined {
  return sameType(view.at(id).type, node.type) ? id : undefined
}

/** The shape of a node that is no tuple. */
export function shapeOf(node: Node): Shape {
  return tensorType(node).shape
}

/** Whether replacing the reader leaves this node dead, so that moving its work duplicates nothing. */
export function hasOneReader(id: NodeId, view: View): boolean {
  return view.readers(id) <= 1
}

/** A size that inference cannot know. */
const unknown = '?'

/** Whether an op on these operands infers the declared type; a size it cannot know may bear any name. */
export function infersTo<K extends OpName>(
  op: K,
  operands: readonly NodeId[],
  attrs: OpAttrs[K],
  declared: ValueType,
  view: View,
): boolean {
  const types = operands.map(id => view.at(id).type)
  let inferred: ValueType
  try {
    inferred = inferType({ id: op, op, attrs }, types, { fresh: () => unknown })
  } catch (error) {
    if (error instanceof KerafoldError) return false // sizes contradict each other: for `specialise` to report
    throw error
  }
  if (isTuple(inferred) || isTuple(declared) || inferred.dtype !== declared.dtype) return false
  if (inferred.shape.length !== declared.shape.length) return false
  return inferred.shape.every(
    (size, axis) => size === declared.shape[axis] || (size === unknown && typeof declared.shape[axis] === 'string'),
  )
}
