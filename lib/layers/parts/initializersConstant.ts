// Initializers without chance: Zeros, Ones, Constant, Identity. Source: keras/src/initializers/constant_initializers.py.

import { ArgumentError, ShapeError } from '../../ir/errors.js'
import { allocate, NDArray, type Nested, ndarray, type TypedData } from '../../ir/ndarray.js'
import { type DType, dtypes, sizeOf } from '../../ir/types.js'
import { broadcastStrides, forEachOffset } from '../../ops/shapes.js'
import { type Field, isRecord, type Json, number, optional, type Parsed, parseOptions, toConfig } from '../schema.js'
import { Initializer } from './initializer.js'
import type { OptionsOf } from './partTable.js'

export class Zeros extends Initializer {
  static override readonly className = 'Zeros'
  static readonly schema = {}

  /** @throws ArgumentError for any option: it has none. */
  constructor(options: Record<string, never> = {}) {
    super()
    parseOptions('Zeros', {}, options)
  }
  override draw(shape: readonly number[], dtype: DType): TypedData {
    return allocate(dtype, sizeOf(shape))
  }
}

export class Ones extends Initializer {
  static override readonly className = 'Ones'
  static readonly schema = {}

  /** @throws ArgumentError for any option: it has none. */
  constructor(options: Record<string, never> = {}) {
    super()
    parseOptions('Ones', {}, options)
  }
  override draw(shape: readonly number[], dtype: DType): TypedData {
    return allocate(dtype, sizeOf(shape)).fill(1)
  }
}

/** A number, or an array that broadcasts to the weight, such as a pretrained embedding matrix; JSON as Keras'. */
const valueField: Field<number | NDArray> = {
  parse(value, where) {
    if (typeof value === 'number' || value instanceof NDArray) return value
    if (typeof value === 'boolean') return Number(value)
    if (Array.isArray(value)) return ndarray(value as Nested)
    if (isRecord(value) && (value.class_name === '__numpy__' || value.class_name === '__tensor__') && isRecord(value.config)) {
      const { value: values, dtype } = value.config
      return ndarray(values as Nested, dtypes.find(known => known === dtype) ?? 'float32')
    }
    throw new ArgumentError(`${where} should be a number or an array`)
  },
  toJson(value) {
    if (typeof value === 'number') return value
    return { class_name: '__numpy__', config: { value: value.toArray(), dtype: value.dtype } }
  },
}

const constantSchema = { value: optional(valueField, () => 0) }

/** One value everywhere, 0 by default; or the values of an array, broadcast. */
export class Constant extends Initializer {
  static override readonly className = 'Constant'
  static readonly schema = constantSchema
  private readonly options: Parsed<typeof constantSchema>

  /** @throws ArgumentError unless the value is a number or a rectangular array. */
  constructor(options: OptionsOf<typeof constantSchema> = {}) {
    super()
    this.options = parseOptions('Constant', constantSchema, options)
  }
  /** @throws ShapeError when an array does not broadcast to the shape. */
  override draw(shape: readonly number[], dtype: DType): TypedData {
    const { value } = this.options
    const out = allocate(dtype, sizeOf(shape))
    if (typeof value === 'number') return out.fill(value)
    const offset = shape.length - value.shape.length
    if (offset < 0 || !value.shape.every((size, axis) => size === 1 || size === shape[axis + offset])) {
      throw new ShapeError('Constant: its array does not broadcast to the weight', { array: value, weight: { dtype, shape } })
    }
    forEachOffset(shape, broadcastStrides(value.shape, shape), (flat, at) => {
      out[flat] = value.data[at] as number
    })
    return out
  }
  override getConfig(): Record<string, Json> {
    return toConfig(constantSchema, this.options)
  }
}

const identitySchema = { gain: optional(number(), () => 1) }

/** gain · the identity matrix, cut or padded with zeros where the matrix is not square. */
export class Identity extends Initializer {
  static override readonly className = 'Identity'
  static readonly schema = identitySchema
  private readonly options: Parsed<typeof identitySchema>

  /** @throws ArgumentError unless gain is a number. */
  constructor(options: OptionsOf<typeof identitySchema> = {}) {
    super()
    this.options = parseOptions('Identity', identitySchema, options)
  }
  /** @throws ShapeError unless the shape is a matrix's. */
  override draw(shape: readonly number[], dtype: DType): TypedData {
    const [rows, columns] = shape
    if (rows === undefined || columns === undefined || shape.length > 2) {
      throw new ShapeError('Identity initializes matrices only', { weight: { dtype, shape } })
    }
    const out = allocate(dtype, rows * columns)
    for (let k = 0; k < Math.min(rows, columns); k++) out[k * columns + k] = this.options.gain
    return out
  }
  /** Keras leaves the gain out; so does this where it is 1. Keras reads it where it is there. */
  override getConfig(): Record<string, Json> {
    return this.options.gain === 1 ? {} : toConfig(identitySchema, this.options)
  }
}
