// MaxPooling and AveragePooling over one to three spatial axes.

import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import type { PerAxis } from './convolutionOptions.js'
import { dataFormat } from './dataFormat.js'
import { alias, type Field, nullable, oneOf, optional } from './schema.js'
import { perAxis, SpatialLayer } from './spatialLayer.js'

export interface PoolingOptions extends LayerOptions {
  /** The size of the window along each spatial axis; 2 by default. */
  readonly poolSize?: PerAxis
  /** The distance of neighbouring windows; poolSize by default. */
  readonly strides?: PerAxis | null
  /** `valid` (the default) uses whole windows only; `same` gives ⌈size / stride⌉ of them. */
  readonly padding?: 'valid' | 'same'
  /** Where the channels are; K.imageDataFormat() by default. */
  readonly dataFormat?: K.DataFormat | null
}

/** The older names of options of one-dimensional pooling. */
function older<T>(field: Field<T>, rank: number, name: string): Field<T> {
  return rank === 1 ? alias(field, name) : field
}

function poolingSchema(rank: number) {
  const size = perAxis(rank)
  return {
    poolSize: older(
      optional(size, () => Array.from({ length: rank }, () => 2)),
      rank,
      'poolLength',
    ),
    strides: older(nullable(size), rank, 'stride'),
    padding: alias(
      optional(oneOf('valid', 'same'), () => 'valid' as const),
      'borderMode',
    ),
    dataFormat: dataFormat(),
  }
}

const schema1 = poolingSchema(1)
const schema2 = poolingSchema(2)
const schema3 = poolingSchema(3)

/** Makes one value of each window, channel by channel; integers become float32. */
abstract class Pooling extends SpatialLayer {
  private readonly options = this.parse(schema1)
  protected abstract readonly pool: typeof K.maxPool

  constructor(options: PoolingOptions = {}) {
    super(options)
  }

  protected override get spatialRank(): number {
    return this.options.poolSize.length
  }

  protected override get dataFormat(): K.DataFormat {
    return this.options.dataFormat
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    const { poolSize, strides, padding, dataFormat } = this.options
    return this.pool(x, poolSize, { strides, padding, dataFormat })
  }

  /** Keras writes the strides that it takes for null. */
  override getConfig() {
    return { ...super.getConfig(), strides: this.options.strides ?? this.options.poolSize }
  }
}

/** The greatest value of each window. */
abstract class MaxPooling extends Pooling {
  protected override readonly pool = K.maxPool
}

/** The mean of each window's cells inside the input. */
abstract class AveragePooling extends Pooling {
  protected override readonly pool = K.averagePool
}

/** Source: keras/src/layers/pooling/max_pooling1d.py. */
export class MaxPooling1D extends MaxPooling {
  static override readonly className = 'MaxPooling1D'
  static override readonly schema = schema1
}

/** Source: keras/src/layers/pooling/max_pooling2d.py. */
export class MaxPooling2D extends MaxPooling {
  static override readonly className = 'MaxPooling2D'
  static override readonly schema = schema2
}

/** Source: keras/src/layers/pooling/max_pooling3d.py. */
export class MaxPooling3D extends MaxPooling {
  static override readonly className = 'MaxPooling3D'
  static override readonly schema = schema3
}

/** Source: keras/src/layers/pooling/average_pooling1d.py. */
export class AveragePooling1D extends AveragePooling {
  static override readonly className = 'AveragePooling1D'
  static override readonly schema = schema1
}

/** Source: keras/src/layers/pooling/average_pooling2d.py. */
export class AveragePooling2D extends AveragePooling {
  static override readonly className = 'AveragePooling2D'
  static override readonly schema = schema2
}

/** Source: keras/src/layers/pooling/average_pooling3d.py. */
export class AveragePooling3D extends AveragePooling {
  static override readonly className = 'AveragePooling3D'
  static override readonly schema = schema3
}
