// checksum: a hash of words, which finds damage, not malice.

/**
 * A hash of bytes, or of 32-bit words taken whole: one changed entry always changes it. FNV-1a, with the upper bits
 * folded into the lower ones after each product, which FNV's multiplication never does: without it words that have only
 * their highest bits set, such as 1, 2 and −2 as floats, would leave most of the hash alone.
 * Source: Fowler, Noll, Vo, The FNV Non-Cryptographic Hash Algorithm (RFC 9923).
 */
export function checksum(words: Uint8Array | Int32Array): number {
  let hash = 0x811c9dc5
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x01000193)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}
