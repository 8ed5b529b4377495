// The public names of the passes.

import { absorbPadding } from './absorbPadding.js'
import { canonicalize } from './canonicalize.js'
import { cse } from './cse.js'
import { dce } from './dce.js'
import { decompose } from './decompose.js'
import { foldAffine } from './foldAffine.js'
import { foldConstants } from './foldConstants.js'
import { foldShapes } from './foldShapes.js'
import { fuse } from './fuse.js'
import type { Pass } from './pass.js'
import { resolvePhase } from './resolvePhase.js'
import { simplify } from './simplify.js'
import { sinkTransposes } from './sinkTransposes.js'

export { dumpGraphs, type PassTimes, timePasses, verifyGraphs } from './instruments.js'
export type { Lesson, Numerics, Pass, PassContext, Rule, View } from './pass.js'
export { type Pipeline, type PipelineName, pipelines } from './pipelines.js'
export { rewriteGraph } from './rewrite.js'
export { countNodes, type Instrument, type PassResult, type PassStep, runPasses } from './runPasses.js'
export { type Split, splitPrepare } from './splitPrepare.js'
export { structureOf } from './structure.js'
export {
  absorbPadding,
  canonicalize,
  cse,
  dce,
  decompose,
  foldAffine,
  foldConstants,
  foldShapes,
  fuse,
  resolvePhase,
  simplify,
  sinkTransposes,
}

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
