// Constraints: projections that weights are put through after each update. Source: keras/src/constraints/constraints.py.

import type { TracedTensor } from '../../ops/builder.js'
import * as K from '../../ops/functional/index.js'
import {
  alias,
  type Field,
  integer,
  type Json,
  nullable,
  number,
  oneOrMany,
  optional,
  type Parsed,
  type PartTable,
  parseOptions,
  toConfig,
} from '../schema.js'
import { callTraced, maker, NamedPart, type OptionsOf, partField, partTable } from './partTable.js'

/** The base of constraints; a class of your own overrides `apply` and, with options, `getConfig`. */
export abstract class Constraint extends NamedPart {
  /** The weight as it should be, in its own type. */
  abstract apply(w: TracedTensor): TracedTensor
}

const axisField: Field<number | readonly number[]> = optional(oneOrMany(integer()), () => 0)
const withDefault = (value: number): Field<number> => optional(number(), () => value)

/** √ Σ w² over an axis or several, kept as size 1. */
function norms(w: TracedTensor, axis: number | readonly number[]): TracedTensor {
  return K.sqrt(K.sum(K.square(w), axis, true))
}

/** w · (desired / (ε + norm)) */
function rescale(w: TracedTensor, desired: TracedTensor, norm: TracedTensor): TracedTensor {
  return K.multiply(w, K.divide(desired, K.add(norm, K.epsilon())))
}

const maxNormSchema = { maxValue: alias(withDefault(2), 'm'), axis: axisField }

/** Scales w so that its norm along `axis` is at most `maxValue` (2). */
export class MaxNorm extends Constraint {
  static override readonly className = 'MaxNorm'
  static readonly schema = maxNormSchema
  private readonly options: Parsed<typeof maxNormSchema>

  /** @throws ArgumentError for ill-typed options. */
  constructor(options: OptionsOf<typeof maxNormSchema> = {}) {
    super()
    this.options = parseOptions('MaxNorm', maxNormSchema, options)
  }
  /** @throws ShapeError when w has no such axis. */
  override apply(w: TracedTensor): TracedTensor {
    const { maxValue, axis } = this.options
    const norm = norms(w, axis)
    return rescale(w, K.clip(norm, 0, maxValue), norm)
  }
  override getConfig(): Record<string, Json> {
    return toConfig(maxNormSchema, this.options)
  }
}

/** max(w, 0) */
export class NonNeg extends Constraint {
  static override readonly className = 'NonNeg'
  static readonly schema = {}

  /** @throws ArgumentError for any option: it has none. */
  constructor(options: Record<string, never> = {}) {
    super()
    parseOptions('NonNeg', {}, options)
  }
  override apply(w: TracedTensor): TracedTensor {
    return K.relu(w)
  }
}

const unitNormSchema = { axis: axisField }

/** w / (ε + its norm along `axis`) */
export class UnitNorm extends Constraint {
  static override readonly className = 'UnitNorm'
  static readonly schema = unitNormSchema
  private readonly options: Parsed<typeof unitNormSchema>

  /** @throws ArgumentError for ill-typed options. */
  constructor(options: OptionsOf<typeof unitNormSchema> = {}) {
    super()
    this.options = parseOptions('UnitNorm', unitNormSchema, options)
  }
  /** @throws ShapeError when w has no such axis. */
  override apply(w: TracedTensor): TracedTensor {
    return K.divide(w, K.add(norms(w, this.options.axis), K.epsilon()))
  }
  override getConfig(): Record<string, Json> {
    return toConfig(unitNormSchema, this.options)
  }
}

const minMaxNormSchema = { minValue: withDefault(0), maxValue: withDefault(1), rate: withDefault(1), axis: axisField }

/** Moves the norm along `axis` by the share `rate` of the way into [minValue, maxValue]. */
export class MinMaxNorm extends Constraint {
  static override readonly className = 'MinMaxNorm'
  static readonly schema = minMaxNormSchema
  private readonly options: Parsed<typeof minMaxNormSchema>

  /** @throws ArgumentError for ill-typed options. */
  constructor(options: OptionsOf<typeof minMaxNormSchema> = {}) {
    super()
    this.options = parseOptions('MinMaxNorm', minMaxNormSchema, options)
  }
  /** @throws ShapeError when w has no such axis. */
  override apply(w: TracedTensor): TracedTensor {
    const { minValue, maxValue, rate, axis } = this.options
    const norm = norms(w, axis)
    return rescale(w, K.add(K.multiply(K.clip(norm, minValue, maxValue), rate), K.multiply(norm, 1 - rate)), norm)
  }
  override getConfig(): Record<string, Json> {
    return toConfig(minMaxNormSchema, this.options)
  }
}

/** A plain function as a constraint. */
class FunctionConstraint extends Constraint {
  static override readonly className = 'function'
  readonly fn: (w: TracedTensor) => TracedTensor

  constructor(fn: (w: TracedTensor) => TracedTensor) {
    super()
    this.fn = fn
  }
  override apply(w: TracedTensor): TracedTensor {
    return callTraced('constraint', this.fn, w)
  }
}

export const constraintTable: PartTable<Constraint> = partTable<Constraint>('keras.constraints', 'constraint', [
  [MaxNorm, 'max_norm', 'maxnorm'],
  [MinMaxNorm, 'min_max_norm'],
  [NonNeg, 'non_neg', 'nonneg'],
  [UnitNorm, 'unit_norm', 'unitnorm'],
])

/** What a constraint may be given as: an instance, a name, Keras' JSON, or a function of the weight. */
export type ConstraintLike = Constraint | string | { readonly class_name: string } | ((w: TracedTensor) => TracedTensor)

/** An optional constraint of a layer's schema; null by default. */
export function constraint(): Field<Constraint | null> {
  return nullable(
    partField(constraintTable, value => value instanceof Constraint, {
      wrap: (fn: (w: TracedTensor) => TracedTensor) => new FunctionConstraint(fn),
      unwrap: value => (value instanceof FunctionConstraint ? value.fn : undefined),
    }),
  )
}

/** Every constraint, as a class and as a function that makes one from options. */
export const constraints = {
  Constraint,
  MaxNorm,
  MinMaxNorm,
  NonNeg,
  UnitNorm,
  maxNorm: maker(MaxNorm),
  minMaxNorm: maker(MinMaxNorm),
  nonNeg: maker(NonNeg),
  unitNorm: maker(UnitNorm),
} as const
