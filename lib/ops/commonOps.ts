// The ops that every model may have and every page knows; those in rareOps.ts come with the layers that emit them.

import type { OpName } from '../ir/vocabulary.js'
import { activations } from './composites/activations.js'
import { logSoftmax, logsumexp, reduceMean, softmax } from './composites/normalise.js'
import type { Definitions, Structural } from './op.js'
import { cast, elementwise, select } from './primitives/elementwise.js'
import { constant, iota } from './primitives/leaves.js'
import { matmul } from './primitives/matmul.js'
import { broadcast, concat, reshape, reverse, slice, transpose } from './primitives/movement.js'
import { reductions } from './primitives/reduce.js'

/** Ops that the walkers themselves give a meaning: feeds, state, mode, tuples and regions. */
export type StructuralName = 'input' | 'variable' | 'phase' | 'get' | 'fused' | 'scan'

const structural = {
  input: { structural: true, arity: 0 },
  variable: { structural: true, arity: 0 },
  phase: { structural: true, arity: 2 },
  get: { structural: true, arity: 1 },
  fused: { structural: true, arity: 'any' },
  scan: { structural: true, arity: 'any' },
} satisfies Record<StructuralName, Structural>

export const commonOps = {
  ...structural,
  constant,
  iota,
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
  matmul,
  ...activations,
  reduce_mean: reduceMean,
  logsumexp,
  softmax,
  log_softmax: logSoftmax,
} satisfies Partial<Definitions<StructuralName>>

export type CommonName = keyof typeof commonOps

/** One operand, one result, the same shape: f applied to each element. */
export const elementwiseOps: ReadonlySet<OpName> = new Set<OpName>([
  ...(Object.keys(elementwise) as OpName[]),
  ...(Object.keys(activations) as OpName[]),
  'cast',
  'select',
])
