// foldAffine: folds normalisations and other per-channel scales and shifts into the layers beside them.

import type { Pass } from './pass.js'
import { rewriteGraph } from './rewrite.js'
import { affine } from './rules/affine.js'
import { kernels } from './rules/kernels.js'

const rules = [...affine, ...kernels] as const

/**
 * Folds batch normalisations and other scales and shifts by weights into one multiply and one add, and those into the
 * kernel and bias of a matmul or convolution. What is left of them depends on weights only: `splitPrepare` moves it out of the run.
 */
export const foldAffine = {
  name: 'foldAffine',
  description: 'fold normalisations, scales and shifts by weights into kernels and biases',
  numerics: 'rounding',
  idempotent: true,
  rules,
  run: (graph, context) => rewriteGraph(graph, rules, context),
} satisfies Pass
