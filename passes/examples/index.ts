// The example of every rule; apart from the rules, because only docs and tests read them.

import type { allPasses, Lesson } from '../index.js'
import { affine } from './affine.js'
import { arithmetic } from './arithmetic.js'
import { canonicalize } from './canonicalize.js'
import { choices } from './choices.js'
import { cse } from './cse.js'
import { dce } from './dce.js'
import { decompose } from './decompose.js'
import type { Example } from './example.js'
import { foldConstants } from './foldConstants.js'
import { fuse } from './fuse.js'
import { kernels } from './kernels.js'
import { movement } from './movement.js'
import { padding } from './padding.js'
import { ranges } from './ranges.js'
import { reshapes } from './reshapes.js'
import { resolvePhase } from './resolvePhase.js'
import { sinkTransposes } from './sinkTransposes.js'

export { type Example, exampleContext } from './example.js'
export { sketch } from './sketch.js'

type RuleName = (typeof allPasses)[number]['rules'][number]['name']

/** Total over the rules of all passes: a rule without an example does not compile. */
const examples = {
  ...padding,
  ...affine,
  ...arithmetic,
  ...canonicalize,
  ...choices,
  ...cse,
  ...dce,
  ...decompose,
  ...kernels,
  ...foldConstants,
  ...fuse,
  ...movement,
  ...ranges,
  ...reshapes,
  ...resolvePhase,
  ...sinkTransposes,
} satisfies Readonly<Record<RuleName, Example>>

const byName: ReadonlyMap<string, Example> = new Map(Object.entries(examples))

/** @throws Error for a rule of a pass that `allPasses` does not list. */
export function exampleOf({ name }: Lesson): Example {
  const example = byName.get(name)
  if (!example) throw new Error(`internal: the rule ${name} belongs to no pass of allPasses, so nothing made sure of its example`)
  return example
}
