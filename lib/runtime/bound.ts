// The arrays of `call`: the program's own memory where it can be used as it is, else arrays that are copied.

import { allocate, type TypedData } from '../ir/ndarray.js'
import { sizeOf } from '../ir/types.js'
import type { FeedSpec } from './feeds.js'
import type { Specialisation } from './specialisations.js'

export interface Bound {
  readonly inputs: Readonly<Record<string, TypedData>>
  readonly outputs: Readonly<Record<string, TypedData>>
  readonly feeds: readonly TypedData[]
  readonly entry: Specialisation
  /** Whether the arrays are the program's own memory. */
  readonly inPlace: boolean
}

export function bindArrays(specs: readonly FeedSpec[], entry: Specialisation): Bound {
  const { memory } = entry.program
  const inputs = specs.map(
    ({ name, type }, k) => [name, memory?.inputs[k] ?? allocate(type.dtype, sizeOf(type.shape as readonly number[]))] as const,
  )
  const outputs = entry.outputs.map(({ name, dtype, shape }, k) => [name, memory?.outputs[k] ?? allocate(dtype, sizeOf(shape))] as const)
  const feeds = inputs.map(([, data]) => data)
  return { inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs), feeds, entry, inPlace: memory !== undefined }
}

/** Whether the arrays belong to a memory that has grown since. */
export function isDetached({ inPlace, feeds }: Bound): boolean {
  return inPlace && feeds.length > 0 && feeds.every(data => data.buffer.byteLength === 0)
}
