// BatchNormalization: by the batch's own moments in training, by their moving averages otherwise.

import { ShapeError } from '../ir/errors.js'
import { normalizeAxis, type Size, type TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import { scalingOps } from '../ops/rareOps.js'
import type { LayerOptions } from './baseOptions.js'
import { type CallContext, Layer } from './layer.js'
import { type ConstraintLike, constraint } from './parts/constraints.js'
import { type InitializerLike, initializer } from './parts/initializers.js'
import { type RegularizerLike, regularizer } from './parts/regularizers.js'
import { alias, boolean, type Field, integer, number, only, optional } from './schema.js'
import type { Variable } from './variable.js'

export interface BatchNormalizationOptions extends LayerOptions {
  /** The axis of the channels, counted with the batch axis; the last by default. */
  readonly axis?: number
  /** How much of the moving averages is kept at each update; 0.99 by default. */
  readonly momentum?: number
  /** Added to the variance; 0.001 by default. */
  readonly epsilon?: number
  /** Whether to add beta. */
  readonly center?: boolean
  /** Whether to multiply by gamma. */
  readonly scale?: boolean
  readonly betaInitializer?: InitializerLike
  readonly gammaInitializer?: InitializerLike
  readonly movingMeanInitializer?: InitializerLike
  readonly movingVarianceInitializer?: InitializerLike
  readonly betaRegularizer?: RegularizerLike | null
  readonly gammaRegularizer?: RegularizerLike | null
  readonly betaConstraint?: ConstraintLike | null
  readonly gammaConstraint?: ConstraintLike | null
  /** Across devices: without a meaning here, kept for files. */
  readonly synchronized?: boolean
}

/** One axis; Keras 2 wrote it as a list of one. */
const axis: Field<number> = {
  ...integer(),
  parse: (value, where) => integer().parse(Array.isArray(value) && value.length === 1 ? value[0] : value, where),
}

const noRenorm = 'batch renormalization is not supported'

const schema = {
  axis: optional(axis, () => -1),
  momentum: optional(number(), () => 0.99),
  epsilon: optional(number(), () => 0.001),
  center: optional(boolean(), () => true),
  scale: optional(boolean(), () => true),
  betaInitializer: alias(initializer('zeros'), 'betaInit'),
  gammaInitializer: alias(initializer('ones'), 'gammaInit'),
  movingMeanInitializer: initializer('zeros'),
  movingVarianceInitializer: initializer('ones'),
  betaRegularizer: regularizer(),
  gammaRegularizer: regularizer(),
  betaConstraint: constraint(),
  gammaConstraint: constraint(),
  synchronized: optional(boolean(), () => false),
  renorm: only(false, noRenorm, true),
  renormClipping: only(null, noRenorm, true),
  renormMomentum: only(0.99, noRenorm, true),
}

interface Moments {
  readonly mean: TracedTensor
  readonly variance: TracedTensor
}

/**
 * (x − mean) / √(variance + epsilon) · gamma + beta per channel; integers become float32. A frozen layer
 * (`trainable = false`) always uses the moving averages. Source: keras/src/layers/normalization/batch_normalization.py.
 */
export class BatchNormalization extends Layer {
  static override readonly className = 'BatchNormalization'
  static override readonly schema = schema
  override readonly supportsMasking = true
  private readonly options = this.parse(schema)
  private gamma: Variable | undefined
  private beta: Variable | undefined
  private movingMean: Variable | undefined
  private movingVariance: Variable | undefined

  constructor(options: BatchNormalizationOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    const at = this.axisOf(input)
    const [built] = this.buildTypes ?? []
    if (!built) return
    const [wanted, got] = [built.shape[at], input.shape[at]]
    if (built.shape.length !== input.shape.length || wanted !== got) {
      throw new ShapeError(
        `expected rank ${built.shape.length} and ${wanted} channels on axis ${at}`,
        { input },
        'its weights were made for those',
      )
    }
  }

  private axisOf(input: TensorType): number {
    const at = normalizeAxis(this.options.axis, input.shape.length)
    if (at === undefined) throw new ShapeError(`axis ${this.options.axis} is out of range for rank ${input.shape.length}`, { input })
    return at
  }

  protected override build([input]: readonly [TensorType]): void {
    const { options } = this
    const at = this.axisOf(input)
    const shape = [this.knownSize(input.shape[at], at, input)]
    this.gamma = options.scale
      ? this.addWeight('gamma', {
          shape,
          initializer: options.gammaInitializer,
          regularizer: options.gammaRegularizer,
          constraint: options.gammaConstraint,
        })
      : undefined
    this.beta = options.center
      ? this.addWeight('beta', {
          shape,
          initializer: options.betaInitializer,
          regularizer: options.betaRegularizer,
          constraint: options.betaConstraint,
        })
      : undefined
    this.movingMean = this.addWeight('moving_mean', { shape, initializer: options.movingMeanInitializer, trainable: false })
    this.movingVariance = this.addWeight('moving_variance', { shape, initializer: options.movingVarianceInitializer, trainable: false })
  }

  protected override call([x]: readonly [TracedTensor], context: CallContext): TracedTensor {
    const { masks, weight, phase } = context
    const [mask] = masks
    if (mask && mask.type.shape.length !== x.type.shape.length - 1) {
      throw new ShapeError('needs a mask with one axis less than the input', { mask: mask.type, input: x.type })
    }
    const [movingMean, movingVariance] = [this.movingMean as Variable, this.movingVariance as Variable]
    const floats = K.cast(x, 'float32')
    const inference = this.normalize(floats, { mean: weight(movingMean), variance: weight(movingVariance) }, context)
    if (!this.trainable || context.trace.inferring) return inference
    const moments = this.moments(floats, mask ?? null)
    this.follow(movingMean, moments.mean, context)
    this.follow(movingVariance, moments.variance, context)
    return phase(this.normalize(floats, moments, context), inference)
  }

  private normalize(x: TracedTensor, { mean, variance }: Moments, { weight }: CallContext): TracedTensor {
    const gamma = this.gamma ? weight(this.gamma) : K.onesLike(mean)
    const beta = this.beta ? weight(this.beta) : K.zerosLike(mean)
    return x.builder.emitFrom(scalingOps, 'batch_norm', [x, gamma, beta, mean, variance], {
      axis: this.axisOf(x.type),
      epsilon: this.options.epsilon,
    })
  }

  /** Moves a moving average towards the batch's moment; a shared layer moves it once per call. */
  private follow(moving: Variable, moment: TracedTensor, { trace }: CallContext): void {
    const { momentum } = this.options
    trace.update(moving, K.add(K.multiply(trace.latest(moving), momentum), K.multiply(moment, 1 - momentum)))
  }

  /** Mean and (biased) variance per channel, over the steps the mask keeps. */
  private moments(x: TracedTensor, mask: TracedTensor | null): Moments {
    const at = this.axisOf(x.type)
    const axis = x.type.shape.map((_, k) => k).filter(k => k !== at)
    if (!mask) return { mean: K.mean(x, axis), variance: K.var(x, axis) }
    const kept = K.cast(K.broadcastTo(K.expandDims(mask, -1), x.type.shape), 'float32')
    const weighted = K.multiply(kept, x)
    // Keras adds its epsilon to the count, so that nothing kept gives 0 and not NaN
    const count = K.add(K.sum(kept, axis, true), K.epsilon())
    const mean = K.divide(K.sum(weighted, axis, true), count)
    const distance = K.multiply(kept, K.square(K.subtract(weighted, mean)))
    const variance = K.divide(K.sum(distance, axis, true), count)
    const channels = [x.type.shape[at] as Size]
    return { mean: K.reshape(mean, channels), variance: K.reshape(variance, channels) }
  }
}
