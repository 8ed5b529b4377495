// Executable: a lowered model. One program per shape, weights and prepared values kept fresh by version.

import type { ProgramResults, Session, State } from '../../backends/backend.js'
import type { PassResult, PassStep } from '../../passes/index.js'
import { ArgumentError, DisposedError, ShapeError } from '../ir/errors.js'
import type { Graph } from '../ir/graph.js'
import { allocate, NDArray, type TypedData } from '../ir/ndarray.js'
import { type Size, sizeOf } from '../ir/types.js'
import type { Variable } from '../layers/variable.js'
import { variableEpoch } from '../layers/variable.js'
import { type Bindings, bindShapes, freeSymbols, specialise } from '../ops/specialise.js'
import { type Bound, bindArrays, isDetached } from './bound.js'
import { type Feed, type FeedSpec, feedSpecs, type Inputs, toFeeds } from './feeds.js'
import { withinMemory } from './memory.js'
import type { Optimised } from './optimise.js'
import { Preparation } from './preparation.js'
import type { Profile, ProfileOptions } from './profile.js'
import { type QuickRun, RecentPrograms } from './recent.js'
import { checkSizes, showSizes } from './sizes.js'
import { type Specialisation, Specialisations } from './specialisations.js'

export interface ExecutableParts extends Optimised {
  readonly title: string
  readonly variables: ReadonlyMap<string, Variable>
  readonly sparseInputs: ReadonlySet<string>
  /** Where its programs are compiled; closed with the executable. */
  readonly session: Session
  readonly backend: string
  readonly why: string
  readonly sizes: Readonly<Record<string, number>>
}

const warmupTurns = 3
const warmupRuns = 4

/** What one run gives: outputs by name, losses, and the updates that were written. */
export interface RunResult {
  readonly outputs: Readonly<Record<string, NDArray>>
  readonly losses: readonly { readonly name: string; readonly value: number }[]
}

export class Executable {
  /** The name of the backend, and why it was chosen. */
  readonly backend: string
  readonly why: string
  readonly inputSpecs: readonly FeedSpec[]
  private readonly parts: ExecutableParts
  private readonly entries: Specialisations
  private readonly preparation: Preparation
  private readonly recent: RecentPrograms
  private disposed = false
  private report: PassResult | undefined
  private bound: Bound | undefined

  constructor(parts: ExecutableParts) {
    this.parts = parts
    this.backend = parts.backend
    this.why = parts.why
    this.preparation = new Preparation(parts, this.state, name => this.variable(name).version)
    this.entries = new Specialisations({ ...parts, evicted: entry => this.forget(entry) })
    this.inputSpecs = feedSpecs(parts.run, parts.sparseInputs, parts.sizes)
    this.recent = new RecentPrograms(this.inputSpecs)
  }

  /** The optimised graph, its unknown sizes still open unless `lower({ sizes })` bound them. */
  get graph(): Graph {
    return this.whole().graph
  }

  /** What each pass did. */
  get steps(): readonly PassStep[] {
    return [...this.parts.early.steps, ...this.whole().steps]
  }

  /** The whole graph through all passes, for reports: runs use the same passes on the part that weights do not decide. */
  private whole(): PassResult {
    const { early, sizes, finish } = this.parts
    this.report ??= finish(Object.keys(sizes).length > 0 ? specialise(early.graph, sizes) : early.graph)
    return this.report
  }

  /**
   * Runs once, synchronously; the results are fresh. One output comes alone, several as a list.
   * @throws ArgumentError, ShapeError or DTypeError naming the input; DisposedError after `dispose()`.
   */
  run(inputs: Inputs): NDArray {
    const quick = this.recent.quick(inputs)
    if (quick) return this.runQuick(quick)
    const { outputs } = this.execute(inputs)
    const [only] = outputs
    if (!only || outputs.length > 1)
      throw new ArgumentError(`${this.parts.title} has ${outputs.length} outputs`, 'runAll() gives them as a list')
    return only
  }

  /** As `run`, for models with several outputs, in their order. */
  runAll(inputs: Inputs): readonly NDArray[] {
    return this.execute(inputs).outputs
  }

  /** As `runAll`; compiles for a new shape without blocking the thread for long. */
  async runAsync(inputs: Inputs): Promise<readonly NDArray[]> {
    this.checkAlive()
    await this.entryForAsync(toFeeds(inputs, this.inputSpecs, this.parts.title))
    return this.runAll(inputs)
  }

  /**
   * Times each kernel of a run on these inputs: a few milliseconds each, and as many more as there are `runs`. Variables
   * stay as they are; the arrays of `call()` are overwritten and may move, as by running another shape.
   * @throws BackendError where programs are not made of kernels that can be timed: the jit's are.
   */
  async profile(inputs: Inputs, options: ProfileOptions = {}): Promise<Profile> {
    this.checkAlive()
    const { title } = this.parts
    const { profileProgram, profileRuns } = await import('./profile.js')
    const runs = profileRuns(title, options)
    const feeds = toFeeds(inputs, this.inputSpecs, title)
    const entry = await this.entryForAsync(feeds)
    this.preparation.refresh()
    this.entries.used(entry)
    const data = feeds.map(feed => feed.data)
    return profileProgram({ title, backend: this.backend, state: this.state }, entry.program, data, runs)
  }

  /** As `runAll`, with the losses of the graph: empty unless lowered for training. */
  runWithLosses(inputs: Inputs): RunResult {
    const { entry, outputs, results } = this.execute(inputs)
    return {
      outputs: Object.fromEntries(entry.outputs.map(({ name }, k) => [name, outputs[k] as NDArray])),
      losses: this.parts.run.results.losses.map(({ name }, k) => ({ name, value: results.losses[k]?.[0] as number })),
    }
  }

  /** The arrays that `call` reads, by input name; the sizes must be bound (lower({ sizes: { batch: 1 } })). */
  get inputs(): Readonly<Record<string, TypedData>> {
    return this.zeroCopy().inputs
  }

  /** The arrays that `call` writes, by output name. */
  get outputs(): Readonly<Record<string, TypedData>> {
    return this.zeroCopy().outputs
  }

  /**
   * Runs on `inputs` into `outputs`, without allocating or checking.
   * @throws ArgumentError when memory has grown since, for another shape or a profile, and the arrays have moved: take
   * `inputs` and `outputs` again.
   */
  call(): void {
    if (this.bound && isDetached(this.bound)) {
      throw new ArgumentError(
        `${this.parts.title}: the arrays of call() have moved`,
        'take inputs and outputs again after running other shapes or profile()',
      )
    }
    const { inPlace, entry, feeds, outputs } = this.zeroCopy()
    if (inPlace) {
      this.preparation.refresh()
      this.entries.used(entry)
      entry.program.runInPlace?.(this.state)
      return
    }
    const results = this.runEntry(entry, feeds)
    entry.outputs.forEach(({ name }, k) => {
      outputs[name]?.set(results.outputs[k] as TypedData)
    })
  }

  /**
   * Compiles for these sizes without blocking the thread for long and runs on zeros, so that the engine has optimised
   * the code when the first real data come; state stays as it is.
   * @throws ArgumentError when a size is neither given nor bound, is not in the graph, or is no whole number ≥ 0;
   * ShapeError when it is bound to another one.
   */
  async warmup(sizes: Readonly<Record<string, number>> = {}): Promise<void> {
    this.checkAlive()
    const bindings = this.allSizes('warmup()', sizes)
    const entry = await this.compiled(bindings)
    const bind = (size: Size): number => (typeof size === 'string' ? (bindings[size] as number) : size)
    const { title } = this.parts
    const feeds = withinMemory(title, entry.graph, () =>
      this.inputSpecs.map(({ type }) => allocate(type.dtype, sizeOf(type.shape.map(bind)))),
    )
    for (let turn = 0; turn < warmupTurns && !this.disposed; turn++) {
      this.preparation.refresh()
      for (let k = 0; k < warmupRuns; k++) entry.program.run(feeds, this.state)
      await new Promise(resolve => setTimeout(resolve)) // lets the engine finish compiling in the background
    }
  }

  /** Frees every program; the executable cannot be used afterwards. Variables stay. */
  dispose(): void {
    this.parts.session.dispose()
    this.entries.clear()
    this.preparation.clear()
    this.recent.clear()
    this.bound = undefined
    this.disposed = true
  }

  private execute(inputs: Inputs): { entry: Specialisation; outputs: readonly NDArray[]; results: ProgramResults } {
    this.checkAlive()
    const feeds = toFeeds(inputs, this.inputSpecs, this.parts.title)
    const entry = this.entryFor(feeds)
    const results = this.runEntry(
      entry,
      feeds.map(feed => feed.data),
    )
    const outputs = entry.outputs.map(({ shape }, k) => new NDArray(results.outputs[k] as TypedData, shape))
    return { entry, outputs, results }
  }

  private runEntry(entry: Specialisation, feeds: readonly TypedData[]): ProgramResults {
    this.preparation.refresh()
    this.entries.used(entry)
    const results = withinMemory(this.parts.title, entry.graph, () => entry.program.run(feeds, this.state))
    for (const [name, value] of Object.entries(results.updates)) this.variable(name).assign(value)
    return results
  }

  private checkAlive(): void {
    if (this.disposed) throw new DisposedError(`${this.parts.title}: this executable has been disposed`, 'lower the model again')
  }

  // ---- the short way: one float input of the last run's shape, one output, nothing to update

  private runQuick({ quick, data }: QuickRun): NDArray {
    const { entry, feeds } = quick
    this.preparation.refresh()
    this.entries.used(entry)
    feeds[0] = data
    const { outputs } = withinMemory(this.parts.title, entry.graph, () => entry.program.run(feeds, this.state))
    return new NDArray(outputs[0] as TypedData, (entry.outputs[0] as Specialisation['outputs'][number]).shape)
  }

  // ---- programs by shape

  private entryFor(feeds: readonly Feed[]): Specialisation {
    return this.recent.find(feeds) ?? this.keep(feeds, this.entries.of(this.bindingsOf(feeds)))
  }

  private async entryForAsync(feeds: readonly Feed[]): Promise<Specialisation> {
    return this.recent.find(feeds) ?? this.keep(feeds, await this.compiled(this.bindingsOf(feeds)))
  }

  /** @throws DisposedError if the executable is disposed meanwhile. */
  private async compiled(bindings: Bindings): Promise<Specialisation> {
    try {
      return await this.entries.ofAsync(bindings)
    } finally {
      this.checkAlive()
    }
  }

  private keep(feeds: readonly Feed[], entry: Specialisation): Specialisation {
    this.recent.keep(feeds, entry)
    return entry
  }

  private forget(entry: Specialisation): void {
    this.recent.forget(entry)
    if (this.bound?.entry === entry) this.bound = undefined
  }

  private bindingsOf(feeds: readonly Feed[]): Record<string, number> {
    const shapes = Object.fromEntries(this.inputSpecs.map(({ name }, k) => [name, (feeds[k] as Feed).shape]))
    return this.withBound(bindShapes(this.parts.run, shapes))
  }

  /** @throws ShapeError for a size that `lower` bound to another one. */
  private withBound(bindings: Bindings): Record<string, number> {
    for (const [symbol, size] of Object.entries(this.parts.sizes)) {
      const got = bindings[symbol] ?? size
      if (got !== size)
        throw new ShapeError(
          `${this.parts.title}: ${symbol} was bound to ${size} by lower(), got ${got}`,
          {},
          'lower without sizes takes any',
        )
    }
    return { ...this.parts.sizes, ...bindings }
  }

  private zeroCopy(): Bound {
    this.checkAlive()
    if (this.bound && !isDetached(this.bound)) return this.bound
    const entry = this.entries.of(this.allSizes('call()'))
    this.preparation.refresh() // may compile, and so move memory; not after the arrays are given out
    this.bound = bindArrays(this.inputSpecs, entry)
    return this.bound
  }

  /** @throws ArgumentError when a size is neither given nor bound. */
  private allSizes(purpose: 'call()' | 'warmup()', given: Bindings = {}): Bindings {
    const { title, run } = this.parts
    checkSizes(title, run, given)
    const sizes = this.withBound(given)
    const missing = [...freeSymbols(run)].filter(symbol => sizes[symbol] === undefined)
    if (missing.length === 0) return sizes
    const example = showSizes(missing)
    throw new ArgumentError(
      `${title}: ${purpose} needs every size bound; unknown are ${missing.join(', ')}`,
      `lower({ sizes: ${example} })${purpose === 'warmup()' ? ` or warmup(${example})` : ''}`,
    )
  }

  // ---- variables

  private readonly state: State = {
    read: name => this.variable(name).data,
    version: name => this.variable(name).version,
    epoch: variableEpoch,
  }

  private variable(name: string): Variable {
    const variable = this.parts.variables.get(name)
    if (!variable) throw new Error(`internal: no variable "${name}"`)
    return variable
  }
}
