// Pipelines: the one table of which passes run, in which order, before and after sizes are bound.

import { absorbPadding } from './absorbPadding.js'
import { canonicalize } from './canonicalize.js'
import { cse } from './cse.js'
import { dce } from './dce.js'
import { foldAffine } from './foldAffine.js'
import { foldConstants } from './foldConstants.js'
import { foldShapes } from './foldShapes.js'
import { fuse } from './fuse.js'
import type { Pass } from './pass.js'
import { resolvePhase } from './resolvePhase.js'
import { simplify } from './simplify.js'
import { sinkTransposes } from './sinkTransposes.js'

export interface Pipeline {
  /** On the traced graph, once: what it leaves is shared by all sizes. */
  readonly beforeSpecialise: readonly Pass[]
  /** On each graph with its sizes bound. */
  readonly afterSpecialise: readonly Pass[]
  /** On what weights alone decide, after the first and the cut: it has no sizes to bind, and runs too seldom to tidy again. */
  readonly prepare: readonly Pass[]
}

const tidy = [canonicalize, foldShapes, simplify, foldConstants] as const

/**
 * `infer` may change the last bits; `train` never does, since gradients and the user's log compare steps; `none` only
 * picks the mode, to compare with.
 */
export const pipelines = {
  infer: {
    beforeSpecialise: [resolvePhase, dce, sinkTransposes, ...tidy, absorbPadding, foldAffine, foldConstants, simplify, cse, dce],
    afterSpecialise: [...tidy, cse, fuse, dce],
    prepare: [fuse, dce],
  },
  train: {
    beforeSpecialise: [resolvePhase, dce, sinkTransposes, ...tidy, cse, dce],
    afterSpecialise: [...tidy, cse, fuse, dce],
    prepare: [fuse, dce],
  },
  none: {
    beforeSpecialise: [resolvePhase, dce],
    afterSpecialise: [],
    prepare: [],
  },
} as const satisfies Record<string, Pipeline>

export type PipelineName = keyof typeof pipelines
