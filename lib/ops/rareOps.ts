// The ops that few models have, by family. Whoever emits one hands over its family, so that a page has those of its layers.

import { oneHot } from './composites/oneHot.js'
import { dropout, randomNormal, randomUniform } from './composites/random.js'
import { resize } from './composites/resize.js'
import { batchNorm, l2Normalize, normalize, rmsNormalize } from './composites/standardise.js'
import { avgPool } from './composites/windows.js'
import type { Definitions } from './op.js'
import { conv } from './primitives/conv.js'
import { gather, pad, scatterAdd } from './primitives/indexing.js'
import { randomBits } from './primitives/random.js'
import { windowMax, windowSum } from './primitives/windows.js'

/** What a family decomposes into is in it, or common. */
export const windowOps = {
  conv,
  window_max: windowMax,
  window_sum: windowSum,
  avg_pool: avgPool,
  resize,
  pad,
} satisfies Partial<Definitions>

export const randomOps = {
  random_bits: randomBits,
  random_uniform: randomUniform,
  random_normal: randomNormal,
  dropout,
} satisfies Partial<Definitions>

export const scalingOps = {
  batch_norm: batchNorm,
  normalize,
  rms_normalize: rmsNormalize,
  l2_normalize: l2Normalize,
} satisfies Partial<Definitions>

export const indexingOps = {
  gather,
  scatter_add: scatterAdd,
  one_hot: oneHot,
} satisfies Partial<Definitions>
