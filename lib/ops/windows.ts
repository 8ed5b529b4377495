// Geometry of windows that slide over spatial axes: what padding means in numbers, how many positions there are.

import { ShapeError } from '../ir/errors.js'
import type { Size, TensorType } from '../ir/types.js'
import type { Padding } from '../ir/vocabulary.js'
import type { Site } from './op.js'

/** What slides along the spatial axes, an entry per axis. */
export interface Sliding {
  /** The cells from the first to the last tap: (taps − 1) · dilation + 1. */
  readonly extents: readonly number[]
  readonly strides: readonly number[]
  readonly padding: Padding
}

/** The cells that taps at a distance span, from the first to the last. */
export function extentOf(taps: number, dilation: number): number {
  return taps === 0 ? 0 : (taps - 1) * dilation + 1
}

/** The padding of an axis in numbers; `same` splits the cells that are missing, the odd one after. Source: TensorFlow's SAME. */
export function paddingOf({ extents, strides, padding }: Sliding, axis: number, size: number): readonly [number, number] {
  if (padding !== 'same') return padding[axis] as readonly [number, number]
  const [extent, stride] = [extents[axis] as number, strides[axis] as number]
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}

/** The padding of all spatial axes in numbers. */
export function paddings(sliding: Sliding, sizes: readonly number[]): (readonly [number, number])[] {
  return sizes.map((size, axis) => paddingOf(sliding, axis, size))
}

/**
 * How many windows fit each spatial axis; a size that only the run will know is named by the site.
 * @throws ShapeError where known sizes leave no position, or the lists have another length.
 */
export function windowedSizes(op: string, sliding: Sliding, sizes: readonly Size[], operand: TensorType, site: Site): Size[] {
  const { extents, strides, padding } = sliding
  if (extents.length !== sizes.length || strides.length !== sizes.length || (padding !== 'same' && padding.length !== sizes.length)) {
    throw new ShapeError(`${op}: windows, strides and padding need an entry for each of ${sizes.length} spatial axes`, { operand })
  }
  return sizes.map((size, axis) => {
    const [extent, stride] = [extents[axis] as number, strides[axis] as number]
    if (typeof size === 'string') {
      const kept = stride === 1 && (padding === 'same' || extent - 1 === sum(padding[axis] ?? []))
      return kept ? size : site.fresh(axis + 1)
    }
    const [low, high] = paddingOf(sliding, axis, size)
    const count = Math.floor((size + low + high - extent) / stride) + 1
    if (count >= 1 && extent >= 1) return count
    const padded = low === 0 && high === 0 ? '' : ` padded by ${low} and ${high}`
    throw new ShapeError(
      `${op}: no position for a window of ${extent} cells on spatial axis ${axis} of ${size} cells${padded}`,
      { operand },
      'a smaller window, fewer strides before it, or padding "same" leaves something',
    )
  })
}

function sum(cells: readonly number[]): number {
  return cells.reduce((total, count) => total + count, 0)
}
