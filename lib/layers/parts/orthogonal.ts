// Orthogonal: a random matrix with orthonormal columns, or rows where it is wide.

import { ShapeError } from '../../ir/errors.js'
import { type DType, sizeOf } from '../../ir/types.js'
import { type Json, number, optional, type Parsed, parseOptions, toConfig } from '../schema.js'
import { RandomInitializer } from './initializer.js'
import type { OptionsOf } from './partTable.js'
import { fillRandom, normalQuantile, seedField } from './random.js'

const schema = { seed: seedField(), gain: optional(number(), () => 1) }

/**
 * gain · Q of the QR decomposition of a normal matrix, every axis but the last counting as rows.
 * Source: keras/src/initializers/random_initializers.py Orthogonal; Saxe et al. (2014).
 */
export class Orthogonal extends RandomInitializer {
  static override readonly className = 'Orthogonal'
  static readonly schema = schema
  private readonly options: Parsed<typeof schema>

  /** @throws ArgumentError for ill-typed options. */
  constructor(options: OptionsOf<typeof schema> = {}) {
    const parsed = parseOptions('Orthogonal', schema, options)
    super(parsed.seed)
    this.options = parsed
  }
  /** @throws ShapeError for a shape of less than two axes. */
  override draw(shape: readonly number[], dtype: DType): Float32Array {
    this.checkFloat(dtype)
    const columns = shape.at(-1)
    if (columns === undefined || shape.length < 2) {
      throw new ShapeError('Orthogonal initializes weights of rank 2 or more', { weight: { dtype, shape } })
    }
    const rows = sizeOf(shape.slice(0, -1))
    const [length, count] = rows < columns ? [columns, rows] : [rows, columns]
    const vectors = orthonormal(fillRandom(new Float64Array(length * count), this.key(), normalQuantile), length)
    const { gain } = this.options
    return Float32Array.from(vectors, (value, at) => {
      if (rows < columns) return gain * value
      const [row, column] = [Math.floor(at / columns), at % columns]
      return gain * (vectors[column * length + row] as number)
    })
  }
  override getConfig(): Record<string, Json> {
    return toConfig(schema, this.options)
  }
}

/**
 * Makes consecutive vectors of `length` orthonormal in place, by modified Gram–Schmidt. Each keeps a positive product
 * with what it was, which is Keras' choice of signs: without it the result would not be uniformly distributed.
 */
function orthonormal(vectors: Float64Array, length: number): Float64Array {
  for (let start = 0; start < vectors.length; start += block * length) {
    const end = Math.min(start + block * length, vectors.length)
    for (let done = 0; done < start; done += length) {
      for (let at = start; at < end; at += length) project(vectors, done, at, length)
    }
    for (let at = start; at < end; at += length) {
      for (let done = start; done < at; done += length) project(vectors, done, at, length)
      const norm = Math.sqrt(dot(vectors, at, at, length))
      for (let k = at; k < at + length; k++) vectors[k] = (vectors[k] as number) / norm
    }
  }
  return vectors
}

/** How many vectors pass by the finished ones together: these stay in cache, and each finished one is fetched once. */
const block = 8

/** Takes from the vector at `to` its part along the unit vector at `unit`. */
function project(vectors: Float64Array, unit: number, to: number, length: number): void {
  const along = dot(vectors, unit, to, length)
  for (let k = 0; k < length; k++) vectors[to + k] = (vectors[to + k] as number) - along * (vectors[unit + k] as number)
}

function dot(vectors: Float64Array, a: number, b: number, length: number): number {
  let sum = 0
  for (let k = 0; k < length; k++) sum += (vectors[a + k] as number) * (vectors[b + k] as number)
  return sum
}
