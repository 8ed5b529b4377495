// Initializer: the base of everything that gives weights their first values.

import { DTypeError } from '../../ir/errors.js'
import type { TypedData } from '../../ir/ndarray.js'
import { type DType, sizeOf } from '../../ir/types.js'
import { NamedPart } from './partTable.js'
import { fillRandom, type Key, keyOf, nextSeed, type SeedGenerator } from './random.js'

/** The base of initializers; a class of your own overrides `draw` and, with options, `getConfig`. */
export abstract class Initializer extends NamedPart {
  /** Row-major values for a weight. */
  abstract draw(shape: readonly number[], dtype: DType): TypedData
}

/** An initializer with a seed: an integer, or one picked at construction, gives the same values on every draw. */
export abstract class RandomInitializer extends Initializer {
  private readonly source: number | SeedGenerator

  constructor(seed: number | SeedGenerator | null) {
    super()
    this.source = seed ?? nextSeed()
  }
  protected key(): Key {
    return typeof this.source === 'number' ? keyOf(this.source) : this.source.next()
  }
  /** @throws DTypeError unless floats are asked for. */
  protected checkFloat(dtype: DType): void {
    if (dtype !== 'float32') throw new DTypeError(`${this.className} draws float32 values, not ${dtype}`)
  }
  /** Float32 values `law(u)` of independent uniforms u. */
  protected fill(shape: readonly number[], dtype: DType, law: (u: number) => number): Float32Array {
    this.checkFloat(dtype)
    return fillRandom(new Float32Array(sizeOf(shape)), this.key(), law)
  }
}
