// lower: from a traced graph to an executable: select a backend, run the passes, cut off what weights alone decide.

import type { Numerics, Platform } from '../../backends/backend.js'
import type { Instrument } from '../../passes/index.js'
import { BackendError } from '../ir/errors.js'
import type { Graph } from '../ir/graph.js'
import { aBoolean, aListOf, anObject, aString, checkOptions, type OptionKind, oneOf } from '../ir/options.js'
import type { Variable } from '../layers/variable.js'
import { Executable, type ExecutableParts } from './executable.js'
import { type Optimised, optimise, optimiseSync } from './optimise.js'
import { checkSizes } from './sizes.js'
import { openTarget, openTargetSync, type Target } from './target.js'

export interface LowerOptions {
  /** `auto` by default. */
  readonly backend?: string
  /** Whether runs drop, scale and update statistics; false by default. */
  readonly training?: boolean
  /** `default`, or `none` for the graph as it was traced (phases resolved), to compare with. */
  readonly passes?: 'default' | 'none'
  /** `fast` by default: backends may use the machine's fused multiply-add where it has one; `strict` never does. */
  readonly numerics?: Numerics
  readonly instruments?: readonly Instrument[]
  /** Sizes to bind now, such as { batch: 1 }; `exe.call()` needs all of them. */
  readonly sizes?: Readonly<Record<string, number>>
  /** What the platform offers; found out by default. */
  readonly platform?: Platform
}

const lowerOptions = {
  backend: aString,
  training: aBoolean,
  passes: oneOf('default', 'none'),
  instruments: aListOf('a list of instruments such as dumpGraphs() gives', isInstrument),
  sizes: anObject,
  platform: anObject,
  numerics: oneOf('fast', 'strict'),
} as const satisfies Record<keyof LowerOptions, OptionKind>

function isInstrument(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { after, failed } = value as { readonly after?: unknown; readonly failed?: unknown }
  return [after, failed].every(hook => hook === undefined || typeof hook === 'function')
}

/** A traced graph, its variables, and how its inputs are fed. */
export interface Lowerable {
  readonly graph: Graph
  readonly variables: ReadonlyMap<string, Variable>
  /** For messages: `model "net"`. */
  readonly title: string
  readonly sparseInputs: ReadonlySet<string>
}

/** @throws ArgumentError for options that mean nothing, before anything is loaded or compiled. */
export async function lower(traced: Lowerable, options: LowerOptions = {}): Promise<Executable> {
  checkLowerOptions(traced.title, options)
  checkSizes(traced.title, traced.graph, options.sizes ?? {})
  const target = await openTarget(options, traced.graph)
  const parts = partsOf(traced, options, target, await optimise(traced.graph, target, options))
  for (const graph of [parts.prepare, parts.run]) await target.load(graph)
  return new Executable(parts)
}

/**
 * As `lower`, with what is loaded. In Node that is always all of the reference, and of the jit all but the kernels of
 * families such as convolutions; in a page, what a plain network needs. `lower` of a model loads the rest for it.
 * @throws BackendError when the backend asked for, a part of it, or passes that the graph needs would have to be loaded first.
 */
export function lowerSync(traced: Lowerable, options: LowerOptions = {}): Executable {
  checkLowerOptions(traced.title, options)
  checkSizes(traced.title, traced.graph, options.sizes ?? {})
  const target = openTargetSync(options, traced.graph)
  const parts = partsOf(traced, options, target, optimiseSync(traced.graph, target, options, traced.title))
  const absent = [parts.prepare, parts.run].flatMap(target.absent)
  if (absent.length > 0)
    throw new BackendError(
      `${traced.title}: lowerSync(): the backend ${target.name} has not loaded its ${[...new Set(absent)].join(', ')} yet`,
      `await lower() once: it loads them, and lowerSync() works from then on${target.name === 'reference' ? '' : '; or choose the backend "reference"'}`,
    )
  return new Executable(parts)
}

function partsOf(traced: Lowerable, options: LowerOptions, target: Target, optimised: Optimised): ExecutableParts {
  const { session, name, why } = target
  return { ...traced, ...optimised, session, backend: name, why, sizes: options.sizes ?? {} }
}

/** @throws ArgumentError for options that are unknown or cannot be that. */
export function checkLowerOptions(title: string, options: LowerOptions): void {
  checkOptions(`${title}: lower()`, options, lowerOptions)
}
