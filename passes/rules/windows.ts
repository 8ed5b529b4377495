// What rules know of the padding of convolutions and pools.

import type { Size } from '../../lib/ir/types.js'
import { paddingOf, type Sliding } from '../../lib/ops/windows.js'

export type Pair = readonly [low: number, high: number]

/** The padding of each spatial axis in numbers; undefined where `same` depends on a size that only the run will know. */
export function knownPadding(sliding: Sliding, sizes: readonly Size[]): readonly Pair[] | undefined {
  const pairs = sizes.map((size, axis): Pair | undefined => {
    const [extent, stride] = [sliding.extents[axis], sliding.strides[axis]]
    if (extent === undefined || stride === undefined) return undefined
    if (typeof size === 'number') return paddingOf(sliding, axis, size)
    if (sliding.padding !== 'same') return sliding.padding[axis]
    // one cell never misses any, and windows at every cell miss the same number whatever the size
    return extent === 1 || stride === 1 ? paddingOf(sliding, axis, stride) : undefined
  })
  const known = pairs.filter(pair => pair !== undefined)
  return known.length === pairs.length ? known : undefined
}
