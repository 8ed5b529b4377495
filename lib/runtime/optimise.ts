// optimise: a traced graph through the passes, cut into what weights alone decide and what every run computes.

import * as eager from '#eager/passes/algebra'
import * as instrumentsOfNode from '#eager/passes/instruments'
import { dumpWriter } from '#platform'
import type { Backend } from '../../backends/backend.js'
import { OnDemand } from '../../backends/onDemand.js'
// each from its own file: by way of the index a bundler would put algebra.ts on every page
import { order, type PassName, type PipelineName } from '../../passes/order.js'
import { idleAlgebra, isPlain } from '../../passes/plain.js'
import { resident } from '../../passes/resident.js'
import { type Instrument, type PassResult, type Runnable, runPasses } from '../../passes/runPasses.js'
import { splitPrepare } from '../../passes/splitPrepare.js'
import { BackendError } from '../ir/errors.js'
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

/** Loads the passes that the graph needs and are not there yet. @throws BackendError when they cannot be fetched. */
export async function optimise(graph: Graph, target: Pick<Backend, 'fusible'>, options: OptimiseOptions = {}): Promise<Optimised> {
  const begun = begin(graph, target, options)
  if (begun.needsAlgebra) await algebra.load()
  return complete(begun)
}

/** As `optimise`. @throws BackendError naming the model when a page has yet to load passes that the graph needs. */
export function optimiseSync(graph: Graph, target: Pick<Backend, 'fusible'>, options: OptimiseOptions, title: string): Optimised {
  const begun = begin(graph, target, options)
  if (begun.needsAlgebra && !algebra.isLoaded)
    throw new BackendError(
      `${title}: lowerSync(): the compiler has not loaded its ${algebra.name} yet`,
      'await lower() once: it loads them, and lowerSync() works from then on',
    )
  return complete(begun)
}

/** The passes that plain graphs do without. */
const algebra = new OnDemand('passes for other than plain graphs', () => import('../../passes/algebra.js'), {
  eager,
  owner: 'the compiler',
})

/** A graph after what every pipeline begins with: what is left shows which passes it needs. */
interface Begun {
  readonly opened: PassResult
  readonly needsAlgebra: boolean
  readonly pipeline: PipelineName
  readonly run: (graph: Graph, passes: readonly Runnable[]) => PassResult
}

function begin(graph: Graph, { fusible }: Pick<Backend, 'fusible'>, options: OptimiseOptions): Begun {
  const mode = options.training ? 'train' : 'infer'
  const pipeline = options.passes === 'none' ? 'none' : mode
  const instruments = [...(options.instruments ?? []), ...dumps()]
  const run: Begun['run'] = (subject, passes) => runPasses(subject, passes, { mode, fusible }, instruments)
  const opened = run(graph, opening(pipeline))
  return { opened, needsAlgebra: pipeline !== 'none' && !isPlain(opened.graph), pipeline, run }
}

function complete({ opened, needsAlgebra, pipeline, run }: Begun): Optimised {
  const passes: Readonly<Record<PassName, Runnable>> = { ...resident, ...(needsAlgebra ? algebra.get().algebra : idleAlgebra) }
  const stage = (graph: Graph, names: readonly PassName[]) =>
    run(
      graph,
      names.map(name => passes[name]),
    )
  const { beforeSpecialise, afterSpecialise, prepare } = order[pipeline]
  const rest = stage(opened.graph, beforeSpecialise)
  const early = { graph: rest.graph, steps: [...opened.steps, ...rest.steps] }
  const split = pipeline === 'none' ? { prepare: nothing, run: early.graph } : splitPrepare(early.graph)
  return { ...split, early, finish: bound => stage(bound, afterSpecialise), finishPrepare: weights => stage(weights, prepare) }
}

function opening(pipeline: PipelineName): readonly Runnable[] {
  return order[pipeline].opening.map(name => resident[name])
}

/** What a traced graph computes at inference, not optimised: no dropout or noise, nor their seeds, which differ from model to model. */
export function atInference(graph: Graph): Graph {
  return runPasses(graph, opening('none'), { mode: 'infer', fusible: nothingFusible }).graph
}

let dumping: Instrument | undefined

/** The instrument that KERAFOLD_DUMP asks for: one for the process, so that no model writes over the files of another. */
function dumps(): readonly Instrument[] {
  const write = dumpWriter()
  const { dumpGraphs }: Partial<typeof instrumentsOfNode> = instrumentsOfNode // a page has neither
  if (write && dumpGraphs) dumping ??= dumpGraphs(write)
  return write && dumping ? [dumping] : []
}

const nothing: Graph = { inputs: [], variables: {}, nodes: {}, results: { outputs: [], losses: [], updates: {} } }
