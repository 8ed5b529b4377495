// Activation: a function of a tensor as a layer.

import type { TracedTensor } from '../ops/builder.js'
import type { LayerOptions } from './baseOptions.js'
import { Layer } from './layer.js'
import { type ActivationLike, type Activation as Parsed, toActivation } from './parts/activations.js'
import type { Field } from './schema.js'

export interface ActivationOptions extends LayerOptions {
  /** A name, a function of a traced tensor, or null for none. */
  readonly activation: ActivationLike
}

/** As the option of other layers, but required. */
const required: Field<Parsed> = { parse: toActivation, toJson: value => value.toJson() }

const schema = { activation: required }

/** Applies an activation function. Source: keras/src/layers/activations/activation.py. */
export class Activation extends Layer {
  static override readonly className = 'Activation'
  static override readonly schema = schema
  override readonly supportsMasking = true
  private readonly options = this.parse(schema)

  constructor(options: ActivationOptions) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return this.options.activation.apply(x)
  }
}
