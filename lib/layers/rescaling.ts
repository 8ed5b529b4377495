// Rescaling and Normalization: inputs scaled and shifted by numbers that are not trained.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import { NDArray, type Nested, ndarray } from '../ir/ndarray.js'
import { showGiven } from '../ir/options.js'
import { normalizeAxis, sizeOf, type TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { type CallContext, Layer } from './layer.js'
import { boolean, type Field, integer, isRecord, list, nullable, optional, type Parsed } from './schema.js'
import type { Variable } from './variable.js'

/** A number, or nested lists of numbers. */
export type Numbers = number | NDArray | Nested

/** Plain numbers, as JSON has them: with all the digits that were given. */
type Nest = number | readonly Nest[]

/** A number, nested lists of numbers, or what Keras writes for an array of NumPy's. */
const numbers: Field<Nest> = {
  parse(value, where) {
    const given = isRecord(value) && value.class_name === '__numpy__' && isRecord(value.config) ? value.config.value : value
    const plain = given instanceof NDArray ? given.toArray() : given
    if (!isNest(plain)) throw new ArgumentError(`${where} should be a number or nested lists of numbers, got ${showGiven(value)}`)
    try {
      asFloats(plain)
    } catch (error) {
      if (error instanceof ArgumentError) error.message = `${where}: ${error.message}`
      throw error
    }
    return plain
  },
  toJson: value => value,
}

function isNest(value: unknown): value is Nest {
  return typeof value === 'number' || (Array.isArray(value) && value.every(isNest))
}

function asFloats(given: NDArray | Nested): NDArray {
  const array = given instanceof NDArray ? given : ndarray(given, 'float32')
  return array.dtype === 'float32' ? array : new NDArray(Float32Array.from(array.data), array.shape)
}

export interface RescalingOptions extends LayerOptions {
  /** The factor, or one for each entry of the last axes. */
  readonly scale: Numbers
  /** What is added; 0 by default. */
  readonly offset?: Numbers
}

const rescalingSchema = { scale: numbers, offset: optional(numbers, () => 0) }

/** x · scale + offset, as float32. Source: keras/src/layers/preprocessing/rescaling.py. */
export class Rescaling extends Layer {
  static override readonly className = 'Rescaling'
  static override readonly schema = rescalingSchema
  override readonly supportsMasking = true
  private readonly options = this.parse(rescalingSchema)

  constructor(options: RescalingOptions) {
    super(options)
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    const [scale, offset] = [asFloats(this.options.scale), asFloats(this.options.offset)]
    const channelsFirst = K.imageDataFormat() === 'channels_first' && scale.shape.length > 0 && scale.shape.length < 3
    const factor = channelsFirst
      ? new NDArray(scale.data, [...scale.shape, ...Array.from({ length: 3 - scale.shape.length }, () => 1)])
      : scale
    return K.add(K.multiply(K.cast(x, 'float32'), factor), offset)
  }
}

export interface NormalizationOptions extends LayerOptions {
  /** The axes with a mean of their own, counted with the batch axis; the last by default, null for none. */
  readonly axis?: number | readonly number[] | null
  /** Given together with the variance; else both are weights, to be loaded or found by `adapt`. */
  readonly mean?: Numbers | null
  readonly variance?: Numbers | null
  /** Whether to undo what the layer else does. */
  readonly invert?: boolean
}

const keptAxes: Field<readonly number[]> = {
  fallback: () => [-1],
  parse: (value, where) => (value === null ? [] : list(integer()).parse(Array.isArray(value) ? value : [value], where)),
  toJson: value => value,
}

const normalizationSchema = {
  axis: keptAxes,
  mean: nullable(numbers),
  variance: nullable(numbers),
  invert: optional(boolean(), () => false),
}

/**
 * (x − mean) / √variance, or with `invert` x · √variance + mean; the root counts as at least `K.epsilon()`.
 * Source: keras/src/layers/preprocessing/normalization.py.
 */
export class Normalization extends Layer {
  static override readonly className = 'Normalization'
  static override readonly schema = normalizationSchema
  override readonly supportsMasking = true
  private readonly options = this.parse(normalizationSchema)
  private mean: Variable | undefined
  private variance: Variable | undefined

  constructor(options: NormalizationOptions = {}) {
    super(options)
  }

  protected static override checkTogether({ mean, variance, axis }: Parsed<typeof normalizationSchema>, owner: string): void {
    if ((mean === null) !== (variance === null)) throw new ArgumentError(`${owner}: give both mean and variance, or neither`)
    if (mean === null || variance === null) return
    const [shape, other] = [asFloats(mean).shape, asFloats(variance).shape]
    if (String(shape) !== String(other))
      throw new ArgumentError(`${owner}: mean of shape [${shape}] and variance of shape [${other}] should have one shape`)
    if (shape.length > axis.length)
      throw new ArgumentError(`${owner}: mean of shape [${shape}] has more axes than the ${axis.length} of axis`)
  }

  /** The axes kept, counted from the front, in ascending order. */
  private keptOf(input: TensorType): number[] {
    const rank = input.shape.length
    const bad = this.options.axis.find(axis => normalizeAxis(axis, rank) === undefined)
    if (bad !== undefined) throw new ShapeError(`axis ${bad} is out of range for rank ${rank}`, { input })
    return this.options.axis.map(axis => normalizeAxis(axis, rank) as number).sort((a, b) => a - b)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    const kept = this.keptOf(input)
    const [built] = this.buildTypes ?? []
    const odd = built && kept.find(axis => built.shape[axis] !== input.shape[axis])
    if (built && odd !== undefined)
      throw new ShapeError(`expected axis ${odd} of the input to be ${built.shape[odd]}, got ${input.shape[odd]}`, { input })
  }

  protected override build([input]: readonly [TensorType]): void {
    const shape = this.keptOf(input).map(axis => this.knownSize(input.shape[axis], axis, input))
    if (this.options.mean !== null) return
    const filled = (value: number) => ({ draw: () => new Float32Array(sizeOf(shape)).fill(value) })
    this.mean = this.addWeight('mean', { shape, initializer: filled(0), trainable: false })
    this.variance = this.addWeight('variance', { shape, initializer: filled(1), trainable: false })
    // without a use since Keras 3, but part of every file
    this.addWeight('count', { shape: [], dtype: 'int32', initializer: { draw: () => new Int32Array(1) }, trainable: false })
  }

  protected override call([x]: readonly [TracedTensor], context: CallContext): TracedTensor {
    const floats = K.cast(x, 'float32')
    const [mean, variance] = [this.moment('mean', floats, context), this.moment('variance', floats, context)]
    const deviation = K.maximum(K.sqrt(variance), K.epsilon())
    return this.options.invert ? K.add(mean, K.multiply(floats, deviation)) : K.divide(K.subtract(floats, mean), deviation)
  }

  /** A moment that broadcasts over x: a weight, or numbers aligned with the last of the axes kept. */
  private moment(name: 'mean' | 'variance', x: TracedTensor, { weight }: CallContext): TracedTensor {
    const kept = this.keptOf(x.type)
    const option = this.options[name]
    if (option === null) return K.reshape(weight(this[name] as Variable), this.spread(x, kept))
    const given = asFloats(option)
    const aligned = given.shape.length === 0 ? [] : kept.slice(-given.shape.length)
    const sizes = x.type.shape.map((_, axis) => given.shape[aligned.indexOf(axis)] ?? 1)
    return x.builder.constant(Array.from(given.data), { dtype: 'float32', shape: sizes })
  }

  /** The sizes of x along the axes kept, 1 for the others. */
  private spread(x: TracedTensor, kept: readonly number[]) {
    return x.type.shape.map((size, axis) => (kept.includes(axis) ? size : 1))
  }

  /**
   * Sets mean and variance to those of the data, over all axes but those kept; makes the weights if there are none yet.
   * @throws ArgumentError when they were given as options, ShapeError when the data does not fit.
   */
  adapt(data: NDArray | Nested): void {
    if (this.options.mean !== null) throw new ArgumentError(`${this.title}: adapt() has no use, since mean and variance were given`)
    const { shape, data: values } = asFloats(data)
    this.buildOnce([{ dtype: 'float32', shape }])
    const kept = this.keptOf({ dtype: 'float32', shape })
    const mean = meansAlong(values, shape, kept, x => x)
    const variance = meansAlong(values, shape, kept, (x, group) => (x - (mean[group] as number)) ** 2)
    this.mean?.assign(Float32Array.from(mean))
    this.variance?.assign(Float32Array.from(variance))
  }
}

/** The mean of f over all entries with the same place along `kept`, row-major in those places. */
function meansAlong(values: ArrayLike<number>, shape: readonly number[], kept: readonly number[], f: (x: number, group: number) => number) {
  const sums = new Float64Array(sizeOf(kept.map(axis => shape[axis] as number)))
  for (let flat = 0; flat < values.length; flat++) {
    let [rest, group, step] = [flat, 0, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number
      if (kept.includes(axis)) {
        group += (rest % size) * step
        step *= size
      }
      rest = Math.floor(rest / size)
    }
    sums[group] = (sums[group] as number) + f(values[flat] as number, group)
  }
  return sums.map(sum => (sum * sums.length) / values.length)
}
