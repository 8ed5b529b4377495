// absorbPadding: convolutions and pools take in the pads and crops of what they read.

import type { Pass } from './pass.js'
import { rewriteGraph } from './rewrite.js'
import { padding } from './rules/padding.js'

/** Folds pads and crops into the padding of convolutions and pools, where it cuts off if it is negative. */
export const absorbPadding = {
  name: 'absorbPadding',
  description: 'take pads and crops into the convolution or pool that reads them',
  numerics: 'rounding',
  idempotent: true,
  rules: padding,
  run: (graph, context) => rewriteGraph(graph, padding, context),
} satisfies Pass
