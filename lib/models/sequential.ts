// Sequential: a stack of layers, each called on the output of the one before.

import { ArgumentError, GraphError } from '../ir/errors.js'
import { aBoolean, aList, aString, checkOptions, type OptionKind, showGiven } from '../ir/options.js'
import type { DType, TensorType } from '../ir/types.js'
import { InputLayer } from '../layers/inputLayer.js'
import { KerasTensor } from '../layers/kerasTensor.js'
import { Layer } from '../layers/layer.js'
import type { Json } from '../layers/schema.js'
import { allOrNothing, onUndo } from '../layers/undo.js'
import type { SymbolicTensor } from '../ops/symbolic.js'
import { BaseModel } from './baseModel.js'
import { type LayerRecord, refuseDroppedMasks, walkBack } from './record.js'
import { sequentialConfig, serializeLayer } from './serialize.js'
import { type Flat, flatten } from './structure.js'

export interface SequentialOptions {
  readonly layers?: readonly (Layer | SymbolicTensor)[]
  readonly name?: string
  readonly trainable?: boolean
  readonly strictMasking?: boolean
}

const optionKinds = {
  layers: aList,
  name: aString,
  trainable: aBoolean,
  strictMasking: aBoolean,
} as const satisfies Record<keyof SequentialOptions, OptionKind>

export class Sequential extends BaseModel {
  static override readonly className = 'Sequential'
  private readonly stack: Layer[] = []
  protected override readonly strictMasking: boolean
  /** The chain of tensors: the input, then each layer's output; empty until the input shape is known. */
  private chain: readonly KerasTensor[] = []
  private known: LayerRecord | undefined

  constructor(given: SequentialOptions = {}) {
    checkOptions('sequential', given, optionKinds)
    const { layers = [], strictMasking = false, ...options } = given
    super(options)
    this.strictMasking = strictMasking
    allOrNothing(() => {
      for (const layer of layers) this.add(layer)
    })
    if (options.trainable === false) this.trainable = false
  }

  /**
   * Appends a layer; the first may be an input, or say its input's shape.
   * @throws GraphError for a duplicate name; the layer's own errors. The model is unchanged then.
   */
  add(given: Layer | SymbolicTensor): void {
    if (given instanceof KerasTensor && given.call.layer instanceof InputLayer) {
      this.begin(given)
      return
    }
    if (given instanceof InputLayer) {
      const [tensor] = given.calls[0]?.outputs ?? []
      if (tensor) this.begin(tensor)
      return
    }
    if (!(given instanceof Layer)) throw new ArgumentError(`${this.title}: add() takes a layer, got ${String(given)}`)
    if (this.stack.some(layer => layer.name === given.name)) {
      throw new GraphError(
        `${this.title}: there is already a layer named "${given.name}"`,
        'names must be unique in a model; a layer can be added once',
      )
    }
    allOrNothing(() => {
      const chain = this.stack.length === 0 && this.chain.length === 0 ? this.inputFor(given) : this.chain
      const last = chain.at(-1)
      this.become(last ? [...chain, this.applyTo(given, last)] : [])
    })
    this.stack.push(given)
  }

  /** Removes the last layer. */
  pop(): Layer {
    const layer = this.stack.pop()
    if (!layer) throw new GraphError(`${this.title} has no layer to remove`)
    this.become(this.chain.slice(0, -1))
    return layer
  }

  /**
   * Fixes the input shape (with the batch axis) of a stack that was added without one.
   * @throws the layers' own errors when the shape does not fit.
   */
  override build(shape: readonly (number | null)[] | readonly TensorType[]): void {
    const given: unknown = shape
    if (!Array.isArray(given))
      throw new ArgumentError(
        `${this.title}: build() takes a list of sizes, got ${showGiven(shape)}`,
        'build([null, 8]) is a batch of vectors of 8',
      )
    if (isTypes(shape)) {
      const [type] = shape
      if (this.chain.length === 0 && type)
        this.start(
          type.shape.map(size => (typeof size === 'number' ? size : null)),
          type.dtype,
        )
    } else if (this.chain.length === 0) this.start(shape, 'float32')
  }

  /** Whether the shape of the input is known, and with it every weight. */
  override get built(): boolean {
    return this.chain.length > 0
  }

  override get layers(): readonly Layer[] {
    return this.stack
  }

  override get sublayers(): readonly Layer[] {
    return this.stack
  }

  override get record(): LayerRecord {
    if (this.known) return this.known
    const [first, last] = [this.chain[0], this.chain.at(-1)]
    if (!first || !last) {
      throw new GraphError(
        `${this.title} does not know the shape of its input yet`,
        'add input({ shape }) first, give the first layer inputShape, or call build(shape)',
      )
    }
    this.known = walkBack([first], [last], this.title)
    return this.known
  }

  protected override get inputStructure(): Flat {
    return { tensors: this.inputs, keys: null }
  }

  protected override get outputStructure(): Flat {
    return flatten(this.record.outputs[0] as KerasTensor, this.title)
  }

  override getConfig(): Record<string, Json> {
    const [first] = this.chain
    const layers = first ? [first.call.layer, ...this.stack] : this.stack
    return sequentialConfig(this, layers, first?.shape)
  }

  override toObject(): Record<string, Json> {
    return serializeLayer(this)
  }

  private begin(tensor: KerasTensor): void {
    if (this.stack.length > 0 || this.chain.length > 0) throw new GraphError(`${this.title}: an input must come first, and only once`)
    this.become([tensor])
  }

  private inputFor(layer: Layer): KerasTensor[] {
    if (layer instanceof BaseModel && layer.built) return [this.newInput(layer.inputShape, layer.inputs[0]?.dtype ?? 'float32')]
    const shape = layer.requestedBatchShape
    return shape ? [this.newInput(shape, layer.dtype)] : []
  }

  private newInput(batchShape: readonly (number | null)[], dtype: DType): KerasTensor {
    const [tensor] = new InputLayer({ batchShape, dtype }).calls[0]?.outputs ?? []
    if (!tensor) throw new Error('internal: an input layer without an output')
    return tensor
  }

  private start(batchShape: readonly (number | null)[], dtype: DType): void {
    allOrNothing(() => {
      const chain = [this.newInput(batchShape, dtype)]
      for (const layer of this.stack) chain.push(this.applyTo(layer, chain.at(-1) as KerasTensor))
      this.become(chain)
    })
  }

  private become(chain: readonly KerasTensor[]): void {
    const { chain: before, known } = this
    onUndo(() => {
      this.chain = before
      this.known = known
    })
    this.chain = chain
    this.known = undefined
  }

  private applyTo(layer: Layer, x: KerasTensor): KerasTensor {
    const y = layer.apply(x)
    if (this.strictMasking) refuseDroppedMasks([y.call], this.title)
    return y
  }
}

function isTypes(shape: readonly (number | null)[] | readonly TensorType[]): shape is readonly TensorType[] {
  return shape.length > 0 && typeof shape[0] === 'object' && shape[0] !== null
}

/** Makes a stack of layers: `sequential({ layers: [layers.dense({ units: 4, inputShape: [8] })] })`, or a plain list. */
export function sequential(options: SequentialOptions | readonly (Layer | SymbolicTensor)[] = {}): Sequential {
  return allOrNothing(() => new Sequential(isList(options) ? { layers: options } : options))
}

function isList(options: SequentialOptions | readonly (Layer | SymbolicTensor)[]): options is readonly (Layer | SymbolicTensor)[] {
  return Array.isArray(options)
}
