// optimise: a traced graph through the passes, cut into what weights alone decide and what every run computes.

import { dumpWriter } from '#platform'
import type { Backend } from '../../backends/backend.js'
import { dumpGraphs, type Instrument, type PassResult, pipelines, runPasses, splitPrepare } from '../../passes/index.js'
import type { Graph } from '../ir/graph.js'
import { nothingFusible } from '../ops/fusible.js'

/** A traced graph after the passes that need no sizes, cut in two. */
export interface Optimised {
  /** The whole, before the cut. */
  readonly early: PassResult
  /** What the weights alone decide, and the rest. */
  readonly prepare: Graph
  readonly run: Graph
  /** The passes that run on each graph with its sizes bound. */
  readonly finish: (graph: Graph) => PassResult
  /** The same for the part that weights alone decide. */
  readonly finishPrepare: (graph: Graph) => PassResult
}

export interface OptimiseOptions {
  readonly training?: boolean
  readonly passes?: 'default' | 'none'
  readonly instruments?: readonly Instrument[]
}

export function optimise(graph: Graph, { fusible }: Pick<Backend, 'fusible'>, options: OptimiseOptions = {}): Optimised {
  const mode = options.training ? 'train' : 'infer'
  const pipeline = pipelines[options.passes === 'none' ? 'none' : mode]
  const context = { mode, fusible } as const
  const instruments = [...(options.instruments ?? []), ...dumps()]
  const early = runPasses(graph, pipeline.beforeSpecialise, context, instruments)
  const split = options.passes === 'none' ? { prepare: nothing, run: early.graph } : splitPrepare(early.graph)
  const finish = (bound: Graph): PassResult => runPasses(bound, pipeline.afterSpecialise, context, instruments)
  const finishPrepare = (prepare: Graph): PassResult => runPasses(prepare, pipeline.prepare, context, instruments)
  return { ...split, early, finish, finishPrepare }
}

/** What a traced graph computes at inference, not optimised: no dropout or noise, nor their seeds, which differ from model to model. */
export function atInference(graph: Graph): Graph {
  return runPasses(graph, pipelines.none.beforeSpecialise, { mode: 'infer', fusible: nothingFusible }).graph
}

let dumping: Instrument | undefined

/** The instrument that KERAFOLD_DUMP asks for: one for the process, so that no model writes over the files of another. */
function dumps(): readonly Instrument[] {
  const write = dumpWriter()
  if (write) dumping ??= dumpGraphs(write)
  return write && dumping ? [dumping] : []
}

const nothing: Graph = { inputs: [], variables: {}, nodes: {}, results: { outputs: [], losses: [], updates: {} } }
