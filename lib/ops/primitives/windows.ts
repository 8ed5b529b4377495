// Window reductions: the maximum and the sum of each window over the spatial axes, channel by channel.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type DType, type Size, showType, type TensorType } from '../../ir/types.js'
import type { Windows } from '../../ir/vocabulary.js'
import type { Primitive, Site } from '../op.js'
import { type Sliding, windowedSizes } from '../windows.js'

export function slidingWindow({ window, strides, padding }: Windows): Sliding {
  return { extents: window, strides, padding }
}

/**
 * The type of windows over [batch, ...spatial, channels].
 * @throws DTypeError for what are no numbers, ShapeError where no window fits.
 */
export function windowsType(op: string, x: TensorType, attrs: Windows, site: Site, domain: readonly DType[]): TensorType {
  if (!domain.includes(x.dtype)) throw new DTypeError(`${op} needs ${domain.join(' or ')}, got ${showType(x)}`, { x }, 'cast() converts')
  if (x.shape.length < 3) throw new ShapeError(`${op} needs an operand [batch, ...spatial, channels]`, { x })
  const spatial = windowedSizes(op, slidingWindow(attrs), x.shape.slice(1, -1), x, site)
  return { dtype: x.dtype, shape: [x.shape[0] as Size, ...spatial, x.shape.at(-1) as Size] }
}

function windowReduction<K extends 'window_max' | 'window_sum'>(op: K): Primitive<K, 1> {
  return { arity: 1, infer: ([x], attrs, site) => windowsType(op, x, attrs, site, ['float32', 'int32']) }
}

/** The maximum of the cells that exist; NaN wins. */
export const windowMax = windowReduction('window_max')

/** The sum of the cells that exist. */
export const windowSum = windowReduction('window_sum')
