// conv: XLA's general convolution, which plain, depthwise, grouped, dilated and transposed convolutions all are.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type Size, showType, type TensorType } from '../../ir/types.js'
import type { OpAttrs } from '../../ir/vocabulary.js'
import type { Primitive } from '../op.js'
import { extentOf, type Sliding, windowedSizes } from '../windows.js'

type ConvAttrs = OpAttrs['conv']

/** The kernel of a convolution as what slides. */
export function convSliding(kernel: readonly number[], { strides, padding, kernelDilation }: ConvAttrs): Sliding {
  return { extents: kernel.slice(0, -2).map((taps, axis) => extentOf(taps, kernelDilation[axis] as number)), strides, padding }
}

/** The spatial sizes with the zeros that input dilation puts between elements. */
export function dilated(spatial: readonly Size[], { inputDilation }: ConvAttrs, fresh: (axis: number) => string): Size[] {
  return spatial.map((size, axis) => {
    const dilation = inputDilation[axis] as number
    if (dilation === 1) return size
    return typeof size === 'number' ? extentOf(size, dilation) : fresh(axis + 1)
  })
}

function checkConv(x: TensorType, kernel: TensorType, { groups, inputDilation, kernelDilation }: ConvAttrs): void {
  if (x.dtype !== 'float32' || kernel.dtype !== 'float32') {
    throw new DTypeError(`conv needs float32, got ${showType(x)} and ${showType(kernel)}`, { x, kernel }, 'cast() converts')
  }
  const rank = x.shape.length
  if (rank < 3 || kernel.shape.length !== rank) {
    throw new ShapeError('conv needs an operand [batch, ...spatial, channels] and a kernel [...taps, channels / groups, filters]', {
      x,
      kernel,
    })
  }
  if (inputDilation.length !== rank - 2 || kernelDilation.length !== rank - 2)
    throw new ShapeError(`conv: dilations need an entry for each of ${rank - 2} spatial axes`, { x, kernel })
  const [channels, perGroup, filters] = [x.shape.at(-1), kernel.shape.at(-2), kernel.shape.at(-1)]
  if (kernel.shape.some(size => typeof size !== 'number')) throw new ShapeError('conv needs a kernel whose sizes are known', { kernel })
  if (groups < 1 || (filters as number) % groups !== 0)
    throw new ShapeError(`conv: ${groups} groups do not divide ${filters} filters`, { x, kernel })
  if (typeof channels === 'number' && channels !== (perGroup as number) * groups) {
    throw new ShapeError(`conv: ${channels} channels in ${groups} groups need a kernel of ${channels / groups} channels, not ${perGroup}`, {
      x,
      kernel,
    })
  }
}

/**
 * [batch, ...spatial, channels] * [...taps, channels / groups, filters] → [batch, ...positions, filters]: a correlation,
 * as every deep-learning library calls it. Filters are in the order of the groups.
 * Source: XLA's ConvWithGeneralPadding (https://openxla.org/xla/operation_semantics).
 */
export const conv: Primitive<'conv', 2> = {
  arity: 2,
  infer([x, kernel], attrs, site) {
    checkConv(x, kernel, attrs)
    const sliding = convSliding(kernel.shape as readonly number[], attrs)
    const spatial = windowedSizes('conv', sliding, dilated(x.shape.slice(1, -1), attrs, site.fresh), x, site)
    return { dtype: x.dtype, shape: [x.shape[0] as Size, ...spatial, kernel.shape.at(-1) as Size] }
  },
}
