// random_bits as one kernel.

import { sizeOf } from '../common.js'
import { randomBits } from '../kernels/random.js'
import type { Family } from './lowering.js'

export const lowerings = {
  random_bits(s, operands, _attrs, type) {
    const result = s.temporary(type)
    s.call(randomBits(sizeOf(type.shape)), result, operands)
    return result
  },
} satisfies Family<'random'>
