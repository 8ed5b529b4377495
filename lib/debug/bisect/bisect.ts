// bisect: finds the first pass, rule or kernel that changes what a model gives beyond what rounding explains.

import { allPasses, type Pass, type PassContext, type Pipeline, pipelines, splitPrepare } from '../../../passes/index.js'
import { ArgumentError } from '../../ir/errors.js'
import { nodeAt } from '../../ir/graph.js'
import { roundValue } from '../../ops/values.js'
import type { Inputs } from '../../runtime/feeds.js'
import type { Lowerable } from '../../runtime/lower.js'
import { openTarget, type Target, type TargetOptions } from '../../runtime/target.js'
import { bound, type Case, caseOf, evaluateCase } from '../reference.js'
import { computing, type Expectation, expectationOf, mismatchOf } from './graphs.js'
import { firstWrongKernel, firstWrongProgram, problemOfSplit, problemOn } from './kernels.js'
import { attempt, walk } from './passes.js'
import { parseReproducer, printReproducer } from './reproducer.js'
import { type Suspect, showSuspect } from './suspect.js'

export interface BisectOptions extends TargetOptions {
  /** The passes under suspicion: those of prediction by default. */
  readonly pipeline?: Pipeline
  /** Told what is looked at, before each pass and kernel. */
  readonly onProgress?: (what: string) => void
}

/** What bisect found, or that it found nothing. */
export interface Verdict {
  readonly title: string
  readonly backend: string
  /** How many passes and kernels were right, up to the suspect if there is one. */
  readonly passes: number
  readonly kernels: number
  readonly suspect: Suspect | undefined
  /** Text that `reproduce` runs again. */
  readonly reproducer: string | undefined
}

/**
 * Runs the reference after each pass, then each kernel of the backend on the values that the reference gives it, then
 * the whole program, and names the first that is further from the traced model than 16 · max|ref32 − ref64| +
 * 2⁻²⁰ · max|ref64|.
 * @throws ArgumentError, ShapeError or DTypeError for inputs that do not fit; BackendError for a backend that is missing.
 */
export async function bisect(model: { trace(): Lowerable }, inputs: Inputs, options: BisectOptions = {}): Promise<Verdict> {
  const { pipeline = pipelines.infer, onProgress = () => undefined, ...targeting } = options
  const traced = model.trace()
  const start = caseOf(traced, inputs)
  const target = await openTarget(targeting)
  try {
    const search = new Search(target, pipeline, onProgress)
    const suspect = await search.find(start)
    const { passes, kernels } = search
    const reproducer = suspect && printReproducer(suspect, target.name)
    return { title: traced.title, backend: target.name, passes, kernels, suspect, reproducer }
  } finally {
    target.session.dispose()
  }
}

class Search {
  passes = 0
  kernels = 0
  private readonly target: Target
  private readonly pipeline: Pipeline
  private readonly context: PassContext
  private readonly report: (what: string) => void

  constructor(target: Target, pipeline: Pipeline, report: (what: string) => void) {
    this.target = target
    this.pipeline = pipeline
    this.context = { mode: 'infer', fusible: target.fusible }
    this.report = report
  }

  /** The same way that lowering goes: early passes, the split, late passes on both parts, then the backend. */
  async find(start: Case): Promise<Suspect | undefined> {
    const wanted = expectationOf(start)
    const early = this.walk(start, this.pipeline.beforeSpecialise, wanted)
    if (early.suspect) return early.suspect
    const parts = split(early.end)
    const splitProblem = mismatchOf(evaluateCase(parts.run, 'float64'), wanted)?.problem
    if (splitProblem !== undefined) return this.atOutput('pass', 'splitPrepare', early.end, splitProblem)
    const prepare = this.walk(parts.prepare, this.pipeline.prepare, expectationOf(parts.prepare))
    const run = prepare.suspect ? prepare : this.walk(bound(parts.run), this.pipeline.afterSpecialise, wanted)
    if (run.suspect) return run.suspect
    for (const { graph } of [prepare.end, run.end]) await this.target.load(graph)
    return this.wrongKernel([prepare.end, run.end]) ?? this.wrongProgram(prepare.end, run.end, wanted)
  }

  private walk(start: Case, passes: readonly Pass[], wanted: Expectation) {
    return walk(start, passes, this.context, wanted, pass => {
      this.report(`pass ${++this.passes}: ${pass}`)
    })
  }

  private wrongKernel(cases: readonly Case[]): Suspect | undefined {
    const total = cases.reduce((sum, { graph }) => sum + computing(graph).length, 0)
    for (const each of cases) {
      const suspect = firstWrongKernel(each, this.target, node => this.report(`kernel ${++this.kernels} of ${total}: ${node}`))
      if (suspect) return suspect
    }
    return undefined
  }

  /** Kernels that are right one by one can still be wrong together: by where their values lie, or by their order. */
  private wrongProgram(prepare: Case, run: Case, wanted: Expectation): Suspect | undefined {
    this.report('the whole program')
    const problem = problemOfSplit(prepare, run, this.target, wanted)
    if (problem === undefined) return undefined
    const watch = (node: string) => this.report(`the program up to ${node}`)
    const suspect = firstWrongProgram(prepare, this.target, watch) ?? firstWrongProgram(run, this.target, watch)
    return suspect ?? this.atOutput('program', this.target.name, run, problem)
  }

  private atOutput(kind: Suspect['kind'], name: string, at: Case, problem: string): Suspect {
    const output = at.graph.results.outputs[0]
    if (!output) throw new Error('internal: a model without outputs')
    const { id, op, origin } = nodeAt(at.graph, output.node)
    return { kind, name, rule: undefined, node: id, op, origin, problem, reproduction: at }
  }
}

/** What lowering splits a graph into, with the prepared values by the reference. */
function split({ graph, feeds }: Case): { readonly prepare: Case; readonly run: Case } {
  const parts = splitPrepare(graph)
  const prepare = { graph: parts.prepare, feeds: { inputs: {}, variables: feeds.variables } }
  const prepared = Object.entries(evaluateCase(prepare, 'float64')).map(([name, value]) => [name, roundValue(value)] as const)
  return {
    prepare,
    run: { graph: parts.run, feeds: { inputs: feeds.inputs, variables: { ...feeds.variables, ...Object.fromEntries(prepared) } } },
  }
}

/** What running a reproducer again shows. */
export interface Reproduction {
  /** What was run. */
  readonly what: string
  /** What is still wrong, or undefined. */
  readonly problem: string | undefined
}

/**
 * Runs the text that `bisect` wrote again.
 * @throws FileError for what is no such text, ArgumentError for a pass or backend that there is not.
 */
export async function reproduce(
  text: string,
  name: string,
  options: BisectOptions & { readonly passes?: readonly Pass[] } = {},
): Promise<Reproduction> {
  const { passes = allPasses, among, numerics, platform } = options
  const found = parseReproducer(text, name)
  const what = `${found.kind} ${found.name}`
  const target = await openTarget({
    backend: found.backend,
    ...(among ? { among } : {}),
    ...(numerics ? { numerics } : {}),
    ...(platform ? { platform } : {}),
  })
  try {
    const wanted = expectationOf(found.given)
    if (found.kind !== 'pass') {
      await target.load(found.given.graph)
      return { what, problem: problemOn(found.given, target, wanted) }
    }
    if (found.name === 'splitPrepare')
      return { what, problem: mismatchOf(evaluateCase(split(found.given).run, 'float64'), wanted)?.problem }
    const pass = passes.find(each => each.name === found.name)
    if (!pass)
      throw new ArgumentError(
        `${name}: there is no pass ${JSON.stringify(found.name)}`,
        `there are ${passes.map(each => each.name).join(', ')}`,
      )
    return { what, problem: attempt(found.given, pass, { mode: 'infer', fusible: target.fusible }, wanted).problem }
  } finally {
    target.session.dispose()
  }
}

/** The verdict as lines of text. */
export function verdictText({ title, backend, passes, kernels, suspect }: Verdict): string {
  if (!suspect) return `${title} on ${backend}: ${passes} passes and ${kernels} kernels agree with the reference`
  return `${title} on ${backend}, first wrong:\n  ${showSuspect(suspect)}\n  ${suspect.problem}`
}
