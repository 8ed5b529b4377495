// stages: what the jit makes of a traced graph at given sizes, as texts to read and bytes to keep.

import type { Numerics } from '../../backends/backend.js'
import { compileStages, type PrintedModule, type Stages } from '../../backends/jit/stages.js'
import { fixedSizes } from './fixedSizes.js'
import type { Lowerable } from './lower.js'
import { explainMemory } from './memory.js'

export type { PrintedModule, Stages }

export interface StagesOptions {
  readonly sizes: Readonly<Record<string, number>>
  readonly training: boolean
  readonly numerics: Numerics
}

/** @throws ArgumentError when a size is neither known nor given; BackendError where the jit cannot run. */
export async function stages(traced: Lowerable, { sizes, training, numerics }: StagesOptions): Promise<Stages> {
  const { run, prepare } = await fixedSizes(traced, sizes, 'the module of a program', { training })
  try {
    return await compileStages(run, prepare, numerics)
  } catch (error) {
    throw explainMemory(traced.title, run, error)
  }
}
