// Structures of inputs and outputs: one tensor, a list, or an object by name, flattened and packed again.

import { ArgumentError } from '../ir/errors.js'
import type { NDArray } from '../ir/ndarray.js'
import { InputLayer } from '../layers/inputLayer.js'
import { KerasTensor } from '../layers/kerasTensor.js'
import type { SymbolicTensor } from '../ops/symbolic.js'
import type { InputData, Inputs } from '../runtime/feeds.js'

export type TensorStructure = SymbolicTensor | readonly SymbolicTensor[] | Readonly<Record<string, SymbolicTensor>>

/** What `predict` gives for a structure of outputs. */
export type Predictions<S> = S extends SymbolicTensor
  ? NDArray
  : S extends readonly SymbolicTensor[]
    ? NDArray[]
    : { [K in keyof S]: NDArray }

/** A flattened structure; `keys` are null for a single tensor, positions for a list, names for an object. */
export interface Flat {
  readonly tensors: readonly KerasTensor[]
  readonly keys: null | readonly number[] | readonly string[]
}

export function flatten(structure: TensorStructure, what: string): Flat {
  const check = (tensor: unknown): KerasTensor => {
    if (tensor instanceof KerasTensor) return tensor
    throw new ArgumentError(
      `${what} should be Keras tensors, got ${tensor === null || typeof tensor !== 'object' ? String(tensor) : tensor.constructor.name}`,
    )
  }
  if (structure instanceof KerasTensor) return { tensors: [structure], keys: null }
  if (Array.isArray(structure)) {
    if (structure.length === 0) throw new ArgumentError(`${what} should not be empty`)
    return { tensors: structure.map(check), keys: structure.map((_, k) => k) }
  }
  if (typeof structure !== 'object' || structure === null)
    throw new ArgumentError(`${what} should be Keras tensors, got ${String(structure)}`)
  // Keras (optree) flattens a dict by sorted keys
  const keys = Object.keys(structure).sort()
  if (keys.length === 0) throw new ArgumentError(`${what} should not be empty`)
  return { tensors: keys.map(key => check((structure as Readonly<Record<string, unknown>>)[key])), keys }
}

/**
 * Data by the keys of the inputs' structure, as data by the inputs' names. An object with other keys is by name already;
 * data in any other form is given back as it is.
 */
export function byName(given: Inputs, { tensors, keys }: Flat): Inputs {
  if (!isData(given) || typeof keys?.[0] !== 'string') return given
  const fed = tensors.flatMap(({ call: { layer } }, k) => {
    const isBound = layer instanceof InputLayer && layer.constant
    return isBound ? [] : [[String(keys[k]), layer.name] as const]
  })
  if (Object.keys(given).length !== fed.length || !fed.every(([key]) => Object.hasOwn(given, key))) return given
  return Object.fromEntries(fed.map(([key, name]) => [name, given[key] as InputData]))
}

function isData(given: Inputs): given is Readonly<Record<string, InputData>> {
  return typeof given === 'object' && given !== null && Object.getPrototypeOf(given) === Object.prototype
}

/** Puts results into the structure the user gave. */
export function pack<R>({ keys }: Flat, results: readonly NDArray[]): R {
  const packed =
    keys === null ? results[0] : typeof keys[0] === 'string' ? Object.fromEntries(keys.map((key, k) => [key, results[k]])) : [...results]
  return packed as R
}
