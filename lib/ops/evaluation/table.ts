// The table of what primitives compute; what composites compute follows from their decomposition.

import type { OpAttrs, OpName, PrimitiveName } from '../../ir/vocabulary.js'
import type { StructuralName } from '../commonOps.js'
import type { Evaluate, Value } from '../op.js'
import type { opTable } from '../table.js'
import { conv } from './conv.js'
import { cast, elementwise, select } from './elementwise.js'
import { constant, iota } from './leaves.js'
import { matmul } from './matmul.js'
import { broadcast, concat, gather, pad, reshape, reverse, scatterAdd, slice, transpose } from './movement.js'
import { randomBits } from './random.js'
import { reductions } from './reduce.js'
import { windowMax, windowSum } from './windows.js'

type Name = Exclude<PrimitiveName, StructuralName>

const evaluations = {
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
} satisfies { [K in Name]: Evaluate<K, (typeof opTable)[K]['arity']> }

/** The evaluation of a primitive, as callers that only know its name see it; there must be as many operands as it takes. */
export function evaluationOf(op: OpName): (operands: readonly Value[], attrs: OpAttrs[OpName]) => Value {
  return evaluations[op as Name] as (operands: readonly Value[], attrs: OpAttrs[OpName]) => Value
}
