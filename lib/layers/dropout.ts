// Dropout and its spatial forms: in training, zeroes entries or whole feature maps and scales up the others.

import { ShapeError } from '../ir/errors.js'
import type { Shape, Size, TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import { randomOps } from '../ops/rareOps.js'
import type { LayerOptions } from './baseOptions.js'
import { dataFormat } from './dataFormat.js'
import type { CallContext } from './layer.js'
import { nextSeed } from './parts/random.js'
import { RandomLayer, seed } from './randomLayer.js'
import { alias, type Field, integer, type Json, list, nullable, number, only } from './schema.js'

/** The part of entries that is dropped, from 0 to 1. */
function rate(): Field<number> {
  return alias(number({ min: 0, max: 1 }), 'p')
}

/** What all forms share: entries or parts of the input become 0. */
abstract class BaseDropout extends RandomLayer {
  protected abstract readonly options: { readonly rate: number }

  /** The shape of the mask, which broadcasts over the input. */
  protected abstract noiseShape(input: TensorType): Shape

  protected override call([x]: readonly [TracedTensor], context: CallContext): TracedTensor {
    const { rate } = this.options
    const shape = this.noiseShape(x.type)
    if (rate === 0) return x
    const floats = K.cast(x, 'float32')
    const dropped = x.builder.emitFrom(randomOps, 'dropout', [floats, ...this.nextDraw(context)], { rate, shape })
    return context.phase(dropped, floats)
  }
}

export interface DropoutOptions extends LayerOptions {
  /** The part of entries to drop, from 0 to 1. */
  readonly rate: number
  /** The shape of the mask, batch axis included: 1 drops along a whole axis, null is the input's own size. */
  readonly noiseShape?: readonly (number | null)[] | null
  readonly seed?: number | null
}

/** Sizes of a mask; null is the input's own. */
export function noiseShapeField(): Field<readonly (number | null)[] | null> {
  return nullable(list(nullable(integer({ min: 1 }))))
}

const dropoutSchema = { rate: rate(), seed: seed(), noiseShape: noiseShapeField() }

/**
 * In training, entries become 0 with probability `rate` and the others x / (1 − rate); else x. Integers become float32.
 * Source: keras/src/layers/regularization/dropout.py.
 */
export class Dropout extends BaseDropout {
  static override readonly className = 'Dropout'
  static override readonly schema = dropoutSchema
  protected override readonly options = this.parse(dropoutSchema)
  protected override readonly streamSeed = this.options.seed ?? nextSeed()

  constructor(options: DropoutOptions) {
    super(options)
  }

  protected override noiseShape(input: TensorType): Shape {
    return noiseSizes(this.options.noiseShape, input)
  }
}

/** The shape of a mask for the input. @throws ShapeError unless it broadcasts. */
export function noiseSizes(noiseShape: readonly (number | null)[] | null, input: TensorType): Shape {
  if (!noiseShape) return input.shape
  const offset = input.shape.length - noiseShape.length
  const noise = noiseShape.map((size, axis) => size ?? input.shape[axis + offset] ?? 1)
  const fits = offset >= 0 && noise.every((size, axis) => size === 1 || mayEqual(size, input.shape[axis + offset] as Size))
  if (!fits) throw new ShapeError(`noiseShape [${noiseShape.join(', ')}] does not broadcast to the input`, { input })
  return noise
}

function mayEqual(a: Size, b: Size): boolean {
  return a === b || typeof a === 'string' || typeof b === 'string'
}

export interface SpatialDropoutOptions extends LayerOptions {
  /** The part of feature maps to drop, from 0 to 1. */
  readonly rate: number
  readonly seed?: number | null
}

export interface SpatialDropoutImageOptions extends SpatialDropoutOptions {
  /** Where the channels are; K.imageDataFormat() by default. */
  readonly dataFormat?: K.DataFormat | null
}

const noNoise = 'the feature maps decide it'
const spatialSchema = { rate: rate(), seed: seed(), noiseShape: only(null, noNoise) }
const imageSchema = { ...spatialSchema, dataFormat: dataFormat() }

/** Drops whole feature maps of an input of a certain rank: the mask has size 1 on every axis but batch and channels. */
abstract class SpatialDropout extends BaseDropout {
  protected abstract readonly inputRank: number
  protected abstract readonly channelAxis: number

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    if (input.shape.length !== this.inputRank) throw new ShapeError(`needs an input of rank ${this.inputRank}`, { input })
  }

  protected override noiseShape({ shape }: TensorType): Shape {
    return shape.map((size, axis) => (axis === 0 || axis === this.channelAxis ? size : 1))
  }

  /** Keras 3 writes the dtype as a plain name and no `trainable`, which it would not take back. */
  override getConfig(): Record<string, Json> {
    const { trainable: _, ...config } = super.getConfig()
    return { ...config, dtype: this.dtype }
  }
}

/** Dropout of whole channels of (batch, steps, channels). Source: keras/src/layers/regularization/spatial_dropout.py. */
export class SpatialDropout1D extends SpatialDropout {
  static override readonly className = 'SpatialDropout1D'
  static override readonly schema = spatialSchema
  protected override readonly options = this.parse(spatialSchema)
  protected override readonly streamSeed = this.options.seed ?? nextSeed()
  protected override readonly inputRank = 3
  protected override readonly channelAxis = 2

  constructor(options: SpatialDropoutOptions) {
    super(options)
  }
}

/** Dropout of whole channels of images, (batch, rows, columns, channels) or channels first. */
export class SpatialDropout2D extends SpatialDropout {
  static override readonly className = 'SpatialDropout2D'
  static override readonly schema = imageSchema
  protected override readonly options = this.parse(imageSchema)
  protected override readonly streamSeed = this.options.seed ?? nextSeed()
  protected override readonly inputRank = 4
  protected override readonly channelAxis = this.options.dataFormat === 'channels_last' ? 3 : 1

  constructor(options: SpatialDropoutImageOptions) {
    super(options)
  }
}

/** Dropout of whole channels of volumes, (batch, dim1, dim2, dim3, channels) or channels first. */
export class SpatialDropout3D extends SpatialDropout {
  static override readonly className = 'SpatialDropout3D'
  static override readonly schema = imageSchema
  protected override readonly options = this.parse(imageSchema)
  protected override readonly streamSeed = this.options.seed ?? nextSeed()
  protected override readonly inputRank = 5
  protected override readonly channelAxis = this.options.dataFormat === 'channels_last' ? 4 : 1

  constructor(options: SpatialDropoutImageOptions) {
    super(options)
  }
}
