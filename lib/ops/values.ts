// Values of the reference evaluation: making them, rounding them, converting to and from NDArrays.

import { allocate, NDArray } from '../ir/ndarray.js'
import { type DType, type Shape, sizeOf } from '../ir/types.js'
import type { Value } from './op.js'

export function makeValue(dtype: DType, shape: readonly number[], fill?: (flat: number) => number): Value {
  const length = sizeOf(shape)
  const data = dtype === 'float32' ? new Float64Array(length) : dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length)
  if (fill) for (let flat = 0; flat < length; flat++) data[flat] = fill(flat)
  return { dtype, shape, data }
}

export function toValue(array: NDArray): Value {
  const { data, shape, dtype } = array
  return { dtype, shape, data: data instanceof Float32Array ? Float64Array.from(data) : data }
}

export function toNDArray({ data, shape, dtype }: Value): NDArray {
  const out = allocate(dtype, data.length)
  out.set(data)
  return new NDArray(out, shape, dtype)
}

/** Rounds floats to float32 in place of their doubles. */
export function roundValue(value: Value): Value {
  return value.data instanceof Float64Array ? { ...value, data: Float64Array.from(Float32Array.from(value.data)) } : value
}

/** The sizes of a concrete evaluation: symbols were bound before. */
export function concrete(shape: Shape): number[] {
  return shape.map(size => {
    if (typeof size !== 'number') throw new Error(`internal: size "${size}" is not bound; specialise first`)
    return size
  })
}
