// standalone: from a traced graph to a program that runs without Kerafold, its sizes and weights fixed.

import type { Standalone } from '../../backends/backend.js'
import { compileStandalone } from '../../backends/jit/standalone.js'
import { fixedSizes } from './fixedSizes.js'
import type { Lowerable } from './lower.js'
import { withinMemory } from './memory.js'

export type { Standalone }

/**
 * Compiles a model for inference at these sizes, with the weights it has now.
 * @throws ArgumentError when a size is neither known nor given; BackendError where the jit cannot run.
 */
export async function standalone(traced: Lowerable, sizes: Readonly<Record<string, number>>): Promise<Standalone> {
  const { title, variables } = traced
  const { run, prepare } = await fixedSizes(traced, sizes, 'an exported module')
  const read = (name: string) => {
    const variable = variables.get(name)
    if (!variable) throw new Error(`internal: no variable "${name}"`)
    return variable.data
  }
  return withinMemory(title, run, () => compileStandalone(run, prepare, { read, version: () => 0 }))
}
