// Pipelines: the passes themselves in their order, all of them loaded: for tools and tests.

import { algebra } from './algebra.js'
import { order, type PassName, type PipelineName } from './order.js'
import type { Pass } from './pass.js'
import { resident } from './resident.js'

export interface Pipeline {
  /** On the traced graph, once: what it leaves is shared by all sizes. */
  readonly beforeSpecialise: readonly Pass[]
  /** On each graph with its sizes bound. */
  readonly afterSpecialise: readonly Pass[]
  /** On what weights alone decide, after the first and the cut: it has no sizes to bind, and runs too seldom to tidy again. */
  readonly prepare: readonly Pass[]
}

const passes: Readonly<Record<PassName, Pass>> = { ...resident, ...algebra }

function pipeline(name: PipelineName): Pipeline {
  const { opening, beforeSpecialise, afterSpecialise, prepare } = order[name]
  const of = (names: readonly PassName[]) => names.map(each => passes[each])
  return { beforeSpecialise: of([...opening, ...beforeSpecialise]), afterSpecialise: of(afterSpecialise), prepare: of(prepare) }
}

/** The pipelines of order.ts; `beforeSpecialise` holds the opening too. */
export const pipelines = {
  infer: pipeline('infer'),
  train: pipeline('train'),
  none: pipeline('none'),
} as const satisfies Record<PipelineName, Pipeline>
