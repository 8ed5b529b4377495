// What conv computes: for each position and tap, the channels of a cell times a slice of the kernel.

import { sizeOf } from '../../ir/types.js'
import type { Evaluate, Value } from '../op.js'
import { convSliding, dilated } from '../primitives/conv.js'
import { stridesOf } from '../shapes.js'
import { makeValue } from '../values.js'
import { paddings, windowedSizes } from '../windows.js'

export const conv: Evaluate<'conv', 2> = ([x, kernel], attrs) => {
  const { strides, inputDilation, kernelDilation, groups } = attrs
  const sizes = x.shape.slice(1, -1)
  const sliding = convSliding(kernel.shape, attrs)
  const wide = dilated(sizes, attrs, String) as number[]
  const low = paddings(sliding, wide).map(pair => pair[0])
  const spatial = windowedSizes('conv', sliding, wide, x, { fresh: String }) as number[]
  const [batch, channels, perGroup, filters] = [x.shape[0], x.shape.at(-1), kernel.shape.at(-2), kernel.shape.at(-1)] as number[]
  const out = makeValue('float32', [batch as number, ...spatial, filters as number])
  const steps = stridesOf(sizes)
  const taps = indices(kernel.shape.slice(0, -2))
  const positions = indices(spatial)
  const image = sizeOf(sizes) * (channels as number)
  const group = { perGroup: perGroup as number, filters: filters as number, groups }
  for (let b = 0; b < (batch as number); b++) {
    positions.forEach((position, p) => {
      const to = (b * positions.length + p) * (filters as number)
      taps.forEach((tap, t) => {
        let at = 0
        for (let axis = 0; axis < sizes.length; axis++) {
          const cell =
            (position[axis] as number) * (strides[axis] as number) +
            (tap[axis] as number) * (kernelDilation[axis] as number) -
            (low[axis] as number)
          const dilation = inputDilation[axis] as number
          if (cell < 0 || cell % dilation !== 0 || cell / dilation >= (sizes[axis] as number)) return
          at += (cell / dilation) * (steps[axis] as number)
        }
        accumulate(out, to, x, b * image + at * (channels as number), kernel, t * (perGroup as number) * (filters as number), group)
      })
    })
  }
  return out
}

interface Groups {
  readonly perGroup: number
  readonly filters: number
  readonly groups: number
}

/** Adds one tap: the channels of a cell times a slice of the kernel, group by group. */
function accumulate(
  out: Value,
  to: number,
  x: Value,
  from: number,
  kernel: Value,
  at: number,
  { perGroup, filters, groups }: Groups,
): void {
  const width = filters / groups
  for (let g = 0; g < groups; g++) {
    for (let c = 0; c < perGroup; c++) {
      const value = x.data[from + g * perGroup + c] as number
      const row = at + c * filters
      for (let f = g * width; f < (g + 1) * width; f++) {
        out.data[to + f] = (out.data[to + f] as number) + value * (kernel.data[row + f] as number)
      }
    }
  }
}

/** Every index of a shape, in row-major order. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((list, size) => list.flatMap(index => Array.from({ length: size }, (_, k) => [...index, k])), [[]])
}
