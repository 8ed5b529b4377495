// Functions that bring values to a common scale by ops of their own: L2, layer and RMS normalisation.

import type { TracedTensor } from '../builder.js'
import { scalingOps } from '../rareOps.js'
import { add, maximum, multiply, rsqrt, square } from './arithmetic.js'
import { epsilon as defaultEpsilon } from './backend.js'
import { reshape } from './movement.js'
import { type Operand, toFloat } from './operands.js'
import { axisOption, manyAxes, named, oneAxis } from './options.js'
import { sum } from './reduction.js'

/** Keras 2's K.l2_normalize on TensorFlow: x · rsqrt(max(Σ x², 1e-12)) along an axis, or over all of x (null). */
export function l2Normalize(x: Operand, axis?: number | null | { readonly axis?: number | null }): TracedTensor {
  const a = toFloat('l2Normalize', x)
  const chosen = axisOption<number | null>('l2Normalize', axis, null)
  if (chosen === null) return multiply(a, rsqrt(maximum(sum(square(a), null, true), 1e-12)))
  return alongUnit(a, oneAxis('l2Normalize', chosen, a.type), 1e-12)
}

/** x · min(rsqrt(Σ x²), 1 / floor) along an axis: `normalize` of order 2 as one op, for floors of which float32 holds the square. */
export function unitNormalize(x: Operand, axis: number, floor: number): TracedTensor {
  const a = toFloat('unitNormalize', x)
  return alongUnit(a, oneAxis('unitNormalize', axis, a.type), floor ** 2)
}

function alongUnit(x: TracedTensor, axis: number, epsilon: number): TracedTensor {
  return x.builder.emitFrom(scalingOps, 'l2_normalize', [x], { axis, epsilon })
}

export interface LayerNormalizationOptions {
  /** The last by default. */
  readonly axis: number | readonly number[]
  /** What is added to the variance; `epsilon()` by default. */
  readonly epsilon: number | null
}

type NormalizedAxes = number | readonly number[] | Partial<LayerNormalizationOptions>

function standardizing(op: string, axis: NormalizedAxes | undefined, x: TracedTensor): { axes: number[]; epsilon: number } {
  const options = named<number | readonly number[], LayerNormalizationOptions>(op, axis, first => ({ axis: first ?? -1, epsilon: null }))
  return { axes: manyAxes(op, options.axis, x.type), epsilon: options.epsilon ?? defaultEpsilon() }
}

/** A tensor over some axes of x with 1 for the others, so that it broadcasts. */
function along(axes: readonly number[], like: TracedTensor, x: Operand): TracedTensor {
  const sizes = like.type.shape.map((size, axis) => (axes.includes(axis) ? size : 1))
  return axes.at(-1) === like.rank - 1 && axes.length === 1 ? toFloat('along', x) : reshape(x, sizes)
}

/**
 * (x − mean) · rsqrt(variance + epsilon) over axes, then · gamma + beta, which have the sizes of those axes; null leaves
 * one out. Source: keras.ops.layer_normalization.
 */
export function layerNormalization(
  x: Operand,
  gamma: Operand | null = null,
  beta: Operand | null = null,
  axis?: NormalizedAxes,
): TracedTensor {
  const a = toFloat('layerNormalization', x)
  const { axes, epsilon } = standardizing('layerNormalization', axis, a)
  const scaled = scaledBy(gamma, axes, a.builder.emitFrom(scalingOps, 'normalize', [a], { axes, epsilon }))
  return beta === null ? scaled : add(scaled, along(axes, a, beta))
}

/** x · rsqrt(mean(x²) + epsilon) over axes, then · scale unless that is null. Source: keras.ops.rms_normalization. */
export function rmsNormalization(x: Operand, scale: Operand | null = null, axis?: NormalizedAxes): TracedTensor {
  const a = toFloat('rmsNormalization', x)
  const { axes, epsilon } = standardizing('rmsNormalization', axis, a)
  return scaledBy(scale, axes, a.builder.emitFrom(scalingOps, 'rms_normalize', [a], { axes, epsilon }))
}

function scaledBy(scale: Operand | null, axes: readonly number[], x: TracedTensor): TracedTensor {
  return scale === null ? x : multiply(x, along(axes, x, scale))
}
