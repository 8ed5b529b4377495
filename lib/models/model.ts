// Model: the functional model, from input tensors to output tensors of the layer record.

import { ArgumentError, GraphError, MaskError } from '../ir/errors.js'
import type { NDArray } from '../ir/ndarray.js'
import type { Json } from '../layers/schema.js'
import { BaseModel } from './baseModel.js'
import { startFromInputs } from './middle.js'
import { type LayerRecord, walkBack } from './record.js'
import { functionalConfig, serializeLayer } from './serialize.js'
import { type Flat, flatten, type Predictions, type TensorStructure } from './structure.js'

export interface ModelOptions<S extends TensorStructure = TensorStructure> {
  /** A Keras tensor, a list, or an object by input name. */
  readonly inputs: TensorStructure
  readonly outputs: S
  readonly name?: string
  readonly trainable?: boolean
  /** Refuse a graph in which a mask ends at a layer that does not support masks. */
  readonly strictMasking?: boolean
}

/** What Keras 1 and the seed page call the same. */
export interface LegacyModelOptions<S extends TensorStructure = TensorStructure> extends Omit<ModelOptions<S>, 'inputs' | 'outputs'> {
  readonly input: TensorStructure
  readonly output: S
}

export class Model<R = NDArray> extends BaseModel<R> {
  static override readonly className = 'Functional'
  override readonly record: LayerRecord
  protected override readonly outputStructure: Flat
  private readonly inputStructure: Flat

  /** @throws GraphError when an output does not reach the inputs, or two layers have one name. */
  constructor({ inputs, outputs, strictMasking = false, ...options }: ModelOptions) {
    const [flatInputs, flatOutputs] = [flatten(inputs, 'model: inputs'), flatten(outputs, 'model: outputs')]
    const owner = options.name ? `model "${options.name}"` : 'model'
    const twice = flatInputs.tensors.find((tensor, k) => flatInputs.tensors.indexOf(tensor) !== k)
    if (twice) throw new GraphError(`${owner}: input "${twice.name}" is given twice`)
    const ends = startFromInputs({ inputs: flatInputs.tensors, outputs: flatOutputs.tensors }, owner)
    const record = walkBack(ends.inputs, ends.outputs, owner)
    const dropping = strictMasking ? record.calls.find(call => call.dropsMask) : undefined
    if (dropping)
      throw new MaskError(`${owner}: ${dropping.layer.title} receives a mask, but does not support masks`, 'remove the mask before it')
    super(options)
    this.record = record
    this.inputStructure = { ...flatInputs, tensors: ends.inputs }
    this.outputStructure = { ...flatOutputs, tensors: ends.outputs }
    if (options.trainable === false) this.trainable = false
  }

  override get built(): boolean {
    return true
  }

  override getConfig(): Record<string, Json> {
    return functionalConfig(this, this.record, this.inputStructure, this.outputStructure)
  }

  override toObject(): Record<string, Json> {
    return serializeLayer(this)
  }
}

/**
 * Makes a model from Keras tensors: `model({ inputs: x, outputs: y })`.
 * What `predict` gives has the structure of `outputs`.
 * @throws GraphError when an output does not reach the inputs, or two layers have one name.
 */
export function model<const S extends TensorStructure>(options: ModelOptions<S> | LegacyModelOptions<S>): Model<Predictions<S>> {
  if ('input' in options || 'output' in options) {
    const { input, output, ...rest } = options as LegacyModelOptions<S>
    if ('inputs' in rest || 'outputs' in rest)
      throw new ArgumentError('model takes inputs and outputs, or input and output, not both spellings')
    return new Model<Predictions<S>>({ ...rest, inputs: input, outputs: output })
  }
  return new Model<Predictions<S>>(options)
}
