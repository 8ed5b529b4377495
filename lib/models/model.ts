// Model: the functional model, from input tensors to output tensors of the layer record.

import { ArgumentError, GraphError } from '../ir/errors.js'
import type { NDArray } from '../ir/ndarray.js'
import { aBoolean, anything, aString, checkOptions, type OptionKind } from '../ir/options.js'
import { readOptions } from '../layers/baseOptions.js'
import type { Json } from '../layers/schema.js'
import { allOrNothing } from '../layers/undo.js'
import { BaseModel } from './baseModel.js'
import { startFromInputs } from './middle.js'
import { type LayerRecord, refuseDroppedMasks, walkBack } from './record.js'
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

const optionKinds = {
  inputs: anything,
  outputs: anything,
  name: aString,
  trainable: aBoolean,
  strictMasking: aBoolean,
} as const satisfies Record<keyof ModelOptions, OptionKind>

/** What Keras 1 and the seed page call the same. */
export interface LegacyModelOptions<S extends TensorStructure = TensorStructure> extends Omit<ModelOptions<S>, 'inputs' | 'outputs'> {
  readonly input: TensorStructure
  readonly output: S
}

export class Model<R = NDArray> extends BaseModel<R> {
  static override readonly className = 'Functional'
  override readonly record: LayerRecord
  protected override readonly outputStructure: Flat
  protected override readonly inputStructure: Flat
  protected override readonly strictMasking: boolean

  /** @throws GraphError when an output does not reach the inputs, or two layers have one name. */
  constructor(given: ModelOptions) {
    checkOptions('model', given, optionKinds)
    const { inputs, outputs, strictMasking = false, ...options } = given
    const [flatInputs, flatOutputs] = [flatten(inputs, 'model: inputs'), flatten(outputs, 'model: outputs')]
    const owner = options.name ? `model "${options.name}"` : 'model'
    const twice = flatInputs.tensors.find((tensor, k) => flatInputs.tensors.indexOf(tensor) !== k)
    if (twice) throw new GraphError(`${owner}: input "${twice.name}" is given twice`)
    readOptions(new.target.kind, new.target.className, new.target.schema, options) // refused before any layer is called again
    const record = allOrNothing(() => {
      const ends = startFromInputs({ inputs: flatInputs.tensors, outputs: flatOutputs.tensors }, owner)
      const made = walkBack(ends.inputs, ends.outputs, owner)
      if (strictMasking) refuseDroppedMasks(made.calls, owner)
      return made
    })
    super(options)
    this.strictMasking = strictMasking
    this.record = record
    this.inputStructure = { ...flatInputs, tensors: record.inputs }
    this.outputStructure = { ...flatOutputs, tensors: record.outputs }
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
  checkOptions('model', options, { ...optionKinds, input: anything, output: anything })
  if ('input' in options || 'output' in options) {
    const { input, output, ...rest } = options as LegacyModelOptions<S>
    if ('inputs' in rest || 'outputs' in rest)
      throw new ArgumentError('model takes inputs and outputs, or input and output, not both spellings')
    return new Model<Predictions<S>>({ ...rest, inputs: input, outputs: output })
  }
  return new Model<Predictions<S>>(options)
}
