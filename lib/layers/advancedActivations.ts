// Activations that are layers of their own: ReLU, LeakyReLU, ELU and PReLU.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { type CallContext, Layer } from './layer.js'
import { type ConstraintLike, constraint } from './parts/constraints.js'
import { type InitializerLike, initializer } from './parts/initializers.js'
import { type RegularizerLike, regularizer } from './parts/regularizers.js'
import { alias, type Field, integer, list, nullable, number, optional } from './schema.js'
import type { Variable } from './variable.js'

function positive(fallback: number): Field<number> {
  return optional(number({ min: 0 }), () => fallback)
}

export interface ReLUOptions extends LayerOptions {
  /** Where the result saturates; nowhere by default. */
  readonly maxValue?: number | null
  /** The slope below the threshold; 0 by default. */
  readonly negativeSlope?: number
  /** Values not above it are damped; 0 by default. */
  readonly threshold?: number
}

const reluSchema = { maxValue: nullable(number({ min: 0 })), negativeSlope: positive(0), threshold: positive(0) }

/**
 * min(x, maxValue) above the threshold, negativeSlope · (x − threshold) below it.
 * Source: keras/src/layers/activations/relu.py.
 */
export class ReLU extends Layer {
  static override readonly className = 'ReLU'
  static override readonly schema = reluSchema
  override readonly supportsMasking = true
  private readonly options = this.parse(reluSchema)

  constructor(options: ReLUOptions = {}) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return K.relu(x, { ...this.options })
  }
}

export interface LeakyReLUOptions extends LayerOptions {
  /** The slope below 0; 0.3 by default. Keras 2 calls it `alpha`. */
  readonly negativeSlope?: number
  readonly alpha?: number
}

const leakySchema = { negativeSlope: alias(positive(0.3), 'alpha') }

/** x where x ≥ 0, negativeSlope · x elsewhere. Source: keras/src/layers/activations/leaky_relu.py. */
export class LeakyReLU extends Layer {
  static override readonly className = 'LeakyReLU'
  static override readonly schema = leakySchema
  override readonly supportsMasking = true
  private readonly options = this.parse(leakySchema)

  constructor(options: LeakyReLUOptions = {}) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return K.leakyRelu(x, this.options.negativeSlope)
  }
}

export interface ELUOptions extends LayerOptions {
  /** What the result tends to below 0, negated; 1 by default. */
  readonly alpha?: number
}

const eluSchema = { alpha: optional(number(), () => 1) }

/** x where x > 0, alpha · (eˣ − 1) elsewhere. Source: keras/src/layers/activations/elu.py. */
export class ELU extends Layer {
  static override readonly className = 'ELU'
  static override readonly schema = eluSchema
  override readonly supportsMasking = true
  private readonly options = this.parse(eluSchema)

  constructor(options: ELUOptions = {}) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return K.elu(x, this.options.alpha)
  }
}

export interface PReLUOptions extends LayerOptions {
  /** zeros by default. */
  readonly alphaInitializer?: InitializerLike
  readonly alphaRegularizer?: RegularizerLike | null
  readonly alphaConstraint?: ConstraintLike | null
  /** Axes, counted with the batch axis, along which the slopes are shared: [1, 2] for one per channel of an image. */
  readonly sharedAxes?: number | readonly number[] | null
}

const axes = list(integer({ min: 1 }))

/** One axis is taken as a list of one, as in Keras. */
const sharedAxes: Field<readonly number[] | null> = nullable({
  parse: (value, where) => axes.parse(typeof value === 'number' ? [value] : value, where),
  toJson: axes.toJson,
})

const preluSchema = {
  alphaInitializer: alias(initializer('zeros'), 'init'),
  alphaRegularizer: regularizer(),
  alphaConstraint: constraint(),
  sharedAxes,
}

/** x where x ≥ 0, alpha · x elsewhere, with learned slopes alpha. Source: keras/src/layers/activations/prelu.py. */
export class PReLU extends Layer {
  static override readonly className = 'PReLU'
  static override readonly schema = preluSchema
  override readonly supportsMasking = true
  private readonly options = this.parse(preluSchema)
  private alpha: Variable | undefined

  constructor(options: PReLUOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    const [built] = this.buildTypes ?? []
    const shared = new Set(this.options.sharedAxes)
    if (!built) return
    const fits =
      built.shape.length === input.shape.length &&
      input.shape.every((size, axis) => axis === 0 || shared.has(axis) || size === built.shape[axis])
    if (!fits)
      throw new ShapeError(
        'was built for another shape of input',
        { built, input },
        'its slopes were made for that shape; share axes, or use a new layer',
      )
  }

  protected override build([input]: readonly [TensorType]): void {
    const { sharedAxes, alphaInitializer, alphaRegularizer, alphaConstraint } = this.options
    const rank = input.shape.length
    const bad = sharedAxes?.find(axis => axis >= rank)
    if (bad !== undefined) throw new ArgumentError(`sharedAxes: axis ${bad} is out of range for an input of rank ${rank}`)
    const shape = input.shape.slice(1).map((size, k) => (sharedAxes?.includes(k + 1) ? 1 : this.knownSize(size, k + 1, input)))
    this.alpha = this.addWeight('alpha', {
      shape,
      initializer: alphaInitializer,
      regularizer: alphaRegularizer,
      constraint: alphaConstraint,
    })
  }

  protected override call([x]: readonly [TracedTensor], { weight }: CallContext): TracedTensor {
    const below = K.multiply(K.negative(weight(this.alpha as Variable)), K.relu(K.negative(x)))
    return K.add(K.relu(x), below)
  }
}
