// Masking: marks the steps of a sequence that count.

import { ShapeError } from '../ir/errors.js'
import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { Layer, type TracedCall } from './layer.js'
import { number, optional } from './schema.js'

export interface MaskingOptions extends LayerOptions {
  /** A step whose features all have this value is left out; 0 by default. */
  readonly maskValue?: number
}

const schema = { maskValue: optional(number(), () => 0) }

/**
 * A step counts if any of its features differs from maskValue; the others become 0. The mask drops the last axis, and
 * replaces one that arrives. Source: keras/src/layers/core/masking.py.
 */
export class Masking extends Layer {
  static override readonly className = 'Masking'
  static override readonly schema = schema
  override readonly supportsMasking = true
  private readonly options = this.parse(schema)

  constructor(options: MaskingOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    if (input.shape.length < 1) throw new ShapeError('needs an input of rank 1 or more', { input })
  }

  protected override call(inputs: readonly [TracedTensor]): TracedTensor {
    return this.maskAndZero(inputs[0]).output
  }

  protected override callWithMasks([x]: readonly [TracedTensor]): TracedCall {
    const { output, mask } = this.maskAndZero(x)
    return { outputs: [output], masks: [mask] }
  }

  private maskAndZero(x: TracedTensor): { output: TracedTensor; mask: TracedTensor } {
    const mask = K.any(K.notEqual(x, this.options.maskValue), -1)
    const zero = x.builder.constant([0], { dtype: x.dtype, shape: [] })
    return { output: x.builder.emit('select', [K.expandDims(mask, -1), x, zero], {}), mask }
  }
}
