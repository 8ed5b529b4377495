// One weight of a TensorFlow.js manifest: what it declares, how many bytes that is, and its values.

import { FileError } from '../ir/errors.js'
import type { TypedData } from '../ir/ndarray.js'
import { type DType, sizeOf } from '../ir/types.js'
import type { Cursor } from './cursor.js'
import { fromFloat16 } from './halfFloats.js'

export interface TfjsWeight {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly quantization: Quantization | null
  /** Whether it is state of an optimizer. */
  readonly isOptimizers: boolean
  /** Where model.json declares it. */
  readonly where: string
}

/** How values were made small: as IEEE halves, or as whole numbers q that mean q · scale + min. */
export type Quantization =
  | { readonly dtype: 'float16' }
  | { readonly dtype: 'uint8' | 'uint16'; readonly scale: number; readonly min: number }

const dtypes: Readonly<Record<string, DType>> = { float32: 'float32', int32: 'int32', bool: 'bool' }

/** Bytes of a value as it is stored. */
const widths = { float32: 4, int32: 4, bool: 1, float16: 2, uint8: 1, uint16: 2 } satisfies Record<DType | Quantization['dtype'], number>

/** @throws FileError for a declaration that is none, or of a dtype that no layer has. */
export function tfjsWeight(entry: Cursor): TfjsWeight {
  const stored = entry.get('dtype')
  const name = entry.get('name').string()
  const isOptimizers = entry.at('group')?.value === 'optimizer'
  const dtype = typeof stored.value === 'string' && Object.hasOwn(dtypes, stored.value) ? dtypes[stored.value] : undefined
  if (!dtype)
    return stored.fail(`of weight ${JSON.stringify(name)} is ${JSON.stringify(stored.value)}, but should be float32, int32 or bool`)
  const shape = entry
    .get('shape')
    .list()
    .map(size => size.index())
  if (!Number.isSafeInteger(4 * sizeOf(shape))) entry.get('shape').fail('declares more values than any file holds')
  return { name, shape, dtype, quantization: readQuantization(entry.at('quantization')), isOptimizers, where: entry.where }
}

function readQuantization(entry: Cursor | undefined): Quantization | null {
  if (!entry || entry.value === null) return null
  const dtype = entry.get('dtype')
  if (dtype.value === 'float16') return { dtype: 'float16' }
  if (dtype.value !== 'uint8' && dtype.value !== 'uint16') return dtype.fail('should be uint8, uint16 or float16')
  return { dtype: dtype.value, scale: numberOf(entry.get('scale')), min: numberOf(entry.get('min')) }
}

function numberOf(cursor: Cursor): number {
  return typeof cursor.value === 'number' ? cursor.value : cursor.fail('should be a number')
}

export function storedBytes({ shape, dtype, quantization }: TfjsWeight): number {
  return sizeOf(shape) * widths[quantization?.dtype ?? dtype]
}

/** The values of a weight in an array of their own. @throws FileError if it cannot be had as `wanted`. */
export function decodeTfjsWeight({ name, dtype, quantization, where }: TfjsWeight, bytes: Uint8Array, wanted: DType): TypedData {
  if (dtype !== wanted) throw new FileError(`${where}: weight ${JSON.stringify(name)} holds ${dtype}, but the model needs ${wanted}`)
  if (quantization?.dtype === 'float16') return converted(fromFloat16(bytes), dtype)
  if (quantization) return converted(dequantized(bytes, quantization), dtype)
  if (dtype === 'bool') return bytes.map(value => (value ? 1 : 0))
  const { buffer } = bytes.slice()
  return dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer)
}

/** Source: tfjs-core/src/io/io_utils.ts, decodeWeights: the sum is made in doubles, then rounded to float32. */
function dequantized(bytes: Uint8Array, { dtype, scale, min }: Exclude<Quantization, { dtype: 'float16' }>): Float32Array {
  const values = new Float32Array(bytes.length / widths[dtype])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let k = 0; k < values.length; k++) values[k] = (dtype === 'uint8' ? view.getUint8(k) : view.getUint16(2 * k, true)) * scale + min
  return values
}

/** int32 weights are rounded, as TensorFlow.js does. */
function converted(values: Float32Array, dtype: DType): TypedData {
  if (dtype === 'int32') return Int32Array.from(values, Math.round)
  return dtype === 'bool' ? Uint8Array.from(values, value => (value ? 1 : 0)) : values
}
