// Window reductions: the maximum and the sum of each window over the spatial axes, channel by channel.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type DType, type Size, showType, sizeOf, type TensorType } from '../../ir/types.js'
import type { Windows } from '../../ir/vocabulary.js'
import type { Primitive, Site } from '../op.js'
import { stridesOf } from '../shapes.js'
import { makeValue } from '../values.js'
import { paddings, type Sliding, windowedSizes } from '../windows.js'
import { indices } from './conv.js'

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

function windowReduction<K extends 'window_max' | 'window_sum'>(
  op: K,
  start: (dtype: DType) => number,
  f: (sum: number, x: number) => number,
): Primitive<K, 1> {
  return {
    arity: 1,
    infer: ([x], attrs, site) => windowsType(op, x, attrs, site, ['float32', 'int32']),
    evaluate([x], attrs) {
      const sizes = x.shape.slice(1, -1)
      const [batch, channels] = [x.shape[0] as number, x.shape.at(-1) as number]
      const spatial = windowedSizes(op, slidingWindow(attrs), sizes, x, { fresh: String }) as number[]
      const low = paddings(slidingWindow(attrs), sizes).map(pair => pair[0])
      const out = makeValue(x.dtype, [batch, ...spatial, channels], () => start(x.dtype))
      const steps = stridesOf(sizes)
      const cells = indices(attrs.window)
      const positions = indices(spatial)
      for (let b = 0; b < batch; b++) {
        positions.forEach((position, p) => {
          const to = (b * positions.length + p) * channels
          for (const cell of cells) {
            const places = position.map((at, axis) => at * (attrs.strides[axis] as number) + (cell[axis] as number) - (low[axis] as number))
            if (places.some((place, axis) => place < 0 || place >= (sizes[axis] as number))) continue
            const offset = places.reduce((sum, place, axis) => sum + place * (steps[axis] as number), 0)
            const from = (b * sizeOf(sizes) + offset) * channels
            for (let c = 0; c < channels; c++) out.data[to + c] = f(out.data[to + c] as number, x.data[from + c] as number)
          }
        })
      }
      return out
    },
  }
}

/** The maximum of the cells that exist; NaN wins. */
export const windowMax = windowReduction('window_max', dtype => (dtype === 'int32' ? -2147483648 : -Infinity), Math.max)

/** The sum of the cells that exist. */
export const windowSum = windowReduction(
  'window_sum',
  () => 0,
  (sum, x) => sum + x,
)
