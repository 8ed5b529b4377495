// Seeded numbers, the same for every peer.

const defaultSeed = 0x2545f491

/** Uniform in [−1, 1); xorshift32, because Math.random has no seed. */
export function uniform(size: number, seed = defaultSeed): Float32Array {
  let state = seed | 0
  if (state === 0) state = defaultSeed
  return Float32Array.from({ length: size }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state / 2 ** 31
  })
}
