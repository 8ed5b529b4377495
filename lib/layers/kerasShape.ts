// Shapes as users write and read them, and their sizes in graphs.

import type { Shape, Size } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'

/** A shape as Keras shows it: null where a size is unknown. */
export type KerasShape = readonly (number | null)[]

/** Names the unknown sizes of a user's shape: axis 0 is `batch`, others are named after the input and their axis. */
export function nameSizes(shape: KerasShape, owner: string): Shape {
  return shape.map((size, axis) => size ?? (axis === 0 ? 'batch' : `${owner}:${axis}`))
}

/** A size as a float: itself where it is known, else counted when the graph runs. */
export function countOf(near: TracedTensor, size: Size): TracedTensor | number {
  if (typeof size === 'number') return size
  const one = near.builder.constant([1], { dtype: 'float32', shape: [] })
  return K.sum(near.builder.emit('broadcast', [one], { shape: [size] }))
}
