// What random_bits computes: the words of threefry, two for each counter.

import { sizeOf } from '../../ir/types.js'
import type { Evaluate } from '../op.js'
import { threefry2x32 } from '../primitives/random.js'
import { concrete, makeValue } from '../values.js'

export const randomBits: Evaluate<'random_bits', 2> = ([key, counter], { shape }) => {
  const sizes = concrete(shape)
  const out = makeValue('int32', sizes)
  const words = [key.data[0] as number, key.data[1] as number] as const
  for (let at = 0; at < sizeOf(sizes); at += 2) {
    const [even, odd] = threefry2x32(words, [at / 2, counter.data[0] as number])
    out.data[at] = even
    if (at + 1 < out.data.length) out.data[at + 1] = odd
  }
  return out
}
