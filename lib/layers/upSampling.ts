// UpSampling1D, UpSampling2D, UpSampling3D: spatial axes grown by whole factors.

import type { ResizeMethod } from '../ir/vocabulary.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import type { PerAxis } from './convolutionOptions.js'
import { dataFormat } from './dataFormat.js'
import { alias, type Field, integer, oneOf, optional } from './schema.js'
import { perAxis, SpatialLayer } from './spatialLayer.js'

export interface UpSampling1DOptions extends LayerOptions {
  /** How often each step is repeated; 2 by default. */
  readonly size?: number
}

const schema1 = {
  size: alias(
    optional(integer({ min: 1 }), () => 2),
    'length',
  ),
}

/** (batch, steps, channels) → (batch, steps · size, channels). Source: keras/src/layers/reshaping/up_sampling1d.py. */
export class UpSampling1D extends SpatialLayer {
  static override readonly className = 'UpSampling1D'
  static override readonly schema = schema1
  private readonly options = this.parse(schema1)
  protected override readonly spatialRank = 1
  protected override readonly dataFormat = 'channels_last'

  constructor(options: UpSampling1DOptions = {}) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return K.repeatElements(x, this.options.size, 1)
  }
}

export interface UpSampling3DOptions extends LayerOptions {
  /** The factor of each spatial axis; 2 by default. */
  readonly size?: PerAxis
  /** Where the channels are; K.imageDataFormat() by default. */
  readonly dataFormat?: K.DataFormat | null
}

export interface UpSampling2DOptions extends UpSampling3DOptions {
  /** How cells between the old ones get their values; `nearest`, the default, repeats them. */
  readonly interpolation?: ResizeMethod
}

const methods = oneOf<ResizeMethod>('nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5')

/** Keras takes any case and writes lower case. */
const interpolation: Field<ResizeMethod> = optional(
  { ...methods, parse: (value, where) => methods.parse(typeof value === 'string' ? value.toLowerCase() : value, where) },
  () => 'nearest',
)

function factors(rank: number): Field<readonly number[]> {
  return optional(perAxis(rank), () => Array.from({ length: rank }, () => 2))
}

const schema2 = { size: factors(2), dataFormat: dataFormat(), interpolation }

/** (batch, rows, columns, channels), or channels first. Source: keras/src/layers/reshaping/up_sampling2d.py. */
export class UpSampling2D extends SpatialLayer {
  static override readonly className = 'UpSampling2D'
  static override readonly schema = schema2
  private readonly options = this.parse(schema2)
  protected override readonly spatialRank = 2
  protected override readonly dataFormat = this.options.dataFormat

  constructor(options: UpSampling2DOptions = {}) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    const [rows, columns] = this.options.size as readonly [number, number]
    return K.resizeImages(x, rows, columns, this.dataFormat, this.options.interpolation)
  }
}

const schema3 = { size: factors(3), dataFormat: dataFormat() }

/** As UpSampling2D over three spatial axes, by repetition. Source: keras/src/layers/reshaping/up_sampling3d.py. */
export class UpSampling3D extends SpatialLayer {
  static override readonly className = 'UpSampling3D'
  static override readonly schema = schema3
  private readonly options = this.parse(schema3)
  protected override readonly spatialRank = 3
  protected override readonly dataFormat = this.options.dataFormat

  constructor(options: UpSampling3DOptions = {}) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    const [first, second, third] = this.options.size as readonly [number, number, number]
    return K.resizeVolumes(x, first, second, third, this.dataFormat)
  }
}
