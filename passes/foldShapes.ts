// foldShapes: folds chains of data movement into one step, or none.

import type { Pass } from './pass.js'
import { rewriteGraph } from './rewrite.js'
import { movement } from './rules/movement.js'
import { reshapes } from './rules/reshapes.js'

const rules = [...reshapes, ...movement] as const

/** Folds chains of reshapes, transposes, broadcasts, slices, reversals, concatenations and pads. */
export const foldShapes = {
  name: 'foldShapes',
  description: 'fold chains of reshapes, transposes, broadcasts, slices, concats and pads',
  numerics: 'exact',
  idempotent: true,
  rules,
  run: (graph, context) => rewriteGraph(graph, rules, context),
} satisfies Pass
