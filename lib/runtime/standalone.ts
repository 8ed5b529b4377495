// standalone: from a traced graph to a program that runs without Kerafold, its sizes and weights fixed.

import { platform as thisPlatform } from '#platform'
import type { Standalone } from '../../backends/backend.js'
import { compileStandalone } from '../../backends/jit/standalone.js'
import { selectBackend } from '../../backends/select.js'
import { ArgumentError } from '../ir/errors.js'
import { freeSymbols, specialise } from '../ops/specialise.js'
import type { Lowerable } from './lower.js'
import { withinMemory } from './memory.js'
import { optimise } from './optimise.js'
import { checkSizes, showSizes } from './sizes.js'

export type { Standalone }

/**
 * Compiles a model for inference at these sizes, with the weights it has now.
 * @throws ArgumentError when a size is neither known nor given; BackendError where the jit cannot run.
 */
export async function standalone(traced: Lowerable, sizes: Readonly<Record<string, number>>): Promise<Standalone> {
  checkSizes(traced.title, traced.graph, sizes)
  const { graph, title, variables } = traced
  const missing = [...freeSymbols(graph)].filter(symbol => sizes[symbol] === undefined)
  if (missing.length > 0)
    throw new ArgumentError(
      `${title}: an exported module has fixed sizes; unknown are ${missing.join(', ')}`,
      `give sizes: ${showSizes(missing)}`,
    )
  const { backend, compiler } = await selectBackend('jit', { platform: thisPlatform(), graph })
  const { prepare, run, finish, finishPrepare } = await optimise(graph, backend)
  const bound = finish(specialise(run, sizes)).graph
  const weights = finishPrepare(prepare).graph
  for (const part of [weights, bound]) await compiler.load?.(part)
  const read = (name: string) => {
    const variable = variables.get(name)
    if (!variable) throw new Error(`internal: no variable "${name}"`)
    return variable.data
  }
  return withinMemory(title, bound, () => compileStandalone(bound, weights, { read, version: () => 0 }))
}
