// Softmax: over one axis or several, leaving out what a mask leaves out.

import { ShapeError } from '../ir/errors.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { type CallContext, Layer } from './layer.js'
import { integer, oneOrMany, optional } from './schema.js'

export interface SoftmaxOptions extends LayerOptions {
  /** One axis, or several taken together; the last by default. */
  readonly axis?: number | readonly number[]
}

/** Stands for −∞ where a whole axis may be masked. */
const large = -1e9

const schema = { axis: optional(oneOrMany(integer()), () => -1) }

/** eˣ / Σ eˣ; masked entries are 0. Source: keras/src/layers/activations/softmax.py. */
export class Softmax extends Layer {
  static override readonly className = 'Softmax'
  static override readonly schema = schema
  override readonly supportsMasking = true
  private readonly options = this.parse(schema)

  constructor(options: SoftmaxOptions = {}) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor], { masks: [mask] }: CallContext): TracedTensor {
    const floats = K.cast(x, 'float32')
    if (!mask) return K.softmax(floats, this.options.axis)
    checkMask(mask, floats)
    const kept = K.where(mask, floats, K.fullLike(floats, large))
    return K.multiply(K.softmax(kept, this.options.axis), K.cast(mask, 'float32'))
  }
}

/** Each size of the mask must be 1 or the input's own, counted from the last. */
function checkMask(mask: TracedTensor, x: TracedTensor): void {
  const offset = x.type.shape.length - mask.type.shape.length
  const fits = offset >= 0 && mask.type.shape.every((size, axis) => size === 1 || size === x.type.shape[axis + offset])
  if (!fits) throw new ShapeError('needs a mask that broadcasts to the input', { mask: mask.type, input: x.type })
}
