// Random numbers of a distribution, and dropout by them, from the bits of the one generator.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type Shape, showType } from '../../ir/types.js'
import type { Composite, Emitter } from '../op.js'
import { randomBits } from '../primitives/random.js'
import { Expressions } from './expressions.js'

/** 24 random bits of each word as a float in [0, 1): exact in every backend. */
function uniform<T>(emitter: Emitter<T>, key: T, counter: T, shape: Shape): T {
  const e = new Expressions(emitter, key)
  const bits = e.emit('random_bits', [key, counter], { shape })
  const high = e.emit('shift_right_logical', [bits, e.scalar(8, 'int32')], {})
  return e.multiply(e.emit('cast', [high], { dtype: 'float32' }), e.scalar(2 ** -24, 'float32'))
}

/** Uniform in [0, 1). Operands: an int32[2] key and an int32[] counter. */
export const randomUniform: Composite<'random_uniform', 2> = {
  arity: 2,
  infer: (operands, { shape }, site) => ({ ...randomBits.infer(operands, { shape }, site), dtype: 'float32' }),
  decompose: (emitter, [key, counter], { shape }) => uniform(emitter, key, counter, shape),
}

/**
 * Normal with mean 0 and deviation 1: √(−2 log(1 − u)) · cos(2π v) of two uniform numbers.
 * Source: Box and Muller, A note on the generation of random normal deviates (1958).
 */
export const randomNormal: Composite<'random_normal', 2> = {
  arity: 2,
  infer: (operands, { shape }, site) => ({ ...randomBits.infer(operands, { shape }, site), dtype: 'float32' }),
  decompose(emitter, [key, counter], { shape }) {
    const both = uniform(emitter, key, counter, [2, ...shape])
    const e = new Expressions(emitter, both)
    const part = (k: number) => {
      const rest = shape.map(() => 0)
      const half = e.emit('slice', [both], {
        begin: [k, ...rest],
        end: [k + 1, ...shape.map(() => null)],
        strides: [1, ...shape.map(() => 1)],
      })
      return e.emit('reshape', [half], { shape })
    }
    const radius = e.emit('sqrt', [e.multiply(e.scalar(-2), e.emit('log', [e.subtract(e.scalar(1), part(0))], {}))], {})
    return e.multiply(radius, e.emit('cos', [e.multiply(e.scalar(2 * Math.PI), part(1))], {}))
  },
}

/**
 * Zeroes entries with probability `rate` and divides the others by 1 − rate; the mask has `shape` and broadcasts.
 * Operands: x, an int32[2] key and an int32[] counter. Inference is a `phase` beside it.
 */
export const dropout: Composite<'dropout', 3> = {
  arity: 3,
  infer([x, key, counter], { shape }, site) {
    if (x.dtype !== 'float32') throw new DTypeError(`dropout needs float32, got ${showType(x)}`, { x }, 'cast() converts')
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
