// Random numbers of a distribution, from the bits of the one generator.

import type { Shape } from '../../ir/types.js'
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
