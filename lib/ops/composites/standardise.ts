// Composites that bring values to a common scale: over some axes, as layer, group and RMS normalisation do, or by given moments.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { showType, type TensorType } from '../../ir/types.js'
import type { Composite, Emitter } from '../op.js'
import { checkedAxes, checkedAxis } from '../shapes.js'
import { Expressions } from './expressions.js'

function needFloat(op: string, x: TensorType): void {
  if (x.dtype !== 'float32') throw new DTypeError(`${op} needs float32, got ${showType(x)}`, { x }, 'cast() converts')
}

function sameType(op: string, x: TensorType, axes: readonly number[]): TensorType {
  needFloat(op, x)
  checkedAxes(op, axes, x)
  return x
}

/** (x − mean) · rsqrt(variance + ε) over `axes`, the variance biased. Source: keras/src/backend/jax/nn.py layer_normalization. */
export const normalize: Composite<'normalize', 1> = {
  arity: 1,
  infer: ([x], { axes }) => sameType('normalize', x, axes),
  decompose(emitter, [x], { axes, epsilon }) {
    const e = new Expressions(emitter, x)
    const mean = (of: typeof x) => e.emit('reduce_mean', [of], { axes, keepdims: true })
    const centred = e.subtract(x, mean(x))
    const variance = mean(e.multiply(centred, centred))
    return e.multiply(centred, e.emit('rsqrt', [e.add(variance, e.scalar(epsilon))], {}))
  },
}

/** x · rsqrt(mean(x²) + ε) over `axes`. Source: keras/src/layers/normalization/rms_normalization.py. */
export const rmsNormalize: Composite<'rms_normalize', 1> = {
  arity: 1,
  infer: ([x], { axes }) => sameType('rms_normalize', x, axes),
  decompose(emitter, [x], { axes, epsilon }) {
    const e = new Expressions(emitter, x)
    const power = e.emit('reduce_mean', [e.multiply(x, x)], { axes, keepdims: true })
    return e.multiply(x, e.emit('rsqrt', [e.add(power, e.scalar(epsilon))], {}))
  },
}

/** x · rsqrt(max(Σ x², ε)) along one axis: Keras 2's K.l2_normalize on TensorFlow (ε = 1e-12). */
export const l2Normalize: Composite<'l2_normalize', 1> = {
  arity: 1,
  infer([x], { axis }) {
    needFloat('l2_normalize', x)
    checkedAxis('l2_normalize', axis, x)
    return x
  },
  decompose(emitter, [x], { axis, epsilon }) {
    const e = new Expressions(emitter, x)
    const axes = [checkedAxis('l2_normalize', axis, emitter.typeOf(x))]
    const sum = e.emit('reduce_sum', [e.multiply(x, x)], { axes, keepdims: true })
    return e.multiply(x, e.emit('rsqrt', [e.maximum(sum, e.scalar(epsilon))], {}))
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
