// The short way through `run`: one float input of the last run's shape, one output, nothing to update.

import { NDArray, type TypedData } from '../ir/ndarray.js'
import type { Feed, FeedSpec, Inputs } from './feeds.js'
import type { Specialisation } from './specialisations.js'

/** What the short way needs. */
export interface Quick {
  readonly entry: Specialisation
  /** Whether the length of a flat array says its shape. */
  readonly flat: boolean
  readonly length: number
  readonly shape: readonly number[]
  readonly feeds: TypedData[]
}

/** The short way, if it is open for a program and what it was fed. */
export function quickFor(specs: readonly FeedSpec[], entry: Specialisation, feeds: readonly Feed[]): Quick | undefined {
  const [feed] = feeds
  const [spec] = specs
  const { outputs, losses, updates } = entry.graph.results
  if (!feed || !spec || feeds.length > 1 || spec.type.dtype !== 'float32') return undefined
  if (outputs.length !== 1 || losses.length > 0 || Object.keys(updates).length > 0) return undefined
  const flat = spec.type.shape.filter(size => typeof size === 'string').length <= 1
  return { entry, flat: flat && feed.data.length > 0, length: feed.data.length, shape: [...feed.shape], feeds: [feed.data] }
}

/** The data of an input that may go this way; undefined sends it the long way, which checks and explains. */
export function quickData(quick: Quick | undefined, inputs: Inputs): Float32Array | undefined {
  if (quick === undefined) return undefined
  if (inputs instanceof Float32Array) return quick.flat && inputs.length === quick.length ? inputs : undefined
  if (!(inputs instanceof NDArray) || !(inputs.data instanceof Float32Array) || inputs.shape.length !== quick.shape.length) return undefined
  for (let axis = 0; axis < quick.shape.length; axis++) if (inputs.shape[axis] !== quick.shape[axis]) return undefined
  return inputs.data
}
