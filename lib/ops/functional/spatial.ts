// What functions over space share: options with an entry per spatial axis, padding, data formats.

import { ArgumentError, ShapeError } from '../../ir/errors.js'
import type { Padding } from '../../ir/vocabulary.js'
import type { TracedTensor } from '../builder.js'
import { type DataFormat, imageDataFormat } from './backend.js'

/** One number for every spatial axis, or one for each. */
export type PerAxis = number | readonly number[]

/** No padding; TensorFlow's SAME; or the cells before and after each spatial axis. */
export type SpatialPadding = 'valid' | 'same' | readonly (readonly [number, number])[]

/**
 * A number for each spatial axis.
 * @throws ArgumentError unless they are whole and at least `min`.
 */
export function perAxis(op: string, name: string, value: PerAxis, rank: number, min = 1): number[] {
  const list = typeof value === 'number' ? Array.from({ length: rank }, () => value) : [...value]
  if (list.length === rank && list.every(part => Number.isInteger(part) && part >= min)) return list
  throw new ArgumentError(`${op}: ${name} should be a whole number ≥ ${min}, or one for each of ${rank} axes, got ${JSON.stringify(value)}`)
}

/** Padding as the ops write it. */
export function spatialPadding(op: string, padding: SpatialPadding, rank: number): Padding {
  if (padding === 'same') return padding
  if (padding === 'valid') return Array.from({ length: rank }, () => [0, 0] as const)
  if (Array.isArray(padding) && padding.length === rank) return padding
  throw new ArgumentError(`${op}: padding should be "valid", "same" or a pair for each of ${rank} axes, got ${JSON.stringify(padding)}`)
}

/** The number of spatial axes. @throws ShapeError when there is none. */
export function spatialRank(op: string, x: TracedTensor): number {
  if (x.rank >= 3) return x.rank - 2
  throw new ShapeError(`${op} needs an operand with a batch axis, spatial axes and channels`, { x: x.type })
}

/**
 * Computes on channels last, which is all that the ops know; data with channels first is transposed there and back.
 * `dataFormat` null is what `imageDataFormat()` says.
 */
export function channelsLast(x: TracedTensor, dataFormat: DataFormat | null, compute: (x: TracedTensor) => TracedTensor): TracedTensor {
  if ((dataFormat ?? imageDataFormat()) === 'channels_last') return compute(x)
  const spatial = Array.from({ length: x.rank - 2 }, (_, k) => k + 1)
  const last = x.builder.emit('transpose', [x], { perm: [0, ...spatial.map(axis => axis + 1), 1] })
  const result = compute(last)
  return result.builder.emit('transpose', [result], { perm: [0, x.rank - 1, ...spatial] })
}
