// NDArray: the concrete tensor that goes into a model and comes out of it.

import { ArgumentError, ShapeError } from './errors.js'
import { showGiven } from './options.js'
import { type DType, dtypes, showType, sizeOf } from './types.js'

export type TypedData = Float32Array | Int32Array | Uint8Array

/** Numbers or booleans nested to any depth, rectangular. */
export type Nested = number | boolean | readonly Nested[]

/** Row-major data with a shape; bool is stored as 0 and 1 in a Uint8Array. */
export class NDArray {
  readonly data: TypedData
  readonly shape: readonly number[]
  readonly dtype: DType

  /** @throws ArgumentError if the data does not have as many elements as the shape says. */
  constructor(data: TypedData, shape: readonly number[], dtype?: DType) {
    const stored = dtypeOf(data)
    if (!Array.isArray(shape))
      throw new ArgumentError(`NDArray: the shape should be a list of sizes, got ${showGiven(shape)}`, `write [${String(shape)}]`)
    // plain loops: every small prediction makes one of these
    for (const size of shape) {
      if (!Number.isInteger(size) || size < 0) throw new ArgumentError(`NDArray: a shape needs whole sizes ≥ 0, got [${shape.join(', ')}]`)
    }
    if (data.length !== sizeOf(shape)) {
      throw new ArgumentError(`NDArray: shape [${shape.join(', ')}] needs ${sizeOf(shape)} values, got ${data.length}`)
    }
    if (dtype !== undefined && stored !== dtype)
      throw new ArgumentError(`NDArray: a ${storage[stored].name} holds ${stored}, got dtype ${dtype}`)
    this.data = data
    this.shape = shape.slice()
    this.dtype = stored
  }

  /** Nested plain arrays; booleans for bool, a bare value for rank 0. */
  toArray(): Nested {
    let at = 0
    const read = (axis: number): Nested => {
      if (axis === this.shape.length) {
        const value = this.data[at++] as number
        return this.dtype === 'bool' ? value !== 0 : value
      }
      return Array.from({ length: this.shape[axis] as number }, () => read(axis + 1))
    }
    return read(0)
  }

  toString(): string {
    const head = Array.from(this.data.subarray(0, 6), value => Number(value.toPrecision(6)))
    return `${showType(this)} [${head.join(', ')}${this.data.length > 6 ? ', …' : ''}]`
  }
}

/** The typed array that stores each dtype. */
export const storage = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const satisfies Record<DType, unknown>

/** A zeroed typed array for `length` values of a dtype. */
export function allocate(dtype: DType, length: number): TypedData {
  return new storage[dtype](length)
}

/** Whether the engine could not give the memory that was asked for. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError && /allocat|memory|array length|array buffer length/i.test(error.message)
}

/** The error for a tensor that does not fit into memory. */
export function tooLarge(what: string, { dtype, shape }: { readonly dtype: DType; readonly shape: readonly number[] }): ShapeError {
  const bytes = sizeOf(shape) * storage[dtype].BYTES_PER_ELEMENT
  return new ShapeError(`${what} needs ${bytes} bytes, more than can be allocated`, { tensor: { dtype, shape } }, 'make it smaller')
}

/** @throws ArgumentError for anything but the typed arrays of `storage`. */
export function dtypeOf(data: TypedData): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Uint8Array) return 'bool'
  throw new ArgumentError(
    `NDArray: data should be a Float32Array, Int32Array or Uint8Array, got ${showGiven(data)}`,
    'ndarray() takes nested arrays',
  )
}

/**
 * Makes an NDArray from nested arrays or a flat list, in the dtype asked for; float32 by default.
 * @throws ArgumentError where the nesting is ragged or a value is no number.
 */
export function ndarray(values: Nested, dtype: DType = 'float32'): NDArray {
  if (!Object.hasOwn(storage, dtype)) throw new ArgumentError(`ndarray: dtype should be one of ${dtypes.join(', ')}, got ${String(dtype)}`)
  const shape: number[] = []
  for (let part = values; Array.isArray(part); part = part[0] as Nested) {
    shape.push(part.length)
    if (part.length === 0) break
  }
  const data = allocate(dtype, sizeOf(shape))
  let at = 0
  const fill = (part: Nested, axis: number): void => {
    if (axis === shape.length) {
      if (typeof part !== 'number' && typeof part !== 'boolean') {
        throw new ArgumentError(
          `nested array: expected a number at depth ${axis}, got ${describe(part)}`,
          'nested arrays must be rectangular',
        )
      }
      data[at++] = dtype === 'bool' ? Number(Number(part) !== 0) : Number(part) // NaN is true, as in cast
      return
    }
    if (!Array.isArray(part) || part.length !== shape[axis]) {
      throw new ArgumentError(
        `nested array: expected ${shape[axis]} entries at depth ${axis}, got ${describe(part)}`,
        'nested arrays must be rectangular',
      )
    }
    for (const child of part) fill(child, axis + 1)
  }
  fill(values, 0)
  return new NDArray(data, shape, dtype)
}

function describe(part: unknown): string {
  return Array.isArray(part) ? `an array of ${part.length}` : String(part)
}
