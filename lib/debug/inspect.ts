// inspect: what the jit makes of a model after the passes: schedule, memory map, modules.

import { aBoolean, anObject, checkOptions, type OptionKind, oneOf } from '../ir/options.js'
import type { BaseModel } from '../models/baseModel.js'
import type { LowerOptions } from '../runtime/lower.js'
import { type PrintedModule, type Stages, stages } from '../runtime/stages.js'

export type { PrintedModule, Stages }

/** `sizes` are those to compile for, such as { batch: 8 }; a batch of 1 by default, or the one the model's inputs fix. */
export type InspectOptions = Pick<LowerOptions, 'sizes' | 'training' | 'numerics'>

const inspectOptions = {
  sizes: anObject,
  training: aBoolean,
  numerics: oneOf('fast', 'strict'),
} as const satisfies Record<keyof InspectOptions, OptionKind>

/**
 * Compiles a model anew, and gives every stage between the last graph and the machine as text.
 * @throws ArgumentError for options that mean nothing and sizes that are not given; BackendError where the jit cannot run.
 */
export async function inspect(model: BaseModel<unknown>, options: InspectOptions = {}): Promise<Stages> {
  checkOptions(`${model.title}: inspect()`, options, inspectOptions)
  const { training = false, numerics = 'fast' } = options
  return stages(model.trace(!training), { training, numerics, sizes: { batch: model.inputShape[0] ?? 1, ...options.sizes } })
}
