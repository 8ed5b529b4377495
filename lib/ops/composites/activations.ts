// Elementwise composites: activation functions and small arithmetic that reads better as one op.

import { DTypeError } from '../../ir/errors.js'
import { showType } from '../../ir/types.js'
import type { CompositeName, OpAttrs } from '../../ir/vocabulary.js'
import type { Composite, Emitter } from '../op.js'
import { Expressions } from './expressions.js'

/** An elementwise composite of one operand, float32 unless `ints` are allowed too. */
function elementwise<K extends CompositeName>(
  op: K,
  body: <T>(e: Expressions<T>, x: T, attrs: OpAttrs[K]) => T,
  ints = false,
): Composite<K, 1> {
  return {
    arity: 1,
    infer([x]) {
      if (x.dtype === 'float32' || (ints && x.dtype === 'int32')) return x
      throw new DTypeError(`${op} needs float32${ints ? ' or int32' : ''}, got ${showType(x)}`, { x }, 'cast() converts')
    },
    decompose: <T>(emitter: Emitter<T>, [x]: readonly [T], attrs: OpAttrs[K]) => body(new Expressions(emitter, x), x, attrs),
  }
}

/** Source of every formula: keras/src/backend/jax/nn.py and keras/src/activations/activations.py. */
export const activations = {
  square: elementwise('square', (e, x) => e.multiply(x, x), true),
  reciprocal: elementwise('reciprocal', (e, x) => e.divide(e.scalar(1), x)),
  relu: elementwise('relu', (e, x) => e.maximum(x, e.scalar(0)), true),
  relu6: elementwise('relu6', (e, x) => e.minimum(e.maximum(x, e.scalar(0)), e.scalar(6)), true),
  leaky_relu: elementwise('leaky_relu', (e, x, { slope }) => e.where(e.greaterEqual(x, e.scalar(0)), x, e.multiply(x, e.scalar(slope)))),
  elu: elementwise('elu', (e, x, { alpha }) =>
    e.where(e.greater(x, e.scalar(0)), x, e.multiply(e.emit('expm1', [x], {}), e.scalar(alpha))),
  ),
  /** Klambauer et al., Self-normalizing neural networks: the two constants. */
  selu: elementwise('selu', (e, x) => {
    const [alpha, scale] = [1.6732632423543772, 1.0507009873554805]
    return e.multiply(e.where(e.greater(x, e.scalar(0)), x, e.multiply(e.emit('expm1', [x], {}), e.scalar(alpha))), e.scalar(scale))
  }),
  gelu: elementwise('gelu', (e, x, { approximate }) => {
    // not by erf: 1 + erf loses the tail at the left, which Keras, by erfc, has
    if (!approximate) return e.multiply(x, e.emit('normal_cdf', [x], {}))
    const half = e.multiply(x, e.scalar(0.5))
    const cubic = e.add(x, e.multiply(e.multiply(e.multiply(x, x), x), e.scalar(0.044715)))
    return e.multiply(half, e.add(e.emit('tanh', [e.multiply(cubic, e.scalar(Math.sqrt(2 / Math.PI)))], {}), e.scalar(1)))
  }),
  silu: elementwise('silu', (e, x) => e.multiply(x, e.emit('sigmoid', [x], {}))),
  /** log(1 + eˣ) as max(x, 0) + log1p(e^−|x|), which cannot overflow. */
  softplus: elementwise('softplus', (e, x) => {
    const tail = e.emit('log1p', [e.emit('exp', [e.emit('negate', [e.emit('abs', [x], {})], {})], {})], {})
    return e.add(e.maximum(x, e.scalar(0)), tail)
  }),
  softsign: elementwise('softsign', (e, x) => e.divide(x, e.add(e.emit('abs', [x], {}), e.scalar(1)))),
  /** Keras 3: relu6(x + 3) / 6. */
  hard_sigmoid: elementwise('hard_sigmoid', (e, x) => e.multiply(e.emit('relu6', [e.add(x, e.scalar(3))], {}), e.scalar(1 / 6))),
  mish: elementwise('mish', (e, x) => e.multiply(x, e.emit('tanh', [e.emit('softplus', [x], {})], {}))),
  clip: elementwise('clip', (e, x, { min, max }) => e.minimum(e.maximum(x, e.scalar(min)), e.scalar(max)), true),
} satisfies { [K in CompositeName]?: Composite<K, 1> }
