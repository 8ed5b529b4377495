// Concatenate: joins a list of tensors along an axis.

import { ShapeError } from '../ir/errors.js'
import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { Layer } from './layer.js'
import { integer, optional } from './schema.js'

export interface ConcatenateOptions extends LayerOptions {
  /** Counted with the batch axis; the last by default. */
  readonly axis?: number
}

const schema = { axis: optional(integer(), () => -1) }

/**
 * Joins tensors that agree on all other axes; dtypes are promoted. If any input has a mask, those without count in full.
 * Source: keras/src/layers/merging/concatenate.py.
 */
export class Concatenate extends Layer {
  static override readonly className = 'Concatenate'
  static override readonly schema = schema
  override readonly supportsMasking = true
  protected override readonly takesList = true
  private readonly options = this.parse(schema)

  constructor(options: ConcatenateOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    if (inputs.length < 1) throw new ShapeError('should be called on a list of at least 1 tensor')
  }

  protected override call(inputs: readonly TracedTensor[]): TracedTensor {
    return K.concatenate(inputs, this.options.axis)
  }

  protected override computeMask(
    inputs: readonly TracedTensor[],
    masks: readonly (TracedTensor | null)[],
    outputs: readonly TracedTensor[],
  ): readonly (TracedTensor | null)[] {
    if (masks.every(mask => mask === null)) return outputs.map(() => null)
    const entries = inputs.map((input, k) => overEntries(masks[k] ?? null, input))
    return [K.any(K.concatenate(entries, this.options.axis), -1)]
  }
}

/** A mask of steps, of entries, or none, as a mask of entries. */
function overEntries(mask: TracedTensor | null, x: TracedTensor): TracedTensor {
  if (!mask) return K.onesLike(x, 'bool')
  const missing = x.type.shape.length - mask.type.shape.length
  if (missing === 0) return mask
  if (missing > 1) throw new ShapeError('needs masks with at most one axis less than their tensors', { mask: mask.type, input: x.type })
  return K.broadcastTo(K.expandDims(mask, -1), x.type.shape)
}
