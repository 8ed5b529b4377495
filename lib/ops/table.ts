// The one table of all ops: what each means.

import type { CompositeName, OpName } from '../ir/vocabulary.js'
import { commonOps, type StructuralName } from './commonOps.js'
import type { Definitions } from './op.js'
import { indexingOps, randomOps, scalingOps, windowOps } from './rareOps.js'

export const opTable = {
  ...commonOps,
  ...windowOps,
  ...randomOps,
  ...scalingOps,
  ...indexingOps,
} satisfies Definitions<StructuralName>

export function isOpName(name: string): name is OpName {
  return Object.hasOwn(opTable, name)
}

export function isComposite(op: OpName): op is CompositeName {
  return 'decompose' in opTable[op]
}
