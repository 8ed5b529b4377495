// Reductions over any axes: sums, means, extremes, their positions, logic.

import { ShapeError } from '../../ir/errors.js'
import type { TracedTensor } from '../builder.js'
import { cast, type Operand, toBool, toFloat, toNumber, toTensor } from './operands.js'
import { type Axes, manyAxes, named, oneAxis, type ReduceOptions, reduceOptions } from './options.js'

/** The axes of a reduction, or an options object in their place. */
export type ReduceAxis = Axes | Partial<ReduceOptions>

type ReduceOp = 'reduce_sum' | 'reduce_prod' | 'reduce_max' | 'reduce_min' | 'reduce_mean' | 'logsumexp'

function reduce(name: string, op: ReduceOp, x: TracedTensor, axis: ReduceAxis | undefined, keepdims: boolean | undefined): TracedTensor {
  const options = reduceOptions(name, axis, keepdims)
  return x.builder.emit(op, [x], { axes: manyAxes(name, options.axis, x.type), keepdims: options.keepdims })
}

/** Σ x; bool counts as int32. */
export function sum(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  return reduce('sum', 'reduce_sum', toNumber('sum', x), axis, keepdims)
}

/** Π x; bool counts as int32. */
export function prod(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  return reduce('prod', 'reduce_prod', toNumber('prod', x), axis, keepdims)
}

/** The greatest value in the operand's dtype; NaN if any is. @throws ShapeError over an empty axis. */
export function max(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  return reduce('max', 'reduce_max', notEmpty('max', toTensor('max', x), axis), axis, keepdims)
}

/** The least value in the operand's dtype; NaN if any is. @throws ShapeError over an empty axis. */
export function min(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  return reduce('min', 'reduce_min', notEmpty('min', toTensor('min', x), axis), axis, keepdims)
}

/** The mean as float32; of nothing, NaN. */
export function mean(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  return reduce('mean', 'reduce_mean', toFloat('mean', x), axis, keepdims)
}

/** The mean squared distance from the mean (divided by n), as float32. */
export function variance(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  const a = toFloat('var', x)
  const options = reduceOptions('var', axis, keepdims)
  const centred = a.builder.emit('subtract', [a, mean(a, options.axis, true)], {})
  return mean(a.builder.emit('square', [centred], {}), options)
}

/** √variance. */
export function std(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  const spread = variance(toFloat('std', x), axis, keepdims)
  return spread.builder.emit('sqrt', [spread], {})
}

/** Whether any value is not 0; of nothing, false. */
export function any(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  return reduce('any', 'reduce_max', toBool('any', x), axis, keepdims)
}

/** Whether no value is 0; of nothing, true. */
export function all(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  return reduce('all', 'reduce_min', toBool('all', x), axis, keepdims)
}

/** log Σ eˣ as float32, without overflow. */
export function logsumexp(x: Operand, axis?: ReduceAxis, keepdims?: boolean): TracedTensor {
  return reduce('logsumexp', 'logsumexp', toFloat('logsumexp', x), axis, keepdims)
}

export interface ArgOptions {
  /** The axis to search; null, the default, searches the flattened tensor. */
  readonly axis: number | null
  readonly keepdims: boolean
}

export type ArgAxis = number | null | Partial<ArgOptions>

/** The position of the greatest value as int32: the first of several, or of the first NaN. */
export function argmax(x: Operand, axis?: ArgAxis, keepdims?: boolean): TracedTensor {
  return position('argmax', x, axis, keepdims)
}

/** The position of the least value as int32: the first of several, or of the first NaN. */
export function argmin(x: Operand, axis?: ArgAxis, keepdims?: boolean): TracedTensor {
  return position('argmin', x, axis, keepdims)
}

function position(op: 'argmax' | 'argmin', x: Operand, axis: ArgAxis | undefined, keepdims: boolean | undefined): TracedTensor {
  const options = named<number | null, ArgOptions>(op, axis, first => ({ axis: first ?? null, keepdims: keepdims ?? false }))
  const a = toTensor(op, x)
  const { builder } = a
  const numbers = cast(a, a.dtype === 'bool' ? 'int32' : a.dtype)
  if (options.axis === null) {
    const flat = builder.emit('reshape', [numbers], { shape: [-1] })
    const found = builder.emit(op, [flat], { axis: 0 })
    return options.keepdims ? builder.emit('reshape', [found], { shape: a.type.shape.map(() => 1) }) : found
  }
  const at = oneAxis(op, options.axis, a.type)
  const found = builder.emit(op, [numbers], { axis: at })
  return options.keepdims ? builder.emit('reshape', [found], { shape: a.type.shape.map((size, k) => (k === at ? 1 : size)) }) : found
}

function notEmpty(op: string, x: TracedTensor, axis: ReduceAxis | undefined): TracedTensor {
  const axes = manyAxes(op, reduceOptions(op, axis, undefined).axis, x.type)
  if (axes.some(at => x.type.shape[at] === 0)) throw new ShapeError(`${op} over no values has no result`, { x: x.type })
  return x
}
