// fixedSizes: a traced graph through the passes for the jit, at sizes that are all given.

import { platform as thisPlatform } from '#platform'
import { selectBackend } from '../../backends/select.js'
import { ArgumentError } from '../ir/errors.js'
import type { Graph } from '../ir/graph.js'
import { freeSymbols, specialise } from '../ops/specialise.js'
import type { Lowerable } from './lower.js'
import { type OptimiseOptions, optimise } from './optimise.js'
import { checkSizes, showSizes } from './sizes.js'

export interface FixedGraphs {
  /** What every run computes, its sizes bound. */
  readonly run: Graph
  /** What weights alone decide. */
  readonly prepare: Graph
}

/**
 * Loads what the graphs need, too. `product` is what has fixed sizes, for messages: "an exported module".
 * @throws ArgumentError when a size is neither known nor given; BackendError where the jit cannot run.
 */
export async function fixedSizes(
  traced: Lowerable,
  sizes: Readonly<Record<string, number>>,
  product: string,
  options: OptimiseOptions = {},
): Promise<FixedGraphs> {
  const { graph, title } = traced
  checkSizes(title, graph, sizes)
  const missing = [...freeSymbols(graph)].filter(symbol => sizes[symbol] === undefined)
  if (missing.length > 0)
    throw new ArgumentError(`${title}: ${product} has fixed sizes; unknown are ${missing.join(', ')}`, `give sizes: ${showSizes(missing)}`)
  const { backend, compiler } = await selectBackend('jit', { platform: thisPlatform(), graph })
  const { prepare, run, finish, finishPrepare } = await optimise(graph, backend, options)
  const graphs = { run: finish(specialise(run, sizes)).graph, prepare: finishPrepare(prepare).graph }
  for (const part of [graphs.prepare, graphs.run]) await compiler.load?.(part)
  return graphs
}
