// checksum: FNV-1a over words, which finds damage, not malice.

/**
 * FNV-1a of bytes, or of 32-bit words taken whole: one changed entry always changes it.
 * Source: Fowler, Noll, Vo, The FNV Non-Cryptographic Hash Algorithm (RFC 9923).
 */
export function checksum(words: Uint8Array | Int32Array): number {
  let hash = 0x811c9dc5
  for (let k = 0; k < words.length; k++) hash = Math.imul(hash ^ (words[k] as number), 0x01000193)
  return hash >>> 0
}
