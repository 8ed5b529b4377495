// Axis order: what an op becomes when the axes of what it reads and gives stand in another order.

import type { Node } from '../lib/ir/graph.js'
import type { OpAttrs, OpName } from '../lib/ir/vocabulary.js'
import { elementwiseOps } from '../lib/ops/commonOps.js'
import { invertPerm, type Perm, permuted } from './permutations.js'

/** How an op takes another order of axes: each kind is a rule of `sinkTransposes`. */
export type FollowerKind = 'elementwise' | 'axis' | 'cells'

const axisOps: ReadonlySet<OpName> = new Set<OpName>([
  'batch_norm',
  'softmax',
  'log_softmax',
  'l2_normalize',
  'concat',
  'normalize',
  'rms_normalize',
])
const cellOps: ReadonlySet<OpName> = new Set<OpName>(['pad', 'slice', 'reverse', 'broadcast'])
/** Reductions of which the last bits depend on the order of the elements. */
const summing: ReadonlySet<OpName> = new Set<OpName>([
  'reduce_sum',
  'reduce_prod',
  'reduce_mean',
  'logsumexp',
  'normalize',
  'rms_normalize',
])

/** The kind of an op that computes the same in any order of axes and keeps their number; undefined for others. */
export function followerKind(node: Node): FollowerKind | undefined {
  if (elementwiseOps.has(node.op)) return 'elementwise'
  if (axisOps.has(node.op)) return 'axis'
  if (cellOps.has(node.op)) return 'cells'
  return 'keepdims' in node.attrs && node.attrs.keepdims ? 'axis' : undefined
}

/** Whether operand k has the axes of the result, or broadcasts to them. */
export function follows(node: Node, k: number): boolean {
  return k === 0 || (node.op !== 'batch_norm' && node.op !== 'pad')
}

/** The attributes of a follower whose result has its axes in the order of `perm`; undefined where it would round otherwise. */
export function attrsInOrder(node: Node, perm: Perm): OpAttrs[OpName] | undefined {
  if (node.op === 'pad') return { low: permuted(node.attrs.low, perm), high: permuted(node.attrs.high, perm) }
  if (node.op === 'broadcast') return { shape: permuted(node.attrs.shape, perm) }
  if (node.op === 'slice') {
    const { begin, end, strides } = node.attrs
    return { begin: permuted(begin, perm), end: permuted(end, perm), strides: permuted(strides, perm) }
  }
  return attrsOverAxes(node, perm)
}

/** The attributes of a reduction that drops axes, where its operand comes in the order of `perm` and its result does not change. */
export function reductionInOrder(node: Node, perm: Perm): OpAttrs[OpName] | undefined {
  if (!isReduction(node)) return undefined
  const dropped = axesOf(node, perm.length)
  return isRising(perm.filter(axis => !dropped.includes(axis))) ? attrsOverAxes(node, perm) : undefined
}

/** Whether a node drops the axes that it reduces. */
export function isReduction(node: Node): boolean {
  return node.op === 'argmax' || node.op === 'argmin' || ('keepdims' in node.attrs && !node.attrs.keepdims)
}

function axesOf({ attrs }: Node, rank: number): number[] {
  const axes = 'axes' in attrs ? attrs.axes : 'axis' in attrs ? [attrs.axis] : []
  return axes.map(axis => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b)
}

/** The attributes with their axes as they are called in the order of `perm`. */
function attrsOverAxes(node: Node, perm: Perm): OpAttrs[OpName] | undefined {
  const { attrs } = node
  const to = invertPerm(perm)
  const moved = axesOf(node, perm.length).map(axis => to[axis] as number)
  if (summing.has(node.op) && !isRising(moved)) return undefined
  if ('axes' in attrs) return { ...attrs, axes: moved.sort((a, b) => a - b) }
  return 'axis' in attrs ? { ...attrs, axis: moved[0] as number } : attrs
}

function isRising(axes: readonly number[]): boolean {
  return axes.every((axis, k) => k === 0 || axis > (axes[k - 1] as number))
}
