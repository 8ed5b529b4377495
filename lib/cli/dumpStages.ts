// What dump shows of the compiler behind the last graph: schedule, memory map, and the modules with their text.

import { inspect } from '../debug/inspect.js'
import { BackendError } from '../ir/errors.js'
import type { BaseModel } from '../models/baseModel.js'
import type { Arguments } from './arguments.js'
import { checkAllGiven } from './sizes.js'

export const stageNames = ['graphs', 'schedule', 'memory', 'module'] as const
export type StageName = (typeof stageNames)[number]

/** The files of the stages behind the graphs, by name. */
export type StageFiles = Readonly<Record<Exclude<StageName, 'graphs'>, Readonly<Record<string, string | Uint8Array>>>>

/** @throws BackendError where another backend than the jit is asked for, UsageError when a size is open. */
export async function compileStages(
  model: BaseModel<unknown>,
  given: Arguments,
  sizes: Readonly<Record<string, number>>,
): Promise<StageFiles> {
  const backend = given.text('backend') ?? 'auto'
  if (backend !== 'auto' && backend !== 'jit')
    throw new BackendError(
      `${model.title}: the ${backend} backend makes no module of its own: it has graphs alone`,
      '--backend jit makes one',
    )
  checkAllGiven(sizes, model.trace(), 'a module has fixed sizes')
  const { schedule, memory, run, prepare } = await inspect(model, { sizes, training: given.flag('training') })
  const module = {
    'run.wat': run.wat,
    'run.wasm': run.wasm,
    ...(prepare ? { 'prepare.wat': prepare.wat, 'prepare.wasm': prepare.wasm } : {}),
  }
  return { schedule: { 'schedule.txt': schedule }, memory: { 'memory.txt': memory }, module }
}
