// copyPlain: a copy of the data a user gives as an option, so that later changes to it are not seen.

import { NDArray } from '../ir/ndarray.js'

/** Copies arrays, plain objects, typed arrays and NDArrays, however nested; anything else is kept as it is. */
export function copyPlain<T>(value: T): T {
  return copy(value, new Map()) as T
}

function copy(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (known.has(value)) return known.get(value)
  if (value instanceof NDArray) return new NDArray(value.data.slice(), value.shape)
  if (ArrayBuffer.isView(value)) return structuredClone(value)
  const isList = Array.isArray(value)
  if (!isList && Object.getPrototypeOf(value) !== Object.prototype) return value
  const made: object = isList ? [] : {}
  known.set(value, made)
  for (const [key, part] of Object.entries(value))
    Object.defineProperty(made, key, { value: copy(part, known), writable: true, enumerable: true, configurable: true })
  return made
}
