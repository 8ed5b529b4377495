// Composites over axes: means, softmax and its log.

import { DTypeError } from '../../ir/errors.js'
import { isConcrete, type Size, showType, sizeOf, type TensorType } from '../../ir/types.js'
import type { Composite } from '../op.js'
import { reducedShape } from '../primitives/reduce.js'
import { checkedAxes, checkedAxis } from '../shapes.js'
import { Expressions } from './expressions.js'

function needFloat(op: string, x: TensorType): void {
  if (x.dtype !== 'float32') throw new DTypeError(`${op} needs float32, got ${showType(x)}`, { x }, 'cast() converts')
}

/** The number of elements under `axes`, as a float scalar: static where the sizes are known, counted where they are not. */
function countUnder<T>(e: Expressions<T>, type: TensorType, axes: readonly number[]): T {
  const sizes = axes.map(axis => type.shape[axis] as Size)
  if (isConcrete(sizes)) return e.scalar(sizeOf(sizes))
  const ones = e.emit('broadcast', [e.scalar(1)], { shape: sizes })
  return e.emit('reduce_sum', [ones], { axes: sizes.map((_, axis) => axis), keepdims: false })
}

export const reduceMean: Composite<'reduce_mean', 1> = {
  arity: 1,
  infer([x], { axes, keepdims }) {
    needFloat('reduce_mean', x)
    return { dtype: x.dtype, shape: reducedShape(x.shape, checkedAxes('reduce_mean', axes, x), keepdims) }
  },
  decompose(emitter, [x], attrs) {
    const e = new Expressions(emitter, x)
    return e.divide(e.emit('reduce_sum', [x], attrs), countUnder(e, emitter.typeOf(x), attrs.axes))
  },
}

/** log Σ eˣ, shifted by the maximum; a maximum of ±∞ is not subtracted. */
export const logsumexp: Composite<'logsumexp', 1> = {
  arity: 1,
  infer([x], { axes, keepdims }) {
    needFloat('logsumexp', x)
    return { dtype: x.dtype, shape: reducedShape(x.shape, checkedAxes('logsumexp', axes, x), keepdims) }
  },
  decompose(emitter, [x], { axes, keepdims }) {
    const e = new Expressions(emitter, x)
    const top = e.emit('reduce_max', [x], { axes, keepdims: true })
    const shift = e.where(e.emit('is_finite', [top], {}), top, e.scalar(0))
    const sum = e.emit('reduce_sum', [e.emit('exp', [e.subtract(x, shift)], {})], { axes, keepdims: true })
    const result = e.add(e.emit('log', [sum], {}), shift)
    return keepdims ? result : e.emit('reshape', [result], { shape: reducedShape(emitter.typeOf(x).shape, axes, false) })
  },
}

function softmaxType(op: string, x: TensorType, axis: number): TensorType {
  needFloat(op, x)
  checkedAxis(op, axis, x)
  return x
}

/** e^(x − max) / Σ e^(x − max) along one axis. Source: keras/src/backend/jax/nn.py softmax. */
export const softmax: Composite<'softmax', 1> = {
  arity: 1,
  infer: ([x], { axis }) => softmaxType('softmax', x, axis),
  decompose(emitter, [x], { axis }) {
    const e = new Expressions(emitter, x)
    const axes = [checkedAxis('softmax', axis, emitter.typeOf(x))]
    const shifted = e.subtract(x, e.emit('reduce_max', [x], { axes, keepdims: true }))
    const exps = e.emit('exp', [shifted], {})
    return e.divide(exps, e.emit('reduce_sum', [exps], { axes, keepdims: true }))
  },
}

export const logSoftmax: Composite<'log_softmax', 1> = {
  arity: 1,
  infer: ([x], { axis }) => softmaxType('log_softmax', x, axis),
  decompose(emitter, [x], { axis }) {
    const e = new Expressions(emitter, x)
    const axes = [checkedAxis('log_softmax', axis, emitter.typeOf(x))]
    const shifted = e.subtract(x, e.emit('reduce_max', [x], { axes, keepdims: true }))
    const sum = e.emit('reduce_sum', [e.emit('exp', [shifted], {})], { axes, keepdims: true })
    return e.subtract(shifted, e.emit('log', [sum], {}))
  },
}
