// What a lowering is, and which ops have theirs in a family that is loaded when a graph first needs it.

import type { Graph, Node, NodeId, NodeOf } from '../../../lib/ir/graph.js'
import type { CompositeName, OpAttrs, PrimitiveName } from '../../../lib/ir/vocabulary.js'
import type { BoundType, Scheduling } from '../context.js'
import type { Body } from '../scalar/body.js'
import type { ElementwiseName } from '../scalar/table.js'
import type { Tensor } from '../schedule.js'
import type { End } from './epilogue.js'

export type LoweringOf<Attrs> = (s: Scheduling, operands: readonly Tensor[], attrs: Attrs, type: BoundType) => Tensor
/** Of ops that take in what follows them. */
type AnchorLowering<Attrs> = (s: Scheduling, operands: readonly Tensor[], attrs: Attrs, type: BoundType, end?: End) => Tensor
/** What a reduction is of, if that is no operand: an elementwise expression in its operands. */
export interface Reduced {
  readonly body: Body
  readonly type: BoundType
}
/** Of ops that take in what they are of. */
export type ReductionLowering<Attrs> = (
  s: Scheduling,
  operands: readonly Tensor[],
  attrs: Attrs,
  type: BoundType,
  reduced?: Reduced,
) => Tensor
export type Lowering<K extends keyof OpAttrs> = LoweringOf<OpAttrs[K]>

/** A node of a chain of movements: the last computes all, the others nothing. */
export interface Chain {
  /** The layer calls that its nodes up to here came from. */
  readonly origin: readonly string[]
  lower(s: Scheduling, values: ReadonlyMap<NodeId, Tensor | readonly Tensor[]>): Tensor | undefined
}

/** Finds the chains of a graph. */
export type ChainsOf = (graph: Graph, live: ReadonlySet<NodeId>) => ReadonlyMap<NodeId, Chain>

/** A region op gives several tensors. */
export type RegionLowering<K extends 'scan'> = (s: Scheduling, node: NodeOf<K>, operands: readonly Tensor[]) => readonly Tensor[]

/** The composites that have a kernel of their own, for some attributes at least. */
export type DirectName = Extract<
  CompositeName,
  'softmax' | 'log_softmax' | 'logsumexp' | 'avg_pool' | 'resize' | 'normalize' | 'rms_normalize' | 'l2_normalize'
>

/** What the walkers handle themselves. */
type Walked = 'input' | 'get' | 'phase' | 'fused' | 'variable'

export type Lowered = Exclude<PrimitiveName, Walked | ElementwiseName> | DirectName

/** The ops that few models have. The others' lowerings are in table.ts. */
export const familyOf = {
  transpose: 'movement',
  reverse: 'movement',
  concat: 'movement',
  slice: 'movement',
  pad: 'movement',
  gather: 'movement',
  scatter_add: 'movement',
  reduce_sum: 'reductions',
  reduce_prod: 'reductions',
  reduce_max: 'reductions',
  reduce_min: 'reductions',
  argmax: 'reductions',
  argmin: 'reductions',
  log_softmax: 'reductions',
  logsumexp: 'reductions',
  normalize: 'reductions',
  rms_normalize: 'reductions',
  l2_normalize: 'reductions',
  conv: 'windows',
  window_max: 'windows',
  window_sum: 'windows',
  avg_pool: 'windows',
  resize: 'windows',
  random_bits: 'random',
  scan: 'scan',
} as const satisfies { [K in Lowered]?: string }

export type FamilyName = (typeof familyOf)[keyof typeof familyOf]
export type InFamily = keyof typeof familyOf

/** Ops that take in what follows them, where their family is loaded. */
type AnchorInFamily = 'conv' | 'window_max' | 'window_sum' | 'avg_pool' | 'normalize' | 'rms_normalize' | 'l2_normalize'

export type ReductionName = 'reduce_sum' | 'reduce_prod' | 'reduce_max' | 'reduce_min'

/** The lowerings of one family, total over its ops. */
export type Family<F extends FamilyName> = {
  readonly [K in InFamily as (typeof familyOf)[K] extends F ? K : never]: K extends AnchorInFamily
    ? AnchorLowering<OpAttrs[K]>
    : K extends ReductionName
      ? ReductionLowering<OpAttrs[K]>
      : K extends 'scan'
        ? RegionLowering<K>
        : Lowering<K>
}

export function isInFamily(node: Node): node is Node & { readonly op: InFamily } {
  return Object.hasOwn(familyOf, node.op)
}
