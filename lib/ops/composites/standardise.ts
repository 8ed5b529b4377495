// Composites that bring values to a common scale over some axes: what layer, group and RMS normalisation share.

import { DTypeError } from '../../ir/errors.js'
import { showType, type TensorType } from '../../ir/types.js'
import type { Composite } from '../op.js'
import { checkedAxes } from '../shapes.js'
import { Expressions } from './expressions.js'

function sameType(op: string, x: TensorType, axes: readonly number[]): TensorType {
  if (x.dtype !== 'float32') throw new DTypeError(`${op} needs float32, got ${showType(x)}`, { x }, 'cast() converts')
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
