// BaseModel: what Model and Sequential share: tracing, lowering, running, predicting, weights by layer, reports.

import { ArgumentError, DisposedError, GraphError, KerafoldError, MaskError, ShapeError } from '../ir/errors.js'
import type { NDArray } from '../ir/ndarray.js'
import { aBoolean, aString, checkOptions, type OptionKind } from '../ir/options.js'
import { graphToText } from '../ir/printer.js'
import { showKerasShape, type TensorType } from '../ir/types.js'
import { InputLayer } from '../layers/inputLayer.js'
import type { KerasTensor } from '../layers/kerasTensor.js'
import { type CallContext, Layer, type TracedCall } from '../layers/layer.js'
import { Operation } from '../layers/operation.js'
import { regularizationLosses } from '../layers/regularization.js'
import type { Json } from '../layers/schema.js'
import { Trace } from '../layers/trace.js'
import type { TracedTensor } from '../ops/builder.js'
import type { Executable } from '../runtime/executable.js'
import type { Inputs } from '../runtime/feeds.js'
import { checkLowerOptions, type Lowerable, type LowerOptions, lower, lowerSync } from '../runtime/lower.js'
import type { WeightsReport } from '../saving/pairing.js'
import type { ModelSource } from '../saving/source.js'
import type { LoadWeightsOptions } from './loadWeights.js'
import { checkPredictOptions, type PredictOptions, predictBatches } from './predict.js'
import { fixedBatch, type LayerRecord, replay } from './record.js'
import type { SaveOptions, SaveTarget } from './saveModel.js'
import { byName, type Flat, pack } from './structure.js'
import { type SummaryOptions, summaryText } from './summary.js'

export interface RunOptions {
  /** Drop, scale and update moving statistics; false by default. */
  readonly training?: boolean
  readonly backend?: string
}

const runOptions = { training: aBoolean, backend: aString } as const satisfies Record<keyof RunOptions, OptionKind>

/** One loss of a graph: a penalty of a weight or of an activity. */
export interface NamedLoss {
  readonly name: string
  readonly value: number
}

export abstract class BaseModel<R = NDArray> extends Layer {
  static override readonly kind: string = 'Model'
  override readonly supportsMasking = true
  private readonly executables = new Map<string, { readonly record: LayerRecord; readonly exe: Promise<Executable> }>()
  private disposed = false

  /** The layer record between this model's inputs and outputs. */
  abstract get record(): LayerRecord

  protected abstract get inputStructure(): Flat

  protected abstract get outputStructure(): Flat

  /** Whether a mask that ends at a layer inside is an error. */
  protected abstract readonly strictMasking: boolean

  // ---- structure

  /** The layers in Keras 3's order; operations between them are no layers. */
  get layers(): readonly Layer[] {
    return this.record.layers.filter(layer => !(layer instanceof Operation))
  }

  get inputs(): readonly KerasTensor[] {
    return this.record.inputs
  }

  get outputs(): readonly KerasTensor[] {
    return this.record.outputs
  }

  override get inputShape(): readonly (number | null)[] {
    return this.inputs[0]?.shape ?? []
  }

  override get outputShape(): readonly (number | null)[] {
    return this.outputs[0]?.shape ?? []
  }

  override get sublayers(): readonly Layer[] {
    return this.record.layers
  }

  /** Keras' files number the layers without the operations between them. */
  override get savedParts(): Readonly<Record<string, Layer | readonly Layer[]>> {
    return { layers: this.layers }
  }

  /**
   * A layer by name or by position.
   * @throws GraphError when there is none.
   */
  getLayer(which: string | number): Layer {
    const layer = typeof which === 'number' ? this.layers[which] : this.layers.find(({ name }) => name === which)
    if (layer) return layer
    const names = this.layers.map(({ name }) => name).join(', ')
    throw new GraphError(
      `${this.title} has no layer ${typeof which === 'number' ? `at ${which}` : `"${which}"`}`,
      `its layers are ${names}`,
    )
  }

  /** The names that inputs are fed by. */
  get inputNames(): readonly string[] {
    return this.inputs.map(nameOf)
  }

  /** The names of the outputs: their layers', numbered where one gives several. */
  get outputNames(): readonly string[] {
    const { keys } = this.outputStructure
    const names = this.outputs.map((tensor, k) => (keys && typeof keys[k] === 'string' ? (keys[k] as string) : tensor.call.layer.name))
    return names.map((name, k) => {
      const before = names.slice(0, k).filter(other => other === name).length
      return before === 0 ? name : `${name}_${before}`
    })
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    if (!this.built) {
      super.checkInputs(inputs)
      return
    }
    const wanted = this.record.inputs
    if (inputs.length !== wanted.length) throw new ArgumentError(`expected ${wanted.length} inputs, got ${inputs.length}`)
    wanted.forEach(({ type }, k) => {
      const got = inputs[k] as TensorType
      const fits =
        got.shape.length === type.shape.length &&
        type.shape.every((size, axis) => axis === 0 || typeof size === 'string' || size === got.shape[axis])
      if (!fits)
        throw new ShapeError(`input ${k} should be ${showKerasShape(type.shape)}, got ${showKerasShape(got.shape)}`, {
          expected: type,
          got,
        })
    })
  }

  protected override callWithMasks(
    inputs: readonly TracedTensor[],
    masks: readonly (TracedTensor | null)[],
    { trace }: CallContext,
  ): TracedCall {
    const before = trace.maskEnds.length
    const traced = replay(this.record, trace, inputs, masks)
    const ended = trace.maskEnds[before]
    if (this.strictMasking && ended)
      throw new MaskError(`${ended.title} receives a mask, but does not support masks`, 'remove the mask before it')
    return traced
  }

  protected override call(): never {
    throw new Error('internal: a model is replayed with its masks')
  }

  // ---- running

  /** Traces the model: its calls become the tensor graph, before any pass; without what training alone needs if `inferring`. */
  trace(inferring = false): Lowerable {
    this.checkAlive()
    const types = this.record.inputs.map(({ type }) => type)
    if (fixedBatch(this.record.inputs) === undefined) return this.traceOn(types, inferring)
    const open = types.map(type => ({ ...type, shape: ['batch', ...type.shape.slice(1)] }))
    try {
      return this.traceOn(open, inferring)
    } catch (error) {
      // a layer that needs the number of rows, such as a reshape across them
      if (error instanceof KerafoldError) return this.traceOn(types, inferring)
      throw error
    }
  }

  private traceOn(types: readonly TensorType[], inferring: boolean): Lowerable {
    const trace = new Trace(this.title, inferring)
    const sparse = new Set<string>()
    const feeds = this.record.inputs.map((tensor, k) => {
      const { layer } = tensor.call
      if (layer instanceof InputLayer && layer.constant) return trace.read(layer.constant)
      if (layer instanceof InputLayer && layer.sparse) sparse.add(layer.name)
      return trace.builder.input(nameOf(tensor), types[k] as TensorType)
    })
    const { outputs } = replay(
      this.record,
      trace,
      feeds,
      feeds.map(() => null),
    )
    regularizationLosses(trace, this.trainableWeights)
    const names = this.outputNames
    const traced = trace.build(outputs.map((value, k) => ({ name: names[k] as string, value })))
    return { ...traced, title: this.title, sparseInputs: sparse }
  }

  /** Traces, optimises and compiles the model for a backend. A batch size that the inputs fix is bound. */
  async lower(options: LowerOptions = {}): Promise<Executable> {
    return lower(...this.lowerable(options))
  }

  /** As `lower`, with what is already loaded. @throws BackendError, saying what to await, when that is not enough. */
  lowerSync(options: LowerOptions = {}): Executable {
    return lowerSync(...this.lowerable(options))
  }

  private lowerable(options: LowerOptions): [Lowerable, LowerOptions] {
    checkLowerOptions(this.title, options)
    const batch = fixedBatch(this.record.inputs)
    return [this.trace(!options.training), batch === undefined ? options : { ...options, sizes: { batch, ...options.sizes } }]
  }

  /** Runs once on a whole batch; `training` also drops, scales and updates moving statistics. */
  async run(inputs: Inputs, options: RunOptions = {}): Promise<R> {
    checkOptions(`${this.title}: run()`, options, runOptions)
    const { training = false, backend = 'auto' } = options
    const exe = await this.executable(training, backend)
    return pack<R>(this.outputStructure, exe.runAll(byName(inputs, this.inputStructure)))
  }

  /**
   * Predicts any number of rows, `batchSize` (32) at a time; `verbose: 1` shows progress.
   * @throws ArgumentError, ShapeError or DTypeError naming the input.
   */
  async predict(inputs: Inputs, options: PredictOptions = {}): Promise<R> {
    checkPredictOptions(options, this.title)
    const exe = await this.executable(false, options.backend ?? 'auto')
    return pack<R>(this.outputStructure, await predictBatches(exe, byName(inputs, this.inputStructure), options, this.title))
  }

  /** The penalties that Keras' model.losses holds after a call in training mode; nothing is updated. */
  async losses(inputs: Inputs, options: Pick<RunOptions, 'backend'> = {}): Promise<NamedLoss[]> {
    checkOptions(`${this.title}: losses()`, options, { backend: aString })
    const { backend = 'auto' } = options
    const traced = this.trace()
    const { losses, outputs } = traced.graph.results
    const graph = { ...traced.graph, results: { outputs, losses, updates: {} } }
    const exe = await lower({ ...traced, graph }, { training: true, backend })
    try {
      return [...exe.runWithLosses(byName(inputs, this.inputStructure)).losses]
    } finally {
      exe.dispose()
    }
  }

  /** Executables are kept until the layers change: one per mode and backend. */
  private async executable(training: boolean, backend: string): Promise<Executable> {
    this.checkAlive()
    const key = `${training ? 'train' : 'infer'}/${backend}/${this.traceKey()}`
    const known = this.executables.get(key)
    if (known && known.record === this.record) return known.exe
    if (known) release(known.exe)
    const exe = lower(this.trace(!training), { training, backend })
    this.executables.set(key, { record: this.record, exe })
    try {
      return await exe
    } catch (error) {
      this.executables.delete(key)
      throw error
    }
  }

  /** What a trace depends on besides the record: which layers are frozen. */
  private traceKey(): string {
    return flatLayers(this)
      .map(layer => (layer.trainable ? '1' : '0'))
      .join('')
  }

  /**
   * Loads weights that Keras or TensorFlow.js saved: `.weights.h5` and `.keras` by classes, `.h5` by order of layers or
   * `byName`, `model.json` by name. All or nothing; the report says what went where and what was skipped.
   * @throws FileError naming file, layer and weight for what does not fit (unless `skipMismatch`) or is damaged.
   */
  async loadWeights(source: ModelSource, options: LoadWeightsOptions = {}): Promise<WeightsReport> {
    this.checkAlive()
    const { loadWeights } = await import('./loadWeights.js') // a model made in code needs no reader of files
    return loadWeights(this, source, options)
  }

  /**
   * Writes the model as a `.keras` file that Keras 3 loads, architecture and weights, and gives its bytes. In Node the
   * target is written whole or not at all; in a browser leave it out and offer the bytes: `new Blob([bytes])`.
   * @throws ArgumentError for layers that such a file cannot hold, FileError for a target that cannot be written.
   */
  async save(target?: SaveTarget, options: SaveOptions = {}): Promise<Uint8Array> {
    this.checkAlive()
    const { saveModel } = await import('./saveModel.js')
    return saveModel(this, target, options)
  }

  /** Writes the weights as a `.weights.h5` file that Keras 3 loads, and gives its bytes. @throws as `save`. */
  async saveWeights(target?: SaveTarget): Promise<Uint8Array> {
    const { saveWeights } = await import('./saveModel.js')
    return saveWeights(this, target)
  }

  /** Frees compiled programs; using the model afterwards is an error. Weights of shared layers live on. */
  dispose(): void {
    for (const { exe } of this.executables.values()) release(exe)
    this.executables.clear()
    this.disposed = true
  }

  private checkAlive(): void {
    if (this.disposed) throw new DisposedError(`${this.title} has been disposed`)
  }

  // ---- reports and config

  /** Prints Keras 3's table of layers, shapes and parameters. */
  summary(options: SummaryOptions = {}): void {
    const text = summaryText(this, options)
    const { printFn = console.log } = options
    printFn(text)
  }

  /** The traced graph as text, before any pass. */
  graphText(): string {
    return graphToText(this.trace().graph)
  }

  abstract override getConfig(): Record<string, Json>

  /** @throws ArgumentError: which class a model becomes is in its config, so no class has this. */
  static override fromConfig(): never {
    throw new ArgumentError('the classes of models have no fromConfig()', 'modelFromConfig(config) makes models')
  }

  /** The model's architecture as Keras 3's JSON, without weights. */
  toJSON(): string {
    return JSON.stringify(this.toObject())
  }

  /** The architecture as Keras 3 serialises an object: module, class name, config. */
  abstract toObject(): Record<string, Json>
}

/** Disposes an executable once it is there; one that failed to lower has nothing to free. */
function release(exe: Promise<Executable>): void {
  exe.then(
    program => program.dispose(),
    () => {},
  )
}

function nameOf(tensor: KerasTensor): string {
  return tensor.call.layer instanceof InputLayer ? tensor.call.layer.name : tensor.name
}

function flatLayers(layer: Layer): Layer[] {
  return [layer, ...layer.sublayers.flatMap(flatLayers)]
}
