// What window reductions compute: for each position, the cells that exist, channel by channel.

import { type DType, sizeOf } from '../../ir/types.js'
import type { Evaluate } from '../op.js'
import { slidingWindow } from '../primitives/windows.js'
import { stridesOf } from '../shapes.js'
import { makeValue } from '../values.js'
import { paddings, windowedSizes } from '../windows.js'
import { indices } from './conv.js'

function windowReduction<K extends 'window_max' | 'window_sum'>(
  op: K,
  start: (dtype: DType) => number,
  f: (sum: number, x: number) => number,
): Evaluate<K, 1> {
  return ([x], attrs) => {
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
  }
}

export const windowMax = windowReduction('window_max', dtype => (dtype === 'int32' ? -2147483648 : -Infinity), Math.max)

export const windowSum = windowReduction(
  'window_sum',
  () => 0,
  (sum, x) => sum + x,
)
