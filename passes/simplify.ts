// simplify: removes arithmetic that cannot change a value.

import type { Pass } from './pass.js'
import { rewriteGraph } from './rewrite.js'
import { arithmetic } from './rules/arithmetic.js'
import { choices } from './rules/choices.js'
import { ranges } from './rules/ranges.js'

const rules = [...arithmetic, ...ranges, ...choices] as const

/** Removes arithmetic that cannot change a value; expects the order that `canonicalize` gives. */
export const simplify = {
  name: 'simplify',
  description: 'remove arithmetic that cannot change a value',
  numerics: 'exact',
  idempotent: true,
  rules,
  run: (graph, context) => rewriteGraph(graph, rules, context),
} satisfies Pass
