// Activation functions of keras.ops.nn. Where Keras takes integers, they become float32 unless a docstring says otherwise.

import { ShapeError } from '../../ir/errors.js'
import type { Size } from '../../ir/types.js'
import type { TracedTensor } from '../builder.js'
import { abs, add, clip, divide, expm1, maximum, minimum, multiply, negative, sigmoid, sqrt, square, subtract, tanh } from './arithmetic.js'
import { greater, greaterEqual, less, lessEqual, where } from './comparison.js'
import { split } from './indexing.js'
import { type Operand, scalar, toFloat, toNumber, toTensor } from './operands.js'
import { axisOption, named, oneAxis } from './options.js'

export interface ReluOptions {
  /** The slope below the threshold; 0 by default. Keras 2 calls it `alpha`. */
  readonly negativeSlope: number
  readonly alpha: number
  /** Where the result saturates; null, the default, is nowhere. */
  readonly maxValue: number | null
  /** Values not above it are damped; 0 by default. */
  readonly threshold: number
}

/**
 * max(x, 0); with options x above the threshold, at most maxValue, and negativeSlope · (x − threshold) below. An int32
 * tensor stays int32 where the options are whole.
 * Source: keras/src/activations/activations.py ReLU.
 */
export function relu(
  x: Operand,
  negativeSlope?: number | Partial<ReluOptions>,
  maxValue?: number | null,
  threshold?: number,
): TracedTensor {
  const options = named<number, ReluOptions>('relu', negativeSlope, first => ({
    negativeSlope: first ?? 0,
    alpha: 0,
    maxValue: maxValue ?? null,
    threshold: threshold ?? 0,
  }))
  const slope = options.negativeSlope || options.alpha
  const a = toNumber('relu', x)
  if (slope !== 0 && options.maxValue === null && options.threshold === 0) return leakyRelu(a, slope)
  let positive: TracedTensor
  if (options.threshold !== 0) positive = where(greater(a, options.threshold), a, 0)
  else if (options.maxValue === 6) positive = a.builder.emit('relu6', [a], {})
  else positive = a.builder.emit('relu', [a], {})
  if (options.maxValue !== null && !(options.threshold === 0 && options.maxValue === 6)) positive = clip(positive, 0, options.maxValue)
  if (slope === 0) return positive
  const negativePart = relu(options.threshold === 0 ? negative(a) : subtract(options.threshold, a))
  return subtract(positive, multiply(slope, negativePart))
}

/** min(max(x, 0), 6). */
export function relu6(x: Operand): TracedTensor {
  const a = toFloat('relu6', x)
  return a.builder.emit('relu6', [a], {})
}

export interface LeakyReluOptions {
  /** 0.2 by default; Keras 2 calls it `alpha`. */
  readonly negativeSlope: number
  readonly alpha: number | undefined
}

/** x, or negativeSlope · x below 0. */
export function leakyRelu(x: Operand, negativeSlope?: number | Partial<LeakyReluOptions>): TracedTensor {
  const options = named<number, LeakyReluOptions>('leakyRelu', negativeSlope, first => ({ negativeSlope: first ?? 0.2, alpha: undefined }))
  const a = toFloat('leakyRelu', x)
  return a.builder.emit('leaky_relu', [a], { slope: options.alpha ?? options.negativeSlope })
}

/** x, or alpha · (eˣ − 1) below 0; alpha is 1 by default. */
export function elu(x: Operand, alpha?: number | { readonly alpha?: number }): TracedTensor {
  const a = toFloat('elu', x)
  return a.builder.emit('elu', [a], { alpha: alphaOption('elu', alpha) })
}

/** max(x, 0) + alpha · (e^(min(x, 0) / alpha) − 1); alpha is 1 by default. */
export function celu(x: Operand, alpha?: number | { readonly alpha?: number }): TracedTensor {
  const [a, scale] = [toFloat('celu', x), alphaOption('celu', alpha)]
  return add(maximum(a, 0), multiply(expm1(divide(minimum(a, 0), scale)), scale))
}

function alphaOption(op: string, alpha: number | { readonly alpha?: number } | undefined): number {
  return named<number, { alpha: number }>(op, alpha, first => ({ alpha: first ?? 1 })).alpha
}

/** Self-normalising elu, with the two constants of Klambauer et al. */
export function selu(x: Operand): TracedTensor {
  const a = toFloat('selu', x)
  return a.builder.emit('selu', [a], {})
}

/**
 * x · Φ(x), exactly or, by default as in keras.ops, by its approximation with tanh. (keras.activations.gelu defaults to
 * the exact form.)
 */
export function gelu(x: Operand, approximate?: boolean | { readonly approximate?: boolean }): TracedTensor {
  const options = named<boolean, { approximate: boolean }>('gelu', approximate, first => ({ approximate: first ?? true }))
  const a = toFloat('gelu', x)
  return a.builder.emit('gelu', [a], { approximate: options.approximate })
}

/** The first half of an axis (the last by default) times the sigmoid of the second. */
export function glu(x: Operand, axis?: number | { readonly axis?: number }): TracedTensor {
  const a = toFloat('glu', x)
  const at = oneAxis('glu', axisOption('glu', axis, -1), a.type)
  const size = a.type.shape[at] as Size
  if (typeof size !== 'number' || size % 2 !== 0)
    throw new ShapeError(`glu needs an even size along axis ${at}, got ${size}`, { x: a.type })
  const [value, gate] = split(a, 2, at) as [TracedTensor, TracedTensor]
  return multiply(value, sigmoid(gate))
}

/** x · sigmoid(x); also called swish. */
export function silu(x: Operand): TracedTensor {
  const a = toFloat('silu', x)
  return a.builder.emit('silu', [a], {})
}

/** log(1 + eˣ), without overflow. */
export function softplus(x: Operand): TracedTensor {
  const a = toFloat('softplus', x)
  return a.builder.emit('softplus', [a], {})
}

/** x / (1 + |x|). */
export function softsign(x: Operand): TracedTensor {
  const a = toFloat('softsign', x)
  return a.builder.emit('softsign', [a], {})
}

/** relu6(x + 3) / 6. (Keras 2: clip(0.2x + 0.5, 0, 1).) */
export function hardSigmoid(x: Operand): TracedTensor {
  const a = toFloat('hardSigmoid', x)
  return a.builder.emit('hard_sigmoid', [a], {})
}

/** x · hardSigmoid(x); also called hardSwish. */
export function hardSilu(x: Operand): TracedTensor {
  const a = toFloat('hardSilu', x)
  return multiply(a, hardSigmoid(a))
}

/** x between −1 and 1; int32 stays int32. */
export function hardTanh(x: Operand): TracedTensor {
  return clip(toNumber('hardTanh', x), -1, 1)
}

/** x where |x| is above the threshold (0.5 by default), else 0; NaN gives 0. */
export function hardShrink(x: Operand, threshold?: number | { readonly threshold?: number }): TracedTensor {
  const [a, limit] = [toFloat('hardShrink', x), thresholdOption('hardShrink', threshold)]
  return where(greater(abs(a), limit), a, scalar(a, 0))
}

/** x moved towards 0 by the threshold (0.5 by default), 0 within it; NaN gives 0. */
export function softShrink(x: Operand, threshold?: number | { readonly threshold?: number }): TracedTensor {
  const [a, limit] = [toFloat('softShrink', x), thresholdOption('softShrink', threshold)]
  return where(greater(a, limit), subtract(a, limit), where(less(a, -limit), add(a, limit), scalar(a, 0)))
}

function thresholdOption(op: string, threshold: number | { readonly threshold?: number } | undefined): number {
  return named<number, { threshold: number }>(op, threshold, first => ({ threshold: first ?? 0.5 })).threshold
}

/** x − tanh x. */
export function tanhShrink(x: Operand): TracedTensor {
  const a = toFloat('tanhShrink', x)
  return subtract(a, tanh(a))
}

/** log(sigmoid(x)), without underflow. */
export function logSigmoid(x: Operand): TracedTensor {
  return negative(softplus(negative(toFloat('logSigmoid', x))))
}

/** x · tanh(softplus(x)). */
export function mish(x: Operand): TracedTensor {
  const a = toFloat('mish', x)
  return a.builder.emit('mish', [a], {})
}

/** (x + √(x² + b)) / 2; b is 4 by default. */
export function squareplus(x: Operand, b?: number | { readonly b?: number }): TracedTensor {
  const a = toFloat('squareplus', x)
  const options = named<number, { b: number }>('squareplus', b, first => ({ b: first ?? 4 }))
  return multiply(add(a, sqrt(add(square(a), options.b))), 0.5)
}

/** 0 up to −1, x from 1, (x + 1)² / 4 between. */
export function sparsePlus(x: Operand): TracedTensor {
  const a = toFloat('sparsePlus', x)
  const between = multiply(square(add(a, 1)), 0.25)
  return where(lessEqual(a, -1), scalar(a, 0), where(greaterEqual(a, 1), a, between))
}

/** 0 up to −1, 1 from 1, (x + 1) / 2 between. */
export function sparseSigmoid(x: Operand): TracedTensor {
  return multiply(clip(add(toFloat('sparseSigmoid', x), 1), 0, 2), 0.5)
}

/** x where it is above the threshold, else the default value. */
export function threshold(x: Operand, limit: number, defaultValue: number): TracedTensor {
  const a = toTensor('threshold', x)
  return where(greater(a, limit), a, defaultValue)
}
