// GlobalMaxPooling and GlobalAveragePooling: one value per channel, over all spatial axes.

import { ShapeError } from '../ir/errors.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { dataFormat } from './dataFormat.js'
import type { CallContext } from './layer.js'
import { boolean, optional } from './schema.js'
import { SpatialLayer } from './spatialLayer.js'

export interface GlobalPoolingOptions extends LayerOptions {
  /** Where the channels are; K.imageDataFormat() by default. */
  readonly dataFormat?: K.DataFormat | null
  /** Whether the spatial axes stay, with size 1; false by default. */
  readonly keepdims?: boolean
}

const schema = { dataFormat: dataFormat(), keepdims: optional(boolean(), () => false) }

abstract class GlobalPooling extends SpatialLayer {
  static override readonly schema = schema
  protected readonly options = this.parse(schema)
  protected abstract readonly reduce: typeof K.max

  constructor(options: GlobalPoolingOptions = {}) {
    super(options)
  }

  protected override get dataFormat(): K.DataFormat {
    return this.options.dataFormat
  }

  protected get spatialAxes(): number[] {
    return Array.from({ length: this.spatialRank }, (_, k) => this.firstSpatialAxis + k)
  }

  protected override call([x]: readonly [TracedTensor], _context: CallContext): TracedTensor {
    return this.reduce(x, this.spatialAxes, this.options.keepdims)
  }
}

/** The greatest value of each channel. */
abstract class GlobalMaxPooling extends GlobalPooling {
  protected override readonly reduce = K.max
}

/** The mean of each channel, as float32. */
abstract class GlobalAveragePooling extends GlobalPooling {
  protected override readonly reduce = K.mean
}

/** Source: keras/src/layers/pooling/global_max_pooling1d.py. */
export class GlobalMaxPooling1D extends GlobalMaxPooling {
  static override readonly className = 'GlobalMaxPooling1D'
  protected override readonly spatialRank = 1
}

/** Source: keras/src/layers/pooling/global_max_pooling2d.py. */
export class GlobalMaxPooling2D extends GlobalMaxPooling {
  static override readonly className = 'GlobalMaxPooling2D'
  protected override readonly spatialRank = 2
}

/** Source: keras/src/layers/pooling/global_max_pooling3d.py. */
export class GlobalMaxPooling3D extends GlobalMaxPooling {
  static override readonly className = 'GlobalMaxPooling3D'
  protected override readonly spatialRank = 3
}

/**
 * The mean over the steps that a mask keeps (of none, NaN as in Keras); the mask ends here.
 * Source: keras/src/layers/pooling/global_average_pooling1d.py.
 */
export class GlobalAveragePooling1D extends GlobalAveragePooling {
  static override readonly className = 'GlobalAveragePooling1D'
  protected override readonly spatialRank = 1
  override readonly supportsMasking = true

  protected override call(inputs: readonly [TracedTensor], context: CallContext): TracedTensor {
    const [[x], [mask]] = [inputs, context.masks]
    if (!mask) return super.call(inputs, context)
    if (mask.rank !== 2) throw new ShapeError('needs a mask with a batch axis and steps', { mask: mask.type, input: x.type })
    const [axes, keepdims] = [this.spatialAxes, this.options.keepdims]
    const steps = K.expandDims(mask, this.channelAxis)
    const kept = K.where(steps, x, K.zerosLike(x))
    return K.divide(K.sum(kept, axes, keepdims), K.sum(K.cast(steps, 'float32'), axes, keepdims))
  }

  protected override computeMask(): readonly null[] {
    return []
  }
}

/** Source: keras/src/layers/pooling/global_average_pooling2d.py. */
export class GlobalAveragePooling2D extends GlobalAveragePooling {
  static override readonly className = 'GlobalAveragePooling2D'
  protected override readonly spatialRank = 2
}

/** Source: keras/src/layers/pooling/global_average_pooling3d.py. */
export class GlobalAveragePooling3D extends GlobalAveragePooling {
  static override readonly className = 'GlobalAveragePooling3D'
  protected override readonly spatialRank = 3
}
