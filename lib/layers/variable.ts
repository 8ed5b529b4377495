// Variable: named state that layers own and runs read and update, with a version that tells when it changed.

import { ArgumentError } from '../ir/errors.js'
import type { VariableKind } from '../ir/graph.js'
import { dtypeOf, isOutOfMemory, NDArray, type TypedData, tooLarge } from '../ir/ndarray.js'
import { type DType, sizeOf, type TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'

/** Gives a variable its first values. */
export interface Draw {
  draw(shape: readonly number[], dtype: DType): TypedData
}

export interface VariableOptions {
  /** `dense/kernel`: the layer's name, then its own. */
  readonly path: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly kind: VariableKind
  readonly initializer: Draw
  readonly trainable: boolean
  readonly regularizer?: { apply(weight: TracedTensor): TracedTensor } | null
  readonly constraint?: { apply(weight: TracedTensor): TracedTensor } | null
}

let epoch = 0

/** Counts the assignments to all variables: while it stands still, nothing that depends on one is stale. */
export function variableEpoch(): number {
  return epoch
}

export class Variable {
  readonly path: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly kind: VariableKind
  readonly regularizer: VariableOptions['regularizer']
  readonly constraint: VariableOptions['constraint']
  trainable: boolean
  private readonly initializer: Draw
  private values: TypedData | undefined
  private changes = 0

  constructor(options: VariableOptions) {
    this.path = options.path
    this.shape = [...options.shape]
    this.dtype = options.dtype
    this.kind = options.kind
    this.initializer = options.initializer
    this.trainable = options.trainable
    this.regularizer = options.regularizer ?? null
    this.constraint = options.constraint ?? null
  }

  /** The last part of the path: `kernel`. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1)
  }

  get type(): TensorType {
    return { dtype: this.dtype, shape: this.shape }
  }

  get size(): number {
    return sizeOf(this.shape)
  }

  /** Counts assignments; what was computed from an older version is stale. */
  get version(): number {
    return this.changes
  }

  /**
   * The present values, to be read only; drawn from the initializer at the first look.
   * @throws ShapeError when they do not fit into memory.
   */
  get data(): TypedData {
    this.values ??= this.draw()
    return this.values
  }

  private draw(): TypedData {
    const { path, shape, dtype } = this
    try {
      return this.initializer.draw(shape, dtype)
    } catch (error) {
      throw isOutOfMemory(error) ? tooLarge(`variable "${path}"`, { dtype, shape }) : error
    }
  }

  /** A copy of the present values. */
  read(): NDArray {
    return new NDArray(this.data.slice(), this.shape, this.dtype)
  }

  /**
   * Replaces the values by a copy of `data`.
   * @throws ArgumentError when dtype or length differ; nothing is changed then.
   */
  assign(data: TypedData): void {
    this.check(data)
    this.adopt(data.slice())
  }

  /**
   * Replaces the values by `data` itself, which no one else may change from then on.
   * @throws ArgumentError as `assign`.
   */
  adopt(data: TypedData): void {
    this.check(data)
    this.values = data
    this.changes++
    epoch++
  }

  private check(data: TypedData): void {
    if (dtypeOf(data) !== this.dtype || data.length !== this.size) {
      throw new ArgumentError(
        `variable "${this.path}" holds ${this.size} values of ${this.dtype} (shape [${this.shape.join(', ')}]), got ${data.length} of ${dtypeOf(data)}`,
      )
    }
  }
}
