// random_bits: the one source of randomness, a counter-based generator that no thread or backend can change.

import { DTypeError } from '../../ir/errors.js'
import type { Primitive } from '../op.js'

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const

/**
 * Threefry-2x32 with 20 rounds: two random words from a key and a counter of two words each.
 * Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011); pinned by its known-answer vectors.
 */
export function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  const keys = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda] as const
  let x0 = (counter[0] + keys[0]) | 0
  let x1 = (counter[1] + keys[1]) | 0
  for (let round = 0; round < 20; round++) {
    const turn = rotations[round % 8] as number
    x0 = (x0 + x1) | 0
    x1 = ((x1 << turn) | (x1 >>> (32 - turn))) ^ x0
    if (round % 4 === 3) {
      const step = (round + 1) / 4
      x0 = (x0 + (keys[step % 3] as number)) | 0
      x1 = (x1 + (keys[(step + 1) % 3] as number) + step) | 0
    }
  }
  return [x0, x1]
}

/** Random int32 words: words 2i and 2i+1 are threefry2x32(key, (i, counter)). */
export const randomBits: Primitive<'random_bits', 2> = {
  arity: 2,
  infer([key, counter], { shape }) {
    const ok =
      key.dtype === 'int32' && key.shape.length === 1 && key.shape[0] === 2 && counter.dtype === 'int32' && counter.shape.length === 0
    if (!ok) throw new DTypeError('random_bits needs an int32[2] key and an int32[] counter', { key, counter })
    return { dtype: 'int32', shape }
  },
}
