// lower: from a traced graph to an executable: select a backend, run the passes, cut off what weights alone decide.

import type { Platform } from '../../backends/backend.js'
import { type Selection, selectBackend, selectBackendSync } from '../../backends/select.js'
import { dumpGraphs, type Instrument, pipelines, runPasses, splitPrepare } from '../../passes/index.js'
import type { Graph } from '../ir/graph.js'
import { dumpWriter, platform as thisPlatform } from '#platform'
import type { Variable } from '../layers/variable.js'
import { Executable } from './executable.js'

export interface LowerOptions {
  /** `auto` by default. */
  readonly backend?: string
  /** Whether runs drop, scale and update statistics; false by default. */
  readonly training?: boolean
  /** `default`, or `none` for the graph as it was traced (phases resolved), to compare with. */
  readonly passes?: 'default' | 'none'
  readonly instruments?: readonly Instrument[]
  /** Sizes to bind now, such as { batch: 1 }; `exe.call()` needs all of them. */
  readonly sizes?: Readonly<Record<string, number>>
  /** What the platform offers; found out by default. */
  readonly platform?: Platform
}

/** A traced graph, its variables, and how its inputs are fed. */
export interface Lowerable {
  readonly graph: Graph
  readonly variables: ReadonlyMap<string, Variable>
  /** For messages: `model "net"`. */
  readonly title: string
  readonly sparseInputs: ReadonlySet<string>
}

export async function lower(traced: Lowerable, options: LowerOptions = {}): Promise<Executable> {
  return finish(traced, options, await selectBackend(options.backend ?? 'auto', options.platform ?? thisPlatform()))
}

/** @throws BackendError when the backend asked for would have to be loaded first. */
export function lowerSync(traced: Lowerable, options: LowerOptions = {}): Executable {
  return finish(traced, options, selectBackendSync(options.backend ?? 'auto', options.platform ?? thisPlatform()))
}

function finish(traced: Lowerable, options: LowerOptions, { backend, compiler, why }: Selection): Executable {
  const mode = options.training ? 'train' : 'infer'
  const pipeline = pipelines[options.passes === 'none' ? 'none' : mode]
  const context = { mode, fusible: backend.fusible } as const
  const write = dumpWriter()
  const instruments = [...(options.instruments ?? []), ...(write ? [dumpGraphs(write)] : [])]
  const early = runPasses(traced.graph, pipeline.beforeSpecialise, context, instruments)
  const split = options.passes === 'none' ? { prepare: nothing, run: early.graph } : splitPrepare(early.graph)
  return new Executable({
    ...traced,
    ...split,
    early,
    finish: graph => runPasses(graph, pipeline.afterSpecialise, context, instruments),
    compiler,
    backend: backend.name,
    why,
    sizes: options.sizes ?? {},
  })
}

const nothing: Graph = { inputs: [], variables: {}, nodes: {}, results: { outputs: [], losses: [], updates: {} } }
