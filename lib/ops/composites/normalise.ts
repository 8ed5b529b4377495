// Composites over axes: means, softmax and its log, norms, batch normalisation, one-hot, dropout.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { isConcrete, type Size, showType, sizeOf, type TensorType } from '../../ir/types.js'
import type { Composite, Emitter } from '../op.js'
import { randomBits } from '../primitives/random.js'
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

/** x · rsqrt(max(Σ x², ε)) along one axis: Keras 2's K.l2_normalize on TensorFlow (ε = 1e-12). */
export const l2Normalize: Composite<'l2_normalize', 1> = {
  arity: 1,
  infer: ([x], { axis }) => softmaxType('l2_normalize', x, axis),
  decompose(emitter, [x], { axis, epsilon }) {
    const e = new Expressions(emitter, x)
    const axes = [checkedAxis('l2_normalize', axis, emitter.typeOf(x))]
    const sum = e.emit('reduce_sum', [e.multiply(x, x)], { axes, keepdims: true })
    return e.multiply(x, e.emit('rsqrt', [e.maximum(sum, e.scalar(epsilon))], {}))
  },
}

/** A new last axis of `depth` that is 1 where it counts the operand's value; out of range gives zeros. */
export const oneHot: Composite<'one_hot', 1> = {
  arity: 1,
  infer([x], { depth, dtype }) {
    if (x.dtype !== 'int32') throw new DTypeError(`one_hot needs int32 classes, got ${showType(x)}`, { x }, 'cast() converts')
    return { dtype, shape: [...x.shape, depth] }
  },
  decompose(emitter, [x], { depth, dtype }) {
    const classes = emitter.emit('iota', [], { axis: 0, dtype: 'int32', shape: [depth] })
    const column = emitter.emit('reshape', [x], { shape: [...emitter.typeOf(x).shape, 1] })
    const hit = emitter.emit('equal', [column, classes], {})
    return dtype === 'bool' ? hit : emitter.emit('cast', [hit], { dtype })
  },
}

/**
 * (x − mean) · rsqrt(variance + ε) · gamma + beta, all four vectors along `axis`.
 * Source: keras/src/backend/jax/nn.py batch_normalization.
 */
export const batchNorm: Composite<'batch_norm', 5> = {
  arity: 5,
  infer([x, gamma, beta, mean, variance], { axis }) {
    needFloat('batch_norm', x)
    const size = x.shape[checkedAxis('batch_norm', axis, x)]
    for (const [name, vector] of Object.entries({ gamma, beta, mean, variance })) {
      if (vector.dtype !== 'float32' || vector.shape.length !== 1 || vector.shape[0] !== size) {
        throw new ShapeError(`batch_norm needs ${name} to be float32[${size}], got ${showType(vector)}`, { x, [name]: vector })
      }
    }
    return x
  },
  decompose<T>(
    emitter: Emitter<T>,
    [x, gamma, beta, mean, variance]: readonly [T, T, T, T, T],
    { axis, epsilon }: { axis: number; epsilon: number },
  ) {
    const e = new Expressions(emitter, x)
    const type = emitter.typeOf(x)
    const at = checkedAxis('batch_norm', axis, type)
    const shape = type.shape.map((size, k) => (k === at ? size : 1))
    const along = (vector: T) => (at === type.shape.length - 1 ? vector : emitter.emit('reshape', [vector], { shape }))
    const scale = e.multiply(e.emit('rsqrt', [e.add(variance, e.scalar(epsilon))], {}), gamma)
    return e.add(e.multiply(e.subtract(x, along(mean)), along(scale)), along(beta))
  },
}

/**
 * Zeroes entries with probability `rate` and divides the others by 1 − rate; the mask has `shape` and broadcasts.
 * Operands: x, an int32[2] key and an int32[] counter. Inference is a `phase` beside it.
 */
export const dropout: Composite<'dropout', 3> = {
  arity: 3,
  infer([x, key, counter], { shape }, site) {
    needFloat('dropout', x)
    randomBits.infer([key, counter], { shape }, site)
    const offset = x.shape.length - shape.length
    const fits =
      offset >= 0 &&
      shape.every(
        (size, axis) =>
          size === 1 || size === x.shape[axis + offset] || typeof size === 'string' || typeof x.shape[axis + offset] === 'string',
      )
    if (!fits) throw new ShapeError(`dropout: noise of shape [${shape.join(', ')}] does not broadcast to ${showType(x)}`, { x })
    return x
  },
  decompose(emitter, [x, key, counter], { rate, shape }) {
    const e = new Expressions(emitter, x)
    const bits = e.emit('random_bits', [key, counter], { shape })
    // 24 random bits against rate · 2²⁴ as whole numbers: no backend's rounding of the rate can change the mask
    const high = e.emit('shift_right_logical', [bits, e.scalar(8, 'int32')], {})
    const keep = e.greaterEqual(high, e.scalar(Math.ceil(rate * 2 ** 24), 'int32'))
    // written so that rate 1 gives zeros: the quotient by 0 is never selected
    return e.where(keep, e.divide(x, e.scalar(1 - rate)), e.scalar(0))
  },
}
