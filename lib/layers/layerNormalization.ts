// LayerNormalization, RMSNormalization, UnitNormalization: each sample brought to a common scale over some of its axes.

import { ShapeError } from '../ir/errors.js'
import { normalizeAxis, type Shape, type Size, type TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import { unitNormalize } from '../ops/functional/standardisation.js'
import type { LayerOptions } from './baseOptions.js'
import { type CallContext, Layer } from './layer.js'
import { initializers } from './parts/initializers.js'
import { alongAxes, ScaleAndShift, type ScaleAndShiftOptions, scaleAndShiftSchema } from './scaleAndShift.js'
import { boolean, type Field, integer, type Json, number, oneOrMany, optional } from './schema.js'
import type { Variable } from './variable.js'

/** One axis or several; the last by default. */
function axes(): Field<number | readonly number[]> {
  return optional(oneOrMany(integer()), () => -1)
}

/** In ascending order as they are written, as Keras sorts them: −1 comes before 1. */
function listOf(axis: number | readonly number[]): readonly number[] {
  return typeof axis === 'number' ? [axis] : [...axis].sort((a, b) => a - b)
}

/** @throws ShapeError for an axis that the input does not have. */
function checkAxes(axis: number | readonly number[], input: TensorType): void {
  const bad = listOf(axis).find(one => normalizeAxis(one, input.shape.length) === undefined)
  if (bad !== undefined) throw new ShapeError(`axis ${bad} is out of range for rank ${input.shape.length}`, { input })
}

function sizesAlong(axis: number | readonly number[], input: TensorType): Shape {
  return listOf(axis).map(one => input.shape.at(one) as Size)
}

/** @throws ShapeError unless the axes have the sizes of the first call, which the weights were made for. */
function checkSizes(axis: number | readonly number[], input: TensorType, built: TensorType | undefined): void {
  checkAxes(axis, input)
  if (!built) return
  const [wanted, got] = [sizesAlong(axis, built), sizesAlong(axis, input)]
  if (String(wanted) !== String(got))
    throw new ShapeError(`expected axes [${listOf(axis).join(', ')}] of sizes [${wanted.join(', ')}], got [${got.join(', ')}]`, { input })
}

export interface LayerNormalizationOptions extends ScaleAndShiftOptions {
  /** The axes to normalise over, counted with the batch axis; the last by default. */
  readonly axis?: number | readonly number[]
  /** Old and deprecated: only multiplies by rsqrt(variance + epsilon) and gamma. */
  readonly rmsScaling?: boolean
}

const layerSchema = { axis: axes(), ...scaleAndShiftSchema, rmsScaling: optional(boolean(), () => false) }

/**
 * (x − mean) · rsqrt(variance + epsilon) · gamma + beta, mean and variance over some axes of each sample.
 * Source: keras/src/layers/normalization/layer_normalization.py.
 */
export class LayerNormalization extends ScaleAndShift {
  static override readonly className = 'LayerNormalization'
  static override readonly schema = layerSchema
  override readonly supportsMasking = true
  private readonly options = this.parse(layerSchema)

  constructor(options: LayerNormalizationOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    checkSizes(this.options.axis, inputs[0] as TensorType, this.buildTypes?.[0])
  }

  protected override build([input]: readonly [TensorType]): void {
    const { axis, scale, center, rmsScaling } = this.options
    const shape = listOf(axis).map(one => this.knownSize(input.shape.at(one), one, input))
    this.buildScaleAndShift(shape, { scale: scale || rmsScaling, center: center && !rmsScaling })
  }

  protected override call([x]: readonly [TracedTensor], context: CallContext): TracedTensor {
    const { epsilon, rmsScaling } = this.options
    const [axis, { gamma, beta }] = [listOf(this.options.axis), this.readScaleAndShift(context)]
    if (!rmsScaling) return K.layerNormalization(x, gamma, beta, { axis, epsilon })
    const scaled = K.multiply(x, K.rsqrt(K.add(K.var(x, axis, true), epsilon)))
    return gamma ? K.multiply(scaled, alongAxes(gamma, x, axis)) : scaled
  }

  /** Keras makes the axis a list when it makes the weights. */
  override getConfig(): Record<string, Json> {
    return { ...super.getConfig(), ...(this.built ? { axis: listOf(this.options.axis) } : {}) }
  }
}

export interface RMSNormalizationOptions extends LayerOptions {
  /** The axes to normalise over, counted with the batch axis; the last by default. */
  readonly axis?: number | readonly number[]
  /** Added to the mean square; 1e-6 by default. */
  readonly epsilon?: number
}

const rmsSchema = { axis: axes(), epsilon: optional(number(), () => 1e-6) }

/**
 * x · rsqrt(mean(x²) + epsilon) · scale over some axes of each sample.
 * Source: keras/src/layers/normalization/rms_normalization.py.
 */
export class RMSNormalization extends Layer {
  static override readonly className = 'RMSNormalization'
  static override readonly schema = rmsSchema
  private readonly options = this.parse(rmsSchema)
  private scale: Variable | undefined

  constructor(options: RMSNormalizationOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    checkSizes(this.options.axis, inputs[0] as TensorType, this.buildTypes?.[0])
  }

  protected override build([input]: readonly [TensorType]): void {
    const shape = listOf(this.options.axis).map(one => this.knownSize(input.shape.at(one), one, input))
    this.scale = this.addWeight('scale', { shape, initializer: initializers.ones() })
  }

  protected override call([x]: readonly [TracedTensor], { weight }: CallContext): TracedTensor {
    return K.rmsNormalization(x, weight(this.scale as Variable), { axis: listOf(this.options.axis), epsilon: this.options.epsilon })
  }

  /** Keras makes the axis a list when it makes the weights. */
  override getConfig(): Record<string, Json> {
    return { ...super.getConfig(), ...(this.built ? { axis: listOf(this.options.axis) } : {}) }
  }
}

export interface UnitNormalizationOptions extends LayerOptions {
  /** The axes whose squares sum to 1, counted with the batch axis; the last by default. */
  readonly axis?: number | readonly number[]
}

const unitSchema = { axis: axes() }
const leastNorm = 1e-12

/** x divided by its Euclidean norm over some axes. Source: keras/src/layers/normalization/unit_normalization.py. */
export class UnitNormalization extends Layer {
  static override readonly className = 'UnitNormalization'
  static override readonly schema = unitSchema
  override readonly supportsMasking = true
  private readonly options = this.parse(unitSchema)

  constructor(options: UnitNormalizationOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    checkAxes(this.options.axis, inputs[0] as TensorType)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    const [axis, ...others] = listOf(this.options.axis)
    if (axis !== undefined && others.length === 0) return unitNormalize(x, axis, leastNorm)
    return K.normalize(x, { axis: this.options.axis, order: 2, epsilon: leastNorm })
  }
}
