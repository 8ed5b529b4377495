// Regularizers: penalties on weights and activities, as float32 scalars. Source: keras/src/regularizers/regularizers.py.

import { ArgumentError, ShapeError } from '../../ir/errors.js'
import type { TracedTensor } from '../../ops/builder.js'
import * as K from '../../ops/functional/index.js'
import { type Field, type Json, nullable, oneOf, optional, type Parsed, type PartTable, parseOptions, toConfig } from '../schema.js'
import { callTraced, maker, NamedPart, type OptionsOf, partField, partTable } from './partTable.js'

/** The base of regularizers; a class of your own overrides `apply` and, with options, `getConfig`. */
export abstract class Regularizer extends NamedPart {
  /** The penalty of a tensor: a float32 scalar. */
  abstract apply(x: TracedTensor): TracedTensor
}

/** A finite factor ≥ 0; null means the default, as in Keras. */
function factor(fallback: number): Field<number> {
  const field: Field<number> = {
    parse(value, where) {
      if (value === null) return fallback
      if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
      throw new ArgumentError(`${where} should be a finite number ≥ 0, got ${typeof value === 'number' ? value : typeof value}`)
    },
    toJson: value => value,
  }
  return optional(field, () => fallback)
}

const l1Schema = { l1: factor(0.01) }

/** l1 · Σ |x|; l1 is 0.01 by default. */
export class L1 extends Regularizer {
  static override readonly className = 'L1'
  static readonly schema = l1Schema
  private readonly options: Parsed<typeof l1Schema>

  /** @throws ArgumentError unless l1 is finite and ≥ 0. */
  constructor(options: OptionsOf<typeof l1Schema> = {}) {
    super()
    this.options = parseOptions('L1', l1Schema, options)
  }
  override apply(x: TracedTensor): TracedTensor {
    return K.multiply(K.sum(K.abs(x)), this.options.l1)
  }
  override getConfig(): Record<string, Json> {
    return toConfig(l1Schema, this.options)
  }
}

const l2Schema = { l2: factor(0.01) }

/** l2 · Σ x²; l2 is 0.01 by default. */
export class L2 extends Regularizer {
  static override readonly className = 'L2'
  static readonly schema = l2Schema
  private readonly options: Parsed<typeof l2Schema>

  /** @throws ArgumentError unless l2 is finite and ≥ 0. */
  constructor(options: OptionsOf<typeof l2Schema> = {}) {
    super()
    this.options = parseOptions('L2', l2Schema, options)
  }
  override apply(x: TracedTensor): TracedTensor {
    return K.multiply(K.sum(K.square(x)), this.options.l2)
  }
  override getConfig(): Record<string, Json> {
    return toConfig(l2Schema, this.options)
  }
}

const l1l2Schema = { l1: factor(0), l2: factor(0) }

/** l1 · Σ |x| + l2 · Σ x²; both are 0 by default. */
export class L1L2 extends Regularizer {
  static override readonly className = 'L1L2'
  static readonly schema = l1l2Schema
  private readonly options: Parsed<typeof l1l2Schema>

  /** @throws ArgumentError unless both are finite and ≥ 0. */
  constructor(options: OptionsOf<typeof l1l2Schema> = {}) {
    super()
    this.options = parseOptions('L1L2', l1l2Schema, options)
  }
  override apply(x: TracedTensor): TracedTensor {
    const { l1, l2 } = this.options
    const parts = [...(l1 === 0 ? [] : [K.multiply(K.sum(K.abs(x)), l1)]), ...(l2 === 0 ? [] : [K.multiply(K.sum(K.square(x)), l2)])]
    return parts.length === 0 ? x.builder.constant([0], { dtype: 'float32', shape: [] }) : parts.reduce(K.add)
  }
  override getConfig(): Record<string, Json> {
    return toConfig(l1l2Schema, this.options)
  }
}

const orthogonalSchema = { factor: factor(0.01), mode: optional<'rows' | 'columns'>(oneOf('rows', 'columns'), () => 'rows') }

/**
 * factor · the mean of |cosine| over the pairs of different rows (or columns) of a matrix.
 * Rows are normalised by x · rsqrt(max(Σ x², ε²)) with Keras' ε = 1e-7. One row alone gives NaN, as in Keras.
 */
export class OrthogonalRegularizer extends Regularizer {
  static override readonly className = 'OrthogonalRegularizer'
  static readonly schema = orthogonalSchema
  private readonly options: Parsed<typeof orthogonalSchema>

  /** @throws ArgumentError unless factor is finite and ≥ 0 and mode is rows or columns. */
  constructor(options: OptionsOf<typeof orthogonalSchema> = {}) {
    super()
    this.options = parseOptions('OrthogonalRegularizer', orthogonalSchema, options)
  }
  /** @throws ShapeError unless x is a matrix with a known number of rows (or columns). */
  override apply(x: TracedTensor): TracedTensor {
    const { factor, mode } = this.options
    const size = x.symbolicShape[mode === 'rows' ? 0 : 1]
    if (x.rank !== 2 || typeof size !== 'number') {
      throw new ShapeError(`OrthogonalRegularizer needs a matrix with a known number of ${mode}`, { x: x.type })
    }
    const unit = K.normalize(x, mode === 'rows' ? 1 : 0)
    const turned = K.transpose(unit)
    const product = mode === 'rows' ? K.matmul(unit, turned) : K.matmul(turned, unit)
    const index = (axis: number) => x.builder.emit('iota', [], { axis, dtype: 'int32', shape: [size, size] })
    const others = K.notEqual(index(0), index(1))
    const sum = K.sum(K.where(others, K.abs(product), 0))
    return K.divide(K.multiply(sum, factor * 0.5), (size * (size - 1)) / 2)
  }
  override getConfig(): Record<string, Json> {
    return toConfig(orthogonalSchema, this.options)
  }
}

/** A plain function as a regularizer. */
class FunctionRegularizer extends Regularizer {
  static override readonly className = 'function'
  readonly fn: (x: TracedTensor) => TracedTensor

  constructor(fn: (x: TracedTensor) => TracedTensor) {
    super()
    this.fn = fn
  }
  override apply(x: TracedTensor): TracedTensor {
    return callTraced('regularizer', this.fn, x)
  }
}

export const regularizerTable: PartTable<Regularizer> = partTable<Regularizer>('keras.regularizers', 'regularizer', [
  [L1, 'l1'],
  [L2, 'l2'],
  [L1L2, 'l1_l2', 'l1l2'],
  [OrthogonalRegularizer, 'orthogonal_regularizer'],
])

/** What a regularizer may be given as: an instance, a name, Keras' JSON, or a function that gives a scalar. */
export type RegularizerLike = Regularizer | string | { readonly class_name: string } | ((x: TracedTensor) => TracedTensor)

/** An optional regularizer of a layer's schema; null by default. */
export function regularizer(): Field<Regularizer | null> {
  return nullable(
    partField(regularizerTable, value => value instanceof Regularizer, {
      wrap: (fn: (x: TracedTensor) => TracedTensor) => new FunctionRegularizer(fn),
      unwrap: value => (value instanceof FunctionRegularizer ? value.fn : undefined),
    }),
  )
}

/** Every regularizer, as a class and as a function that makes one from options. */
export const regularizers = {
  Regularizer,
  L1,
  L1L2,
  L2,
  OrthogonalRegularizer,
  l1: maker(L1),
  l1L2: maker(L1L2),
  l2: maker(L2),
  orthogonalRegularizer: maker(OrthogonalRegularizer),
} as const
