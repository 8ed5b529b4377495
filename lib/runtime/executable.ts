// Executable: a lowered model. One program per shape, weights and prepared values kept fresh by version.

import type { Compiler, Program, ProgramResults, State } from '../../backends/backend.js'
import type { PassResult, PassStep } from '../../passes/index.js'
import { ArgumentError, DisposedError } from '../ir/errors.js'
import { type Graph, nodeAt, tensorType } from '../ir/graph.js'
import { allocate, NDArray, type TypedData } from '../ir/ndarray.js'
import { isConcrete, sizeOf, type TensorType } from '../ir/types.js'
import type { Variable } from '../layers/variable.js'
import { variableEpoch } from '../layers/variable.js'
import { bindShapes, freeSymbols, specialise } from '../ops/specialise.js'
import { type Feed, type FeedSpec, type Inputs, toFeeds } from './feeds.js'

/** How many shapes keep their program; the one unused for longest goes first. */
const cacheSize = 16

export interface ExecutableParts {
  readonly title: string
  /** The traced graph after the passes that need no sizes. */
  readonly early: PassResult
  /** What of it the weights alone decide, and the rest. */
  readonly prepare: Graph
  readonly run: Graph
  /** The passes that run on each graph with its sizes bound. */
  readonly finish: (graph: Graph) => PassResult
  readonly variables: ReadonlyMap<string, Variable>
  readonly sparseInputs: ReadonlySet<string>
  readonly compiler: Compiler
  readonly backend: string
  readonly why: string
  readonly sizes: Readonly<Record<string, number>>
}

/** A program for one set of input shapes. */
interface Specialisation {
  readonly program: Program
  readonly graph: Graph
  readonly outputs: readonly { readonly name: string; readonly type: TensorType & { readonly shape: readonly number[] } }[]
  lastUse: number
}

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
  private readonly cache = new Map<string, Specialisation>()
  private readonly prepared = new Map<string, { data: TypedData; version: number }>()
  private prepareProgram: Program | undefined
  private preparedFor: readonly number[] = []
  private epoch = -1
  private recent: { lengths: readonly number[]; entry: Specialisation } | undefined
  private clock = 0
  private disposed = false
  private report: PassResult | undefined
  private bound: { inputs: Record<string, TypedData>; outputs: Record<string, TypedData>; entry: Specialisation } | undefined

  constructor(parts: ExecutableParts) {
    this.parts = parts
    this.backend = parts.backend
    this.why = parts.why
    this.inputSpecs = parts.run.inputs.map(id => {
      const node = nodeAt(parts.run, id)
      if (node.op !== 'input') throw new Error(`internal: "${id}" is no input`)
      const type = tensorType(node)
      const shape = type.shape.map(size => (typeof size === 'string' ? (parts.sizes[size] ?? size) : size))
      return { name: node.attrs.name, type: { dtype: type.dtype, shape }, sparse: parts.sparseInputs.has(node.attrs.name) }
    })
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
    const { outputs } = this.execute(inputs)
    const [only] = outputs
    if (!only || outputs.length > 1) throw new ArgumentError(`${this.parts.title} has ${outputs.length} outputs`, 'runAll() gives them as a list')
    return only
  }

  /** As `run`, for models with several outputs, in their order. */
  runAll(inputs: Inputs): readonly NDArray[] {
    return this.execute(inputs).outputs
  }

  /** As `runAll`; the form that may one day leave this thread. */
  async runAsync(inputs: Inputs): Promise<readonly NDArray[]> {
    return this.runAll(inputs)
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

  /** Runs on `inputs` into `outputs`, without allocating or checking. */
  call(): void {
    const { inputs, outputs, entry } = this.zeroCopy()
    const results = this.runEntry(entry, this.inputSpecs.map(({ name }) => inputs[name] as TypedData))
    entry.outputs.forEach(({ name }, k) => {
      outputs[name]?.set(results.outputs[k] as TypedData)
    })
  }

  /** Frees every program; the executable cannot be used afterwards. Variables stay. */
  dispose(): void {
    for (const { program } of this.cache.values()) program.dispose()
    this.prepareProgram?.dispose()
    this.cache.clear()
    this.prepared.clear()
    this.recent = undefined
    this.bound = undefined
    this.disposed = true
  }

  private execute(inputs: Inputs): { entry: Specialisation; outputs: readonly NDArray[]; results: ProgramResults } {
    this.checkAlive()
    const feeds = toFeeds(inputs, this.inputSpecs, this.parts.title)
    const entry = this.entryFor(feeds)
    const results = this.runEntry(entry, feeds.map(feed => feed.data))
    const outputs = entry.outputs.map(({ type }, k) => new NDArray(results.outputs[k] as TypedData, type.shape, type.dtype))
    return { entry, outputs, results }
  }

  private runEntry(entry: Specialisation, feeds: readonly TypedData[]): ProgramResults {
    this.refresh()
    entry.lastUse = ++this.clock
    const results = entry.program.run(feeds, this.state)
    for (const [name, value] of Object.entries(results.updates)) this.variable(name).assign(value)
    return results
  }

  private checkAlive(): void {
    if (this.disposed) throw new DisposedError(`${this.parts.title}: this executable has been disposed`, 'lower the model again')
  }

  // ---- programs by shape

  private entryFor(feeds: readonly Feed[]): Specialisation {
    const { recent } = this
    if (recent && this.inputSpecs.every(({ type }, k) => flatFits(type, recent.lengths[k] as number, feeds[k] as Feed))) return recent.entry
    const shapes = Object.fromEntries(this.inputSpecs.map(({ name }, k) => [name, (feeds[k] as Feed).shape]))
    const entry = this.entryOf({ ...this.parts.sizes, ...bindShapes(this.parts.run, shapes) })
    this.recent = { lengths: feeds.map(feed => feed.data.length), entry }
    return entry
  }

  private entryOf(bindings: Readonly<Record<string, number>>): Specialisation {
    const key = JSON.stringify(Object.entries(bindings).sort(([a], [b]) => (a < b ? -1 : 1)))
    const known = this.cache.get(key)
    if (known) return known
    const { graph } = this.parts.finish(specialise(this.parts.run, bindings))
    const outputs = graph.results.outputs.map(({ name, node }) => {
      const { dtype, shape } = tensorType(nodeAt(graph, node))
      if (!isConcrete(shape)) throw new Error(`internal: output "${name}" is not specialised`)
      return { name, type: { dtype, shape } }
    })
    const entry: Specialisation = { program: this.parts.compiler.compile(graph), graph, outputs, lastUse: ++this.clock }
    if (this.cache.size >= cacheSize) this.evict()
    this.cache.set(key, entry)
    return entry
  }

  private evict(): void {
    const [oldest] = [...this.cache].sort(([, a], [, b]) => a.lastUse - b.lastUse)
    if (!oldest) return
    const [key, entry] = oldest
    this.cache.delete(key)
    entry.program.dispose()
    if (this.recent?.entry === entry) this.recent = undefined
    if (this.bound?.entry === entry) this.bound = undefined
  }

  private zeroCopy(): { inputs: Record<string, TypedData>; outputs: Record<string, TypedData>; entry: Specialisation } {
    this.checkAlive()
    if (this.bound) return this.bound
    const missing = [...freeSymbols(this.parts.run)].filter(symbol => this.parts.sizes[symbol] === undefined)
    if (missing.length > 0) {
      throw new ArgumentError(`${this.parts.title}: call() needs every size bound; unknown are ${missing.join(', ')}`, `lower({ sizes: { ${missing.map(symbol => `${symbol}: 1`).join(', ')} } })`)
    }
    const entry = this.entryOf(this.parts.sizes)
    const inputs = Object.fromEntries(this.inputSpecs.map(({ name, type }) => [name, allocate(type.dtype, sizeOf(type.shape as readonly number[]))]))
    const outputs = Object.fromEntries(entry.outputs.map(({ name, type }) => [name, allocate(type.dtype, sizeOf(type.shape))]))
    this.bound = { inputs, outputs, entry }
    return this.bound
  }

  // ---- variables

  private readonly state: State = {
    read: name => this.prepared.get(name)?.data ?? this.variable(name).data,
    version: name => this.prepared.get(name)?.version ?? this.variable(name).version,
  }

  private variable(name: string): Variable {
    const variable = this.parts.variables.get(name)
    if (!variable) throw new Error(`internal: no variable "${name}"`)
    return variable
  }

  /** Prepares again what depends on a weight that changed; one comparison when none did. */
  private refresh(): void {
    const now = variableEpoch()
    if (now === this.epoch) return
    this.epoch = now
    const { prepare, compiler, finish } = this.parts
    if (prepare.results.outputs.length === 0) return
    const versions = Object.keys(prepare.variables).map(name => this.variable(name).version)
    if (this.prepareProgram && versions.every((version, k) => version === this.preparedFor[k])) return
    this.prepareProgram ??= compiler.compile(finish(prepare).graph)
    const { outputs } = this.prepareProgram.run([], this.state)
    prepare.results.outputs.forEach(({ name }, k) => {
      const version = (this.prepared.get(name)?.version ?? 0) + 1
      this.prepared.set(name, { data: outputs[k] as TypedData, version })
    })
    this.preparedFor = versions
  }
}

/** Whether a feed has the shape of the last run: the same length, in a type where the length says the shape. */
function flatFits(type: TensorType, length: number, { data, shape }: Feed): boolean {
  if (data.length !== length || shape.length !== type.shape.length) return false
  let unknown = 0
  for (let axis = 0; axis < shape.length; axis++) {
    const size = type.shape[axis]
    if (typeof size === 'string') unknown++
    else if (size !== shape[axis]) return false
  }
  return unknown <= 1 && length > 0
}
