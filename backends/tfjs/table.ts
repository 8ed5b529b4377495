// The one table of both tfjs backends: how every primitive runs, and which composites have a kernel of their own.

import type { CompositeName, OpName, PrimitiveName } from '../../lib/ir/vocabulary.js'
import type { ByReference, Lowering } from './lowering.js'
import { composites } from './lowerings/composites.js'
import { contraction } from './lowerings/contraction.js'
import { conv } from './lowerings/conv.js'
import { elementwise } from './lowerings/elementwise.js'
import { movement } from './lowerings/movement.js'
import { reductions } from './lowerings/reductions.js'
import { resizing } from './lowerings/resize.js'
import { pools, windows } from './lowerings/windows.js'

/** Ops that the planner itself resolves: feeds, state, mode, parts of tuples, regions of kernels. */
type Resolved = 'input' | 'variable' | 'phase' | 'get' | 'fused'

/** Total: a primitive without an entry does not compile. */
export const primitiveTable = {
  ...movement,
  ...elementwise,
  ...reductions,
  ...contraction,
  ...conv,
  ...windows,
  scan: { reference: 'a loop of that many steps would make too long a plan; shorter ones are unrolled' },
} satisfies { [K in Exclude<PrimitiveName, Resolved>]: Lowering<K> | ByReference }

/** Partial: what is missing is decomposed. */
export const compositeTable = { ...composites, ...pools, ...resizing } satisfies { [K in CompositeName]?: Lowering<K> }

const entries: { readonly [K in OpName]?: Lowering<OpName> | ByReference } = { ...primitiveTable, ...compositeTable }

/** The entry of an op that the planner does not resolve itself; undefined for a composite without a kernel. */
export function entryOf(op: OpName): Lowering<OpName> | ByReference | undefined {
  return entries[op]
}
