// Pooling of keras.ops, and Keras 2's growing of images and volumes.

import { ArgumentError } from '../../ir/errors.js'
import type { ResizeMethod, Windows } from '../../ir/vocabulary.js'
import type { TracedTensor } from '../builder.js'
import { windowOps } from '../rareOps.js'
import type { DataFormat } from './backend.js'
import { type Operand, toFloat, toTensor } from './operands.js'
import { named } from './options.js'
import { channelsLast, type PerAxis, perAxis, type SpatialPadding, spatialPadding, spatialRank } from './spatial.js'

export interface PoolOptions {
  /** The distance of neighbouring windows; null, the default, is the window's own size. */
  readonly strides: PerAxis | null
  /** `valid` by default. */
  readonly padding: SpatialPadding
  /** Where the channels are; null, the default, is what `imageDataFormat()` says. */
  readonly dataFormat: DataFormat | null
}

/** The strides, or an options object in their place. */
type PoolArguments = PerAxis | null | Partial<PoolOptions>

function pool(
  name: string,
  op: 'window_max' | 'avg_pool',
  x: Operand,
  poolSize: PerAxis,
  strides: PoolArguments | undefined,
): TracedTensor {
  const options = named<PerAxis | null, PoolOptions>(name, strides, first => ({
    strides: first ?? null,
    padding: 'valid',
    dataFormat: null,
  }))
  const a = toFloat(name, x)
  const rank = spatialRank(name, a)
  const attrs: Windows = {
    window: perAxis(name, 'poolSize', poolSize, rank),
    strides: perAxis(name, 'strides', options.strides ?? poolSize, rank),
    padding: spatialPadding(name, options.padding, rank),
  }
  return channelsLast(a, options.dataFormat, image => image.builder.emitFrom(windowOps, op, [image], attrs))
}

/** The greatest value of each window; cells beyond the border do not count. Source: keras.ops.max_pool. */
export function maxPool(x: Operand, poolSize: PerAxis, strides?: PoolArguments): TracedTensor {
  return pool('maxPool', 'window_max', x, poolSize, strides)
}

/** The mean of each window; cells beyond the border do not count. Source: keras.ops.average_pool. */
export function averagePool(x: Operand, poolSize: PerAxis, strides?: PoolArguments): TracedTensor {
  return pool('averagePool', 'avg_pool', x, poolSize, strides)
}

const methods: readonly ResizeMethod[] = ['nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5']

function grow(op: string, x: Operand, factors: readonly number[], dataFormat: DataFormat | null, method: ResizeMethod): TracedTensor {
  if (!methods.includes(method)) throw new ArgumentError(`${op}: interpolation should be one of ${methods.join(', ')}, got "${method}"`)
  const a = method === 'nearest' ? toTensor(op, x) : toFloat(op, x)
  const attrs = { factors: perAxis(op, 'the factors', factors, spatialRank(op, a)), method }
  return channelsLast(a, dataFormat, image => image.builder.emitFrom(windowOps, 'resize', [image], attrs))
}

/** Keras 2's K.resize_images: rows and columns grown by whole factors. */
export function resizeImages(
  x: Operand,
  heightFactor: number,
  widthFactor: number,
  dataFormat: DataFormat | null = null,
  interpolation: ResizeMethod = 'nearest',
): TracedTensor {
  return grow('resizeImages', x, [heightFactor, widthFactor], dataFormat, interpolation)
}

/** Keras 2's K.resize_volumes: each cell of a volume repeated along three axes. */
export function resizeVolumes(
  x: Operand,
  depthFactor: number,
  heightFactor: number,
  widthFactor: number,
  dataFormat: DataFormat | null = null,
): TracedTensor {
  return grow('resizeVolumes', x, [depthFactor, heightFactor, widthFactor], dataFormat, 'nearest')
}
