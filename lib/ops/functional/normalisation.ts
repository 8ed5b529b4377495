// Functions that scale along axes: softmax and its kin, norms.

import type { TracedTensor } from '../builder.js'
import { abs, add, divide, maximum, minimum, multiply, power, rsqrt, square, subtract } from './arithmetic.js'
import { epsilon as defaultEpsilon } from './backend.js'
import { greater, greaterEqual, where } from './comparison.js'
import { expandDims, moveaxis } from './movement.js'
import { cast, type Operand, scalar, toFloat } from './operands.js'
import { type Axes, axisOption, manyAxes, named, oneAxis, wholeNumber } from './options.js'
import { max, sum } from './reduction.js'

/** e^(x − max) / Σ e^(x − max) along an axis (the last by default), several together, or all (null). */
export function softmax(x: Operand, axis?: Axes | { readonly axis?: Axes }): TracedTensor {
  const a = toFloat('softmax', x)
  const axes = manyAxes('softmax', axisOption<Axes>('softmax', axis, -1), a.type)
  if (axes.length === 1) return a.builder.emit('softmax', [a], { axis: axes[0] as number })
  const exps = a.builder.emit('exp', [subtract(a, max(a, axes, true))], {})
  return divide(exps, sum(exps, axes, true))
}

/** log(softmax(x)), without underflow. */
export function logSoftmax(x: Operand, axis?: Axes | { readonly axis?: Axes }): TracedTensor {
  const a = toFloat('logSoftmax', x)
  const axes = manyAxes('logSoftmax', axisOption<Axes>('logSoftmax', axis, -1), a.type)
  if (axes.length === 1) return a.builder.emit('log_softmax', [a], { axis: axes[0] as number })
  const shifted = subtract(a, max(a, axes, true))
  const total = sum(a.builder.emit('exp', [shifted], {}), axes, true)
  return subtract(shifted, a.builder.emit('log', [total], {}))
}

/**
 * The point of the probability simplex nearest to x, along an axis (the last by default): max(x − τ, 0) where
 * τ = (Σ_S x − 1) / |S| over the support S. Without sorting: c counts the values not below x_i and s sums them, and i
 * is in S where 1 + c · x_i > s. Each value is first lowered by the maximum, which changes nothing but the rounding.
 * Source: Martins and Astudillo, From softmax to sparsemax (2016), Algorithm 1. Keras 3.15 and before sum the running
 * sums instead, which gives too little wherever |S| > 1 (https://github.com/keras-team/keras/issues/23425).
 */
export function sparsemax(x: Operand, axis?: number | { readonly axis?: number }): TracedTensor {
  const given = toFloat('sparsemax', x)
  const at = oneAxis('sparsemax', axisOption('sparsemax', axis, -1), given.type)
  const last = moveaxis(given, at, -1)
  const a = subtract(last, max(last, -1, true))
  const [each, others] = [expandDims(a, -1), expandDims(a, -2)]
  const notBelow = greaterEqual(others, each)
  const count = sum(cast(notBelow, 'float32'), -1)
  const total = sum(where(notBelow, others, scalar(a, 0)), -1)
  const support = greater(add(multiply(count, a), 1), total)
  const size = sum(cast(support, 'float32'), -1, true)
  const tau = divide(subtract(sum(where(support, a, scalar(a, 0)), -1, true), 1), size)
  return moveaxis(maximum(subtract(a, tau), 0), -1, at)
}

export interface NormalizeOptions {
  /** The last by default. */
  readonly axis: Axes
  /** The power of the norm; 2 by default. */
  readonly order: number
  /** What the norm counts as at least; `epsilon()` by default. */
  readonly epsilon: number | null
}

/** x divided by its norm along axes. Source: keras/src/ops/nn.py _normalize. */
export function normalize(x: Operand, axis?: Axes | Partial<NormalizeOptions>, order?: number, epsilon?: number | null): TracedTensor {
  const options = named<Axes, NormalizeOptions>('normalize', axis, first => ({
    axis: first === undefined ? -1 : first,
    order: order ?? 2,
    epsilon: epsilon ?? null,
  }))
  const given = toFloat('normalize', x)
  const a = given.rank === 0 ? expandDims(given, 0) : given
  const floor = options.epsilon ?? defaultEpsilon()
  if (wholeNumber('normalize', 'order', options.order, 1) === 2) {
    return multiply(a, minimum(rsqrt(sum(square(a), options.axis, true)), 1 / floor))
  }
  const size = abs(a)
  const norm =
    options.order === 1 ? sum(size, options.axis, true) : power(sum(power(size, options.order), options.axis, true), 1 / options.order)
  return divide(a, maximum(norm, floor))
}
