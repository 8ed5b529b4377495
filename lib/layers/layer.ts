// Layer: owns weights and calls ops. `apply` records a call; `traceCall` replays it into a tensor graph.

import { ArgumentError, GraphError, KerafoldError, ShapeError } from '../ir/errors.js'
import { anything, checkOptions, showGiven } from '../ir/options.js'
import type { DType, TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { SymbolicTensor } from '../ops/symbolic.js'
import { type BaseOptions, baseSchema, type LayerOptions, readOptions, sizesFromOptions } from './baseOptions.js'
import type { CallContext, TracedCall } from './callContext.js'
import { checkTensors, incomingMasks, type MaskOption } from './callInputs.js'
import { countOf, type KerasShape, nameSizes } from './kerasShape.js'
import { type Call, KerasTensor } from './kerasTensor.js'
import { warnOfMasks } from './maskEnds.js'
import type { Regularizer } from './parts/regularizers.js'
import { fromConfig, isRecord, type Json, type Parsed, type Schema, snakeClassName, toConfig } from './schema.js'
import { uniqueName } from './settings.js'
import { Trace } from './trace.js'
import { allOrNothing, onUndo, rehearse } from './undo.js'
import { WeightOwner } from './weightOwner.js'

export type { CallContext, TracedCall } from './callContext.js'
export { type KerasShape, nameSizes } from './kerasShape.js'

/** A layer class as registries see it: made from options, described by a schema. */
export interface LayerClass {
  readonly className: string
  readonly schema: Schema
  new (options: never): Layer
  optionsFromConfig(config: Readonly<Record<string, unknown>>): Record<string, unknown>
  fromConfig(config: Readonly<Record<string, unknown>>): Layer
}

type MadeFromConfig<T extends Layer> = Pick<LayerClass, 'className' | 'optionsFromConfig'> & (new (options: never) => T)

export interface ApplyOptions {
  /** Masks that win over those the inputs carry; null for none. */
  readonly mask?: MaskOption
}

export abstract class Layer extends WeightOwner {
  /** What messages call it. */
  static readonly kind: string = 'Layer'
  static readonly className: string = 'Layer'
  static readonly schema: Schema = {}

  readonly name: string
  readonly dtype: DType
  /** Whether a mask passes through; a layer that does not support masks ends them. */
  readonly supportsMasking: boolean = false
  /** Whether `apply` takes a list of tensors, even of one: merge layers do. */
  protected readonly takesList: boolean = false
  /** The calls of this layer, in order. */
  readonly calls: Call[] = []
  protected readonly base: BaseOptions
  private readonly parsed: Parsed<Schema>
  private builtFor: readonly TensorType[] | undefined

  /** @throws ArgumentError for an unknown, missing or ill-typed option. */
  constructor(options: LayerOptions = {}) {
    const className = new.target.className
    const { base, own, owner } = readOptions(new.target.kind, className, new.target.schema, options)
    new.target.checkTogether(own, owner)
    super(base.trainable)
    this.base = base
    this.parsed = own
    this.dtype = base.dtype
    this.name = base.name ?? uniqueName(snakeClassName(className)) // last: options that are refused take no name
  }

  /** Checks options against each other, before the layer takes a name. @throws ArgumentError that begins with `owner`. */
  protected static checkTogether(_options: Parsed<Schema>, _owner: string): void {}

  get className(): string {
    return (this.constructor as typeof Layer).className
  }

  /** This layer's own options, as its class' schema reads them. */
  protected parse<S extends Schema>(_schema: S): Parsed<S> {
    return this.parsed as Parsed<S>
  }

  // ---- the layer record

  /**
   * Calls the layer on Keras tensors and records the call.
   * @throws ShapeError, DTypeError or MaskError when the inputs do not fit; the layer is unchanged then.
   */
  apply(inputs: SymbolicTensor | readonly SymbolicTensor[], options: ApplyOptions = {}): KerasTensor {
    const [only] = this.applyChecked(inputs, options, ({ outputs }) => {
      if (outputs.length !== 1) throw new ArgumentError(`${this.title} has ${outputs.length} outputs`, 'applyAll() gives them as an array')
    })
    return only as KerasTensor
  }

  /** As `apply`, for layers with several outputs. */
  applyAll(inputs: SymbolicTensor | readonly SymbolicTensor[], options: ApplyOptions = {}): readonly KerasTensor[] {
    return this.applyChecked(inputs, options, () => {})
  }

  private applyChecked(
    inputs: SymbolicTensor | readonly SymbolicTensor[],
    options: ApplyOptions,
    check: (traced: TracedCall) => void,
  ): readonly KerasTensor[] {
    checkOptions(`${this.title}: apply()`, options, { mask: anything })
    if (this.takesList && !Array.isArray(inputs))
      throw new ShapeError(`${this.title} should be called on a list of tensors`, {}, 'write apply([x, y])')
    const tensors = checkTensors(this.title, inputs)
    const masks = incomingMasks(this.title, tensors, options.mask)
    return allOrNothing(() => {
      const trace = new Trace(this.title, true)
      const feeds = tensors.map(({ type }, k) => trace.builder.input(`input_${k}`, type))
      const maskFeeds = masks.map((mask, k) => mask && trace.builder.input(`mask_${k}`, mask.type))
      const index = this.calls.length
      const segment = index === 0 ? this.name : `${this.name}#${index}`
      const traced = this.traceUnder(segment, trace, feeds, maskFeeds, index)
      check(traced)
      const how = { inputsAsList: Array.isArray(inputs), masksGiven: options.mask !== undefined }
      const dropsMask = trace.maskEnds.length > 0
      warnOfMasks(trace.maskEnds)
      return this.recordCall({ layer: this, index, inputs: tensors, masks, dropsMask, ...how }, traced)
    })
  }

  private recordCall(made: Omit<Call, 'outputs'>, traced: TracedCall): readonly KerasTensor[] {
    const outputs: KerasTensor[] = []
    const call: Call = { ...made, outputs }
    traced.outputs.forEach((output, k) => {
      outputs.push(new KerasTensor(output.type, call, k, traced.masks[k]?.type ?? null))
    })
    this.calls.push(call)
    onUndo(() => this.calls.pop())
    return outputs
  }

  // ---- the tensor graph

  /**
   * Emits this layer's ops for one call. Ids stand under the layer's name, origins name the call.
   * @throws ShapeError or DTypeError that begins with the layer's name and class.
   */
  traceCall(trace: Trace, inputs: readonly TracedTensor[], masks: readonly (TracedTensor | null)[], callIndex: number): TracedCall {
    return this.traceUnder(trace.segment(this.name), trace, inputs, masks, callIndex)
  }

  private traceUnder(
    segment: string,
    trace: Trace,
    inputs: readonly TracedTensor[],
    masks: readonly (TracedTensor | null)[],
    callIndex: number,
  ): TracedCall {
    try {
      this.buildOnce(inputs.map(input => input.type))
      if (!this.supportsMasking && masks.some(mask => mask !== null))
        trace.maskEnds.push({ title: this.title, recorded: this.calls[callIndex]?.dropsMask ?? false })
      return trace.builder.within(segment, `${this.name}#${callIndex}`, () => {
        const bools = masks.map(mask => mask && K.cast(mask, 'bool'))
        const context = this.contextOf(trace, bools)
        const traced = this.callWithMasks(inputs, bools, context)
        this.addActivityLosses(traced.outputs, context)
        return traced
      })
    } catch (error) {
      throw this.explain(error)
    }
  }

  private contextOf(trace: Trace, masks: readonly (TracedTensor | null)[]): CallContext {
    return {
      trace,
      masks,
      weight: variable => trace.read(variable),
      phase: (train, infer) => trace.builder.emit('phase', [train, infer], {}),
      addLoss: (value, name = 'loss') => trace.addLoss(`${this.name}/${name}`, value),
    }
  }

  /** Keras 3: the penalty of each output, divided by the batch size. Source: keras/src/layers/layer.py. */
  private addActivityLosses(outputs: readonly TracedTensor[], context: CallContext): void {
    const regularizer = this.activityRegularizer
    if (!regularizer) return
    for (const output of outputs) {
      const batch = output.type.shape[0]
      if (batch === undefined) throw new ShapeError('an activity regularizer needs a batch axis', { output: output.type })
      const penalty = regularizer.apply(K.cast(output, 'float32'))
      context.addLoss(K.divide(penalty, countOf(output, batch)), 'activity_regularizer')
    }
  }

  /** The penalty on every output, or null. */
  protected get activityRegularizer(): Regularizer | null {
    return this.base.activityRegularizer
  }

  /** Emits the ops of one call. */
  protected abstract call(inputs: readonly TracedTensor[], context: CallContext): TracedTensor | readonly TracedTensor[]

  /** The masks of the outputs; by default the first input's passes through, if the layer supports masks. */
  protected computeMask(
    _inputs: readonly TracedTensor[],
    masks: readonly (TracedTensor | null)[],
    outputs: readonly TracedTensor[],
    _context: CallContext,
  ): readonly (TracedTensor | null)[] {
    return outputs.map(() => (this.supportsMasking ? (masks[0] ?? null) : null))
  }

  /** `call` and `computeMask` in one, for layers where both share work; one mask or null per output. */
  protected callWithMasks(inputs: readonly TracedTensor[], masks: readonly (TracedTensor | null)[], context: CallContext): TracedCall {
    const result = this.call(inputs, context)
    const outputs = Array.isArray(result) ? (result as readonly TracedTensor[]) : [result as TracedTensor]
    const outputMasks = this.computeMask(inputs, masks, outputs, context)
    return { outputs, masks: outputs.map((_, k) => outputMasks[k] ?? null) }
  }

  /** Makes the weights, knowing the types of the first call's inputs. */
  protected build(_inputs: readonly TensorType[]): void {}

  /** Checks the types of every call's inputs, before `build`. */
  protected checkInputs(inputs: readonly TensorType[]): void {
    if (inputs.length === 1) return
    throw new ShapeError(`expected 1 input, got ${inputs.length}`, Object.fromEntries(inputs.map((type, k) => [`input ${k}`, type])))
  }

  get built(): boolean {
    return this.builtFor !== undefined
  }

  /** The input types of the first call, which the weights were made for. */
  protected get buildTypes(): readonly TensorType[] | undefined {
    return this.builtFor
  }

  /** Makes the weights unless they exist. */
  protected buildOnce(types: readonly TensorType[]): void {
    this.checkInputs(types)
    if (this.builtFor) return
    this.build(types)
    this.builtFor = types
    onUndo(() => {
      this.builtFor = undefined
    })
    const { weights } = this.base
    if (weights) this.setWeights(weights)
  }

  /** Says whose error it is, once: at the layer that threw it. */
  private explain(error: unknown): unknown {
    if (error instanceof KerafoldError && !/^(Layer|Model) "/.test(error.message)) error.message = `${this.title}: ${error.message}`
    return error
  }

  get title(): string {
    return `${(this.constructor as typeof Layer).kind} "${this.name}" (${this.className})`
  }

  override get sublayers(): readonly Layer[] {
    return []
  }

  // ---- shapes and config

  /** The shape of a call on the given shape, or on a list of shapes, found by tracing it; null where unknown. */
  computeOutputShape(inputShape: KerasShape | readonly KerasShape[], dtype: DType = 'float32'): KerasShape {
    if (!Array.isArray(inputShape)) throw new ArgumentError(`${this.title}: a shape should be a list of sizes, got ${String(inputShape)}`)
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as readonly KerasShape[]
    return rehearse(() => {
      const trace = new Trace(this.title)
      const feeds = shapes.map((shape, k) => trace.builder.input(`input_${k}`, { dtype, shape: nameSizes(shape, `input_${k}`) }))
      const noMasks = feeds.map(() => null)
      return this.traceCall(trace, feeds, noMasks, this.calls.length).outputs[0]?.shape ?? []
    })
  }

  /** The input of the layer's first call. */
  get input(): KerasTensor | readonly KerasTensor[] {
    return single(this.firstCall().inputs)
  }

  /** The output of the layer's first call, as in Keras 3. */
  get output(): KerasTensor | readonly KerasTensor[] {
    return single(this.firstCall().outputs)
  }

  get inputShape(): KerasShape {
    return this.firstCall().inputs[0]?.shape ?? []
  }

  get outputShape(): KerasShape {
    return this.firstCall().outputs[0]?.shape ?? []
  }

  private firstCall(): Call {
    const [call] = this.calls
    if (!call) throw new GraphError(`${this.title} has not been called yet, so it has no input or output`)
    return call
  }

  /** The batch shape that the options of a first layer ask for, or null. */
  get requestedBatchShape(): KerasShape | null {
    return sizesFromOptions(this.base)
  }

  /** The config that Keras 3 writes: snake_case, JSON. */
  getConfig(): Record<string, Json> {
    const { schema } = this.constructor as typeof Layer
    const { activityRegularizer } = this.base
    const activity = activityRegularizer ? { activity_regularizer: baseSchema.activityRegularizer.toJson(activityRegularizer) } : {}
    const base = { name: this.name, trainable: this.trainable, dtype: dtypePolicy(this.dtype) }
    return { ...base, ...activity, ...toConfig(schema, this.parsed) }
  }

  /**
   * Makes a layer of the class it is called on from a Keras config: `layerClasses.Dense.fromConfig(dense.getConfig())`.
   * @throws ArgumentError for a config that does not fit the class.
   */
  static fromConfig<T extends Layer>(this: MadeFromConfig<T>, config: Readonly<Record<string, unknown>>): T {
    // biome-ignore lint/complexity/noThisInStatic: the class meant is the one it is called on
    if (isRecord(config)) return new this(this.optionsFromConfig(config) as never)
    // biome-ignore lint/complexity/noThisInStatic: as above
    throw new ArgumentError(`${this.className}.fromConfig() takes a config object, got ${showGiven(config)}`, 'getConfig() gives one')
  }

  /** Options from a Keras config, in camelCase; keys that Kerafold has no use for are dropped. */
  static optionsFromConfig(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
    // biome-ignore lint/complexity/noThisInStatic: the schema meant is that of the class it is called on
    return fromConfig(this.className, { ...baseSchema, ...this.schema }, config, ignoredConfigKeys)
  }
}

/** Config keys of every Keras layer that carry nothing here. */
const ignoredConfigKeys = ['autocast', 'batch_dtype']

/** Keras 3's JSON of a dtype policy. */
export function dtypePolicy(dtype: DType): Json {
  return { module: 'keras', class_name: 'DTypePolicy', config: { name: dtype }, registered_name: null }
}

function single<T>(list: readonly T[]): T | readonly T[] {
  return list.length === 1 ? (list[0] as T) : list
}
