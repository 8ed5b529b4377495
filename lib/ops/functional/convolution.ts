// Convolutions of keras.ops: plain, grouped, dilated, depthwise, separable and transposed, all by the one primitive.

import { ArgumentError, ShapeError } from '../../ir/errors.js'
import type { Size } from '../../ir/types.js'
import type { OpAttrs } from '../../ir/vocabulary.js'
import type { TracedTensor } from '../builder.js'
import { windowOps } from '../rareOps.js'
import { extentOf } from '../windows.js'
import type { DataFormat } from './backend.js'
import { type Operand, promotedPair, toFloat } from './operands.js'
import { named } from './options.js'
import { channelsLast, type PerAxis, perAxis, type SpatialPadding, spatialPadding, spatialRank } from './spatial.js'

export interface ConvOptions {
  /** The distance of neighbouring windows; 1 by default. */
  readonly strides: PerAxis
  /** `valid` by default. */
  readonly padding: SpatialPadding
  /** Where the channels are; null, the default, is what `imageDataFormat()` says. */
  readonly dataFormat: DataFormat | null
  /** The distance of neighbouring taps of the kernel; 1 by default. */
  readonly dilationRate: PerAxis
}

/** The strides, or an options object in their place. */
type ConvArguments = PerAxis | Partial<ConvOptions>

function convOptions(op: string, strides: ConvArguments | undefined): ConvOptions {
  return named<PerAxis, ConvOptions>(op, strides, first => ({
    strides: first ?? 1,
    padding: 'valid',
    dataFormat: null,
    dilationRate: 1,
  }))
}

function convAttrs(op: string, rank: number, { strides, padding, dilationRate }: ConvOptions, groups: number): OpAttrs['conv'] {
  return {
    strides: perAxis(op, 'strides', strides, rank),
    padding: spatialPadding(op, padding, rank),
    inputDilation: Array.from({ length: rank }, () => 1),
    kernelDilation: perAxis(op, 'dilationRate', dilationRate, rank),
    groups,
  }
}

/** The operands as float32, with as many spatial axes in the kernel as in x. */
function convOperands(op: string, x: Operand, kernel: Operand): [x: TracedTensor, kernel: TracedTensor, rank: number] {
  const [a, k] = promotedPair(op, x, kernel, 'float32')
  const rank = spatialRank(op, a)
  if (k.rank !== a.rank) throw new ShapeError(`${op} needs a kernel of rank ${a.rank}`, { x: a.type, kernel: k.type })
  return [a, k, rank]
}

/**
 * Correlates x with a kernel [...taps, channels / groups, filters]; there are as many groups as the channels of x hold
 * those of the kernel. Source: keras.ops.conv.
 */
export function conv(x: Operand, kernel: Operand, strides?: ConvArguments): TracedTensor {
  const options = convOptions('conv', strides)
  const [a, k, rank] = convOperands('conv', x, kernel)
  return channelsLast(a, options.dataFormat, image => {
    const [channels, perGroup] = [image.type.shape.at(-1) as Size, k.type.shape.at(-2) as Size]
    const groups = typeof channels === 'number' && typeof perGroup === 'number' ? channels / perGroup : 1
    if (!Number.isInteger(groups)) {
      throw new ShapeError(`conv: ${channels} channels are no multiple of the kernel's ${perGroup}`, { x: a.type, kernel: k.type })
    }
    return image.builder.emitFrom(windowOps, 'conv', [image, k], convAttrs('conv', rank, options, groups))
  })
}

/** Correlates each channel with kernels of its own, [...taps, channels, multiplier]. Source: keras.ops.depthwise_conv. */
export function depthwiseConv(x: Operand, kernel: Operand, strides?: ConvArguments): TracedTensor {
  const options = convOptions('depthwiseConv', strides)
  const [a, k, rank] = convOperands('depthwiseConv', x, kernel)
  return channelsLast(a, options.dataFormat, image => depthwise('depthwiseConv', image, k, rank, options))
}

function depthwise(op: string, image: TracedTensor, kernel: TracedTensor, rank: number, options: ConvOptions): TracedTensor {
  const [channels, multiplier] = kernel.type.shape.slice(-2)
  if (typeof channels !== 'number' || typeof multiplier !== 'number' || image.type.shape.at(-1) !== channels) {
    throw new ShapeError(`${op} needs a kernel [...taps, channels, multiplier] for the channels of x`, {
      x: image.type,
      kernel: kernel.type,
    })
  }
  const grouped = kernel.builder.emit('reshape', [kernel], { shape: [...kernel.type.shape.slice(0, -2), 1, channels * multiplier] })
  return image.builder.emitFrom(windowOps, 'conv', [image, grouped], convAttrs(op, rank, options, channels))
}

/**
 * depthwiseConv, then a conv with a kernel of one tap, [...1, channels · multiplier, filters].
 * Source: keras.ops.separable_conv.
 */
export function separableConv(x: Operand, depthwiseKernel: Operand, pointwiseKernel: Operand, strides?: ConvArguments): TracedTensor {
  const options = convOptions('separableConv', strides)
  const [a, k, rank] = convOperands('separableConv', x, depthwiseKernel)
  const pointwise = toFloat('separableConv', pointwiseKernel)
  return channelsLast(a, options.dataFormat, image =>
    conv(depthwise('separableConv', image, k, rank, options), pointwise, { dataFormat: 'channels_last' }),
  )
}

export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  readonly padding: 'valid' | 'same'
  /** Cells that the result has beyond the least; null, the default, gives size · strides with `same` and all windows with `valid`. */
  readonly outputPadding: PerAxis | null
}

/**
 * The gradient of a conv by its input, with a kernel [...taps, filters, channels]: x with zeros between its cells,
 * correlated with the kernel turned round. Source: keras.ops.conv_transpose.
 */
export function convTranspose(x: Operand, kernel: Operand, strides?: PerAxis | Partial<ConvTransposeOptions>): TracedTensor {
  const op = 'convTranspose'
  const options = named<PerAxis, ConvTransposeOptions>(op, strides, first => ({
    strides: first ?? 1,
    padding: 'valid',
    outputPadding: null,
    dataFormat: null,
    dilationRate: 1,
  }))
  const [a, k, rank] = convOperands(op, x, kernel)
  const steps = perAxis(op, 'strides', options.strides, rank)
  const dilation = perAxis(op, 'dilationRate', options.dilationRate, rank)
  const added = options.outputPadding === null ? null : perAxis(op, 'outputPadding', options.outputPadding, rank, 0)
  if (options.padding !== 'valid' && options.padding !== 'same')
    throw new ArgumentError(`${op}: padding should be "valid" or "same", got ${JSON.stringify(options.padding)}`)
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  const padding = axes.map(axis => {
    const extent = extentOf(k.type.shape[axis] as number, dilation[axis] as number)
    return transposedPadding(extent, steps[axis] as number, options.padding, added?.[axis] ?? null)
  })
  const turned = k.builder.emit('reverse', [k], { axes })
  const swapped = k.builder.emit('transpose', [turned], { perm: [...axes, rank + 1, rank] })
  const attrs = { strides: axes.map(() => 1), padding, inputDilation: steps, kernelDilation: dilation, groups: 1 }
  return channelsLast(a, options.dataFormat, image => image.builder.emitFrom(windowOps, 'conv', [image, swapped], attrs))
}

/**
 * The padding of the dilated operand. With `same`, what is odd goes before, as far as the kernel reaches.
 * Source: keras/src/backend/common/backend_utils.py.
 */
function transposedPadding(extent: number, stride: number, padding: 'valid' | 'same', added: number | null): readonly [number, number] {
  if (padding === 'valid') return [extent - 1, extent - 1 + (added ?? Math.max(stride - extent, 0))]
  const total = added === null ? stride + extent - 2 : extent + (extent % 2) - 2 + added
  const low = Math.min(Math.ceil(total / 2), extent - 1)
  return [low, total - low]
}
