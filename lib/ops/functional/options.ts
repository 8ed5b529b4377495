// Optional arguments as Keras has them: by position, or by name in an object in their place.

import { ArgumentError, ShapeError } from '../../ir/errors.js'
import { normalizeAxis, type TensorType } from '../../ir/types.js'

/** One axis, several, or null for all; negative axes count from the end. */
export type Axes = number | readonly number[] | null

export interface ReduceOptions {
  /** The axes to reduce; null, the default, is all of them. */
  readonly axis: Axes
  /** Whether reduced axes stay as 1; false by default. */
  readonly keepdims: boolean
}

/**
 * Reads optional arguments whose first may be an options object: `positional` gives the record of all of them from
 * the first positional one, and with it the defaults.
 * @throws ArgumentError naming an option that does not exist.
 */
export function named<P, T extends object>(op: string, first: P | Partial<T> | undefined, positional: (first: P | undefined) => T): T {
  if (!isOptions<T>(first)) return positional(first)
  const options = positional(undefined)
  for (const [name, value] of Object.entries(first)) {
    if (!Object.hasOwn(options, name)) {
      throw new ArgumentError(`${op} has no option "${name}"`, `its options are ${Object.keys(options).join(', ')}`)
    }
    if (value !== undefined) Object.assign(options, { [name]: value })
  }
  return options
}

function isOptions<T extends object>(value: unknown): value is Partial<T> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** The options of a reduction: `(x, axis, keepdims)` or `(x, { axis, keepdims })`. */
export function reduceOptions(op: string, axis: Axes | Partial<ReduceOptions> | undefined, keepdims: boolean | undefined): ReduceOptions {
  return named<Axes, ReduceOptions>(op, axis, first => ({ axis: first ?? null, keepdims: keepdims ?? false }))
}

/** `(x, axis)` or `(x, { axis })`. */
export function axisOption<A extends Axes>(op: string, axis: A | { readonly axis?: A } | undefined, fallback: A): A {
  return named<A, { axis: A }>(op, axis, first => ({ axis: first === undefined ? fallback : first })).axis
}

/** @throws ShapeError when there is no such axis. */
export function oneAxis(op: string, axis: number, x: TensorType, rank: number = x.shape.length): number {
  const found = normalizeAxis(axis, rank)
  if (found === undefined) {
    throw new ShapeError(
      `${op}: axis ${axis} is out of range for rank ${rank}`,
      { x },
      rank > 0 ? `axes go from ${-rank} to ${rank - 1}` : undefined,
    )
  }
  return found
}

/**
 * The axes counted from the front, ascending; null is all.
 * @throws ShapeError when one is out of range or given twice.
 */
export function manyAxes(op: string, axis: Axes, x: TensorType, rank: number = x.shape.length): number[] {
  if (axis === null) return Array.from({ length: rank }, (_, k) => k)
  const list = typeof axis === 'number' ? [axis] : axis
  const found = list.map(one => oneAxis(op, one, x, rank)).sort((a, b) => a - b)
  if (new Set(found).size < found.length) throw new ShapeError(`${op}: an axis is given twice in [${list.join(', ')}]`, { x })
  return found
}

/** @throws ArgumentError unless the value is a whole number ≥ `min`. */
export function wholeNumber(op: string, name: string, value: number, min = 0): number {
  if (!Number.isInteger(value) || value < min) throw new ArgumentError(`${op}: ${name} should be a whole number ≥ ${min}, got ${value}`)
  return value
}
