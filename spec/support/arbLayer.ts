// Random legal layers for an input of a given shape: class and options, as a program would write them.

import fc from 'fast-check'
import type { LayerClassName } from '../../lib/layers/classNames.js'
import type { LambdaFunction } from '../../lib/layers/lambda.js'
import type { KerasShape, Layer, LayerClass } from '../../lib/layers/layer.js'
import { layerClasses } from '../../lib/layers/registry.js'
import * as K from '../../lib/ops/functional/index.js'
import { spatialCandidates } from './arbSpatial.js'

/** A layer to be: what its class is called and what its constructor gets. */
export interface LayerSpec {
  readonly className: LayerClassName
  readonly options: Readonly<Record<string, unknown>>
}

/** Makes the layer; its options are frozen first, so that a constructor that writes into them fails. */
export function makeLayer({ className, options }: LayerSpec): Layer {
  const Class: LayerClass = layerClasses[className]
  return new Class(deepFreeze({ ...options }) as never)
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}

const activations = ['linear', 'relu', 'tanh', 'sigmoid', 'softplus', 'gelu', 'elu', 'hard_sigmoid', 'softsign', 'silu'] as const
const regularizers = [null, 'l1', 'l2', { class_name: 'L1L2', config: { l1: 0.1, l2: 0.2 } }] as const
const initializers = ['glorotUniform', 'he_normal', 'ones', { class_name: 'Constant', config: { value: 0.5 } }] as const
const constraints = [null, 'nonNeg', { class_name: 'MaxNorm', config: { max_value: 2, axis: 0 } }] as const

const regularizer = fc.constantFrom(...regularizers)
const initializer = fc.constantFrom(...initializers)
const constraint = fc.constantFrom(...constraints)
const rate = fc.constantFrom(0, 0.25, 0.5, 1)
const seed = fc.nat({ max: 2 ** 32 })
const positive = fc.constantFrom(0, 0.1, 0.5, 2)
const dataFormat = fc.constantFrom(null, 'channels_last', 'channels_first')

/** Functions of the tensor alone, and what each does to a shape of rank 2 or more stays legal for any size. */
const lambdas: readonly LambdaFunction[] = [
  x => K.add(K.square(x), 1),
  x => K.softmax(x),
  x => K.concatenate([K.relu(x), K.relu(K.negative(x))], { axis: -1 }),
  x => K.subtract(x, K.mean(x, { axis: -1, keepdims: true })),
  x => K.expandDims(x, 1),
]

/** Options of what ends with gamma and beta. */
const scaling = {
  epsilon: fc.constantFrom(0.01, 0.1),
  center: fc.boolean(),
  scale: fc.boolean(),
  gammaInitializer: initializer,
  betaInitializer: initializer,
  gammaRegularizer: regularizer,
  betaConstraint: constraint,
}

type Options = Record<string, fc.Arbitrary<unknown>>

/** Each option is there or left to its default. */
function some(options: Options, required: Options = {}): fc.Arbitrary<Record<string, unknown>> {
  const record = fc.record({ ...required, ...options }, { requiredKeys: Object.keys(required) })
  return record as fc.Arbitrary<Record<string, unknown>>
}

/** The options of every class that may be called on one tensor of this shape (batch axis included, null unknown). */
function candidates(shape: KerasShape): Partial<Record<LayerClassName, fc.Arbitrary<Record<string, unknown>>>> {
  const rank = shape.length
  const sample = shape.slice(1)
  const knownAxes = shape.flatMap((size, axis) => (size !== null && axis > 0 ? [axis, axis - rank] : []))
  const positiveAxes = knownAxes.filter(axis => axis > 0)
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  const dims = fc.shuffledSubarray(axes.slice(1), { minLength: rank - 1 })
  return {
    Activation: some({ activityRegularizer: regularizer }, { activation: fc.constantFrom(...activations) }),
    ActivityRegularization: some({ l1: positive, l2: positive }),
    Dropout: some({ noiseShape: noiseShape(shape) }, { rate, seed }),
    AlphaDropout: some({ noiseShape: noiseShape(shape) }, { rate: fc.constantFrom(0, 0.25, 0.5), seed }),
    GaussianDropout: some({}, { rate: fc.constantFrom(0, 0.25, 0.5), seed }),
    GaussianNoise: some({}, { stddev: fc.constantFrom(0, 0.5, 1), seed }),
    ELU: some({ alpha: positive }),
    Embedding: some(
      { embeddingsInitializer: initializer, embeddingsRegularizer: regularizer, embeddingsConstraint: constraint },
      { inputDim: fc.integer({ min: 1, max: 6 }), outputDim: fc.integer({ min: 1, max: 3 }), maskZero: fc.boolean() },
    ),
    Rescaling: some({ offset: positive }, { scale: fc.constantFrom(0.5, 2, -1) }),
    UnitNormalization: some({ axis: fc.oneof(fc.constantFrom(...axes), fc.shuffledSubarray(axes, { minLength: 1 })) }),
    Flatten: some({ dataFormat }),
    Identity: some({}),
    LeakyReLU: some({ negativeSlope: positive }),
    Masking: some({ maskValue: fc.constantFrom(0, 1, -1.5) }),
    ReLU: some({ maxValue: fc.constantFrom(null, 1, 6), negativeSlope: positive, threshold: positive }),
    Softmax: some({ axis: fc.oneof(fc.constantFrom(...axes, -1), fc.shuffledSubarray(axes, { minLength: 1 })) }),
    Reshape: some({}, { targetShape: targetShape(sample) }),
    PReLU: some(
      { alphaInitializer: initializer, alphaRegularizer: regularizer, alphaConstraint: constraint },
      { sharedAxes: sharedAxes(shape) },
    ),
    ...(rank >= 2 && {
      Permute: some({}, { dims }),
      Lambda: some({}, { function: fc.constantFrom(...lambdas) }),
    }),
    ...(rank >= 2 &&
      sample.at(-1) !== null && {
        Dense: some(
          {
            activation: fc.constantFrom(...activations),
            useBias: fc.boolean(),
            kernelInitializer: initializer,
            biasInitializer: initializer,
            kernelRegularizer: regularizer,
            biasRegularizer: regularizer,
            kernelConstraint: constraint,
            biasConstraint: constraint,
            activityRegularizer: regularizer,
            trainable: fc.boolean(),
          },
          { units: fc.integer({ min: 1, max: 4 }) },
        ),
      }),
    ...(knownAxes.length > 0 && {
      BatchNormalization: some(
        {
          momentum: fc.constantFrom(0.9, 0.5),
          epsilon: fc.constantFrom(0.01, 0.1),
          center: fc.boolean(),
          scale: fc.boolean(),
          gammaInitializer: initializer,
          movingMeanInitializer: initializer,
          betaRegularizer: regularizer,
          trainable: fc.boolean(),
        },
        { axis: fc.constantFrom(...knownAxes) },
      ),
    }),
    ...(knownAxes.length > 0 && {
      LayerNormalization: some(
        { ...scaling, rmsScaling: fc.boolean() },
        { axis: fc.oneof(fc.constantFrom(...knownAxes), fc.shuffledSubarray(positiveAxes, { minLength: 1 })) },
      ),
      RMSNormalization: some(
        { epsilon: fc.constantFrom(0.01, 0.1) },
        { axis: fc.oneof(fc.constantFrom(...knownAxes), fc.shuffledSubarray(positiveAxes, { minLength: 1 })) },
      ),
      GroupNormalization: fc
        .constantFrom(...knownAxes)
        .chain(axis => some(scaling, { axis: fc.constant(axis), groups: fc.constantFrom(1, -1, shape.at(axis) ?? 1) })),
      Normalization: some(
        { invert: fc.boolean() },
        { axis: fc.oneof(fc.constantFrom(null, ...knownAxes), fc.shuffledSubarray(positiveAxes)) },
      ),
    }),
    ...spatialCandidates(shape),
    ...(rank === 2 && { RepeatVector: some({}, { n: fc.integer({ min: 1, max: 3 }) }) }),
    ...(rank === 3 && { SpatialDropout1D: some({}, { rate, seed }) }),
    ...(rank === 4 && { SpatialDropout2D: some({ dataFormat }, { rate, seed }) }),
    ...(rank === 5 && { SpatialDropout3D: some({ dataFormat }, { rate, seed }) }),
  }
}

function noiseShape(shape: KerasShape): fc.Arbitrary<KerasShape | null> {
  const sizes = shape.map(size => fc.constantFrom(null, 1, ...(size !== null && size > 0 ? [size] : [])))
  return fc.option(fc.tuple(...sizes))
}

/** Axes that must be shared because their size is unknown, and perhaps others. */
function sharedAxes(shape: KerasShape): fc.Arbitrary<readonly number[]> {
  const axes = shape.map((_, axis) => axis).slice(1)
  const unknown = axes.filter(axis => shape[axis] === null)
  return fc.subarray(axes).map(more => [...new Set([...unknown, ...more])])
}

/** The known sizes split and joined in another way; what is unknown goes into a -1. */
function targetShape(sample: KerasShape): fc.Arbitrary<readonly number[]> {
  if (sample.some(size => size === null)) return fc.constantFrom([-1], [1, -1], [-1, 1])
  const total = (sample as readonly number[]).reduce((product, size) => product * size, 1)
  const divisors = Array.from({ length: total }, (_, k) => k + 1).filter(k => total % k === 0)
  if (total === 0) return fc.constant(sample as readonly number[])
  return fc
    .constantFrom(...divisors)
    .chain(first => fc.constantFrom([total], [first, total / first], [-1, first], [first, -1], [first, 1, total / first]))
}

/** A layer that may be called on one tensor of this shape, of floats or whole numbers; null where a size is unknown. */
export function arbLayer(shape: KerasShape): fc.Arbitrary<LayerSpec> {
  const legal = Object.entries(candidates(shape)) as [LayerClassName, fc.Arbitrary<Record<string, unknown>>][]
  return fc.oneof(...legal.map(([className, options]) => options.map(made => ({ className, options: made }))))
}

/** A layer that joins a list of tensors of one shape, or a single one. */
export function arbMerge(count: number, shape: KerasShape): fc.Arbitrary<LayerSpec> {
  const rank = shape.length
  const names: LayerClassName[] = ['Add', 'Multiply', 'Average', 'Maximum', 'Minimum', ...(count === 2 ? (['Subtract'] as const) : [])]
  const merge = fc.constantFrom(...names).map((className): LayerSpec => ({ className, options: {} }))
  const axis = fc.integer({ min: -rank, max: rank - 1 })
  const join = axis.map((axis): LayerSpec => ({ className: 'Concatenate', options: { axis } }))
  if (count !== 2 || rank < 2 || shape.slice(1).includes(null)) return fc.oneof(merge, join)
  const dot = fc
    .tuple(fc.integer({ min: 1, max: rank - 1 }), fc.boolean(), fc.boolean())
    .map(([axis, both, normalize]): LayerSpec => ({ className: 'Dot', options: { axes: both ? [axis, axis - rank] : axis, normalize } }))
  return fc.oneof(merge, join, dot)
}

/** Sizes of a tensor, batch axis included, and the same with some of them unknown. */
export const arbShapes: fc.Arbitrary<{ readonly concrete: readonly number[]; readonly symbolic: KerasShape }> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()), { minLength: 1, maxLength: 5 })
  .map(axes => ({
    concrete: axes.map(([size]) => size),
    symbolic: axes.map(([size, isKnown], axis) => (isKnown && axis > 0 ? size : axis === 0 || !isKnown ? null : size)),
  }))

/** Numbers of moderate size for every element of a shape. */
export function arbNumbers(shape: readonly number[]): fc.Arbitrary<number[]> {
  const length = shape.reduce((product, size) => product * size, 1)
  const number = fc.integer({ min: -64, max: 64 }).map(x => x / 16)
  return fc.array(number, { minLength: length, maxLength: length })
}
