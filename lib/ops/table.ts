// The one table of all ops: what each means.

import type { CompositeName, OpName, PrimitiveName } from '../ir/vocabulary.js'
import { activations } from './composites/activations.js'
import { batchNorm, dropout, l2Normalize, logSoftmax, logsumexp, oneHot, reduceMean, softmax } from './composites/normalise.js'
import { randomNormal, randomUniform } from './composites/random.js'
import { resize } from './composites/resize.js'
import { normalize, rmsNormalize } from './composites/standardise.js'
import { avgPool } from './composites/windows.js'
import type { AnyComposite, AnyPrimitive, Composite, Primitive, Structural } from './op.js'
import { conv } from './primitives/conv.js'
import { cast, elementwise, select } from './primitives/elementwise.js'
import { constant, iota } from './primitives/leaves.js'
import { matmul } from './primitives/matmul.js'
import { broadcast, concat, gather, pad, reshape, reverse, scatterAdd, slice, transpose } from './primitives/movement.js'
import { randomBits } from './primitives/random.js'
import { reductions } from './primitives/reduce.js'
import { windowMax, windowSum } from './primitives/windows.js'

/** Ops that the walkers themselves give a meaning: feeds, state, mode, tuples and regions. */
export type StructuralName = 'input' | 'variable' | 'phase' | 'get' | 'fused' | 'scan'

export const structural = {
  input: { structural: true, arity: 0 },
  variable: { structural: true, arity: 0 },
  phase: { structural: true, arity: 2 },
  get: { structural: true, arity: 1 },
  fused: { structural: true, arity: 'any' },
  scan: { structural: true, arity: 'any' },
} satisfies Record<StructuralName, Structural>

export const primitives = {
  constant,
  iota,
  random_bits: randomBits,
  ...elementwise,
  cast,
  select,
  ...reductions,
  reshape,
  broadcast,
  transpose,
  reverse,
  concat,
  slice,
  pad,
  gather,
  scatter_add: scatterAdd,
  matmul,
  conv,
  window_max: windowMax,
  window_sum: windowSum,
} satisfies { [K in Exclude<PrimitiveName, StructuralName>]: Primitive<K> }

export const composites = {
  ...activations,
  reduce_mean: reduceMean,
  logsumexp,
  softmax,
  log_softmax: logSoftmax,
  l2_normalize: l2Normalize,
  one_hot: oneHot,
  batch_norm: batchNorm,
  dropout,
  random_uniform: randomUniform,
  random_normal: randomNormal,
  avg_pool: avgPool,
  resize,
  normalize,
  rms_normalize: rmsNormalize,
} satisfies { [K in CompositeName]: Composite<K> }

export const opTable = { ...structural, ...primitives, ...composites } satisfies Record<OpName, Structural | AnyPrimitive | AnyComposite>

/** The definition of an op, as callers that only know its name see it. */
export function definitionOf(op: OpName): Structural | AnyPrimitive | AnyComposite {
  return opTable[op]
}

export function isOpName(name: string): name is OpName {
  return Object.hasOwn(opTable, name)
}

export function isComposite(op: OpName): op is CompositeName {
  return Object.hasOwn(composites, op)
}

/** One operand, one result, the same shape: f applied to each element. */
export const elementwiseOps: ReadonlySet<OpName> = new Set<OpName>([
  ...(Object.keys(elementwise) as OpName[]),
  ...(Object.keys(activations) as OpName[]),
  'cast',
  'select',
])
