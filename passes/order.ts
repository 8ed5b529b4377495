// The order of passes: the one table of which run, before and after sizes are bound, by name.

/** What every pipeline begins with: the mode is picked, and what it does not need is gone. */
const opening = ['resolvePhase', 'dce'] as const

const tidy = ['canonicalize', 'foldShapes', 'simplify', 'foldConstants'] as const

/**
 * `infer` may change the last bits; `train` never does, since gradients and the user's log compare steps; `none` only
 * picks the mode, to compare with. `beforeSpecialise` goes on after the opening.
 */
export const order = {
  infer: {
    opening,
    beforeSpecialise: ['sinkTransposes', ...tidy, 'absorbPadding', 'foldAffine', 'foldConstants', 'simplify', 'cse', 'dce'],
    afterSpecialise: [...tidy, 'cse', 'fuse', 'dce'],
    prepare: ['fuse', 'dce'],
  },
  train: {
    opening,
    beforeSpecialise: ['sinkTransposes', ...tidy, 'cse', 'dce'],
    afterSpecialise: [...tidy, 'cse', 'fuse', 'dce'],
    prepare: ['fuse', 'dce'],
  },
  none: { opening, beforeSpecialise: [], afterSpecialise: [], prepare: [] },
} as const

export type PipelineName = keyof typeof order

type Stages = (typeof order)[PipelineName]

/** The name of a pass that has a place in a pipeline. */
export type PassName = Stages[keyof Stages][number]
