// absorbMovement: convolutions, pools and matmuls take in the pads, crops and permutations of what they read.

import type { Pass } from './pass.js'
import { rewriteGraph } from './rewrite.js'
import { absorption } from './rules/absorption.js'

/** Folds pads and crops into convolutions and pools, and a permutation before a flatten into the kernel of a matmul. */
export const absorbMovement = {
  name: 'absorbMovement',
  description: 'take pads, crops and permutations into the convolution, pool or matmul that reads them',
  numerics: 'rounding',
  idempotent: true,
  rules: absorption,
  run: (graph, context) => rewriteGraph(graph, absorption, context),
} satisfies Pass
