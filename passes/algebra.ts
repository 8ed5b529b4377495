// The passes that leave plain graphs as they are, in one module: a page downloads it when a graph is not plain.

import { absorbPadding } from './absorbPadding.js'
import { canonicalize } from './canonicalize.js'
import { foldAffine } from './foldAffine.js'
import { foldConstants } from './foldConstants.js'
import { foldShapes } from './foldShapes.js'
import type { Pass } from './pass.js'
import type { AlgebraName } from './plain.js'
import { simplify } from './simplify.js'
import { sinkTransposes } from './sinkTransposes.js'

export const algebra = {
  canonicalize,
  foldShapes,
  sinkTransposes,
  simplify,
  foldConstants,
  absorbPadding,
  foldAffine,
} as const satisfies Record<AlgebraName, Pass>
