// Every pass there is, in the order of docs/passes.md.

import { algebra } from './algebra.js'
import { decompose } from './decompose.js'
import type { Pass } from './pass.js'
import { resident } from './resident.js'

const { resolvePhase, cse, fuse, dce } = resident
const { canonicalize, foldShapes, sinkTransposes, simplify, foldConstants, absorbPadding, foldAffine } = algebra

/** Every pass, in the order of docs/passes.md; `decompose` as if no composite had a kernel. */
export const allPasses = [
  resolvePhase,
  canonicalize,
  foldShapes,
  sinkTransposes,
  simplify,
  foldConstants,
  absorbPadding,
  foldAffine,
  fuse,
  cse,
  dce,
  decompose(() => true),
] as const satisfies readonly Pass[]
