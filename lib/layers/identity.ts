// Identity and ActivityRegularization: layers that give back their input.

import type { TracedTensor } from '../ops/builder.js'
import type { LayerOptions } from './baseOptions.js'
import { Layer } from './layer.js'
import { L1L2, type Regularizer } from './parts/regularizers.js'
import { type Field, number, optional } from './schema.js'

/** Gives back its input. Source: keras/src/layers/core/identity.py. */
export class Identity extends Layer {
  static override readonly className = 'Identity'
  override readonly supportsMasking = true

  constructor(options: LayerOptions = {}) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return x
  }
}

export interface ActivityRegularizationOptions extends LayerOptions {
  /** The factor of Σ |x|; 0 by default. */
  readonly l1?: number
  /** The factor of Σ x²; 0 by default. */
  readonly l2?: number
}

function factor(): Field<number> {
  const field = number({ min: 0 })
  return optional({ ...field, parse: (value, where) => (value === null ? 0 : field.parse(value, where)) }, () => 0)
}

const schema = { l1: factor(), l2: factor() }

/**
 * Gives back its input and adds (l1 · Σ |x| + l2 · Σ x²) / batch size to the losses.
 * Source: keras/src/layers/regularization/activity_regularization.py.
 */
export class ActivityRegularization extends Layer {
  static override readonly className = 'ActivityRegularization'
  static override readonly schema = schema
  override readonly supportsMasking = true
  private readonly options = this.parse(schema)
  private readonly penalty = new L1L2(this.options)

  constructor(options: ActivityRegularizationOptions = {}) {
    super(options)
  }

  protected override get activityRegularizer(): Regularizer {
    return this.penalty
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return x
  }
}
