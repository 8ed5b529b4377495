// CRC-32 as zip uses it: reflected polynomial 0xEDB88320 (ISO 3309, ITU-T V.42), eight bytes a step.

/** Entry `256 · n + byte` is what a byte with n bytes behind it adds. Source: Kounavis and Berry, Slicing-by-8 (2005). */
const table = new Int32Array(8 * 256)
for (let byte = 0; byte < 256; byte++) {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  table[byte] = value
}
for (let at = 256; at < table.length; at++) {
  const before = table[at - 256] as number
  table[at] = (before >>> 8) ^ (table[before & 0xff] as number)
}

/** What byte `n` of a word, counted from its low end, adds with `behind` bytes behind it. */
function part(word: number, n: number, behind: number): number {
  return table[256 * behind + ((word >>> (8 * n)) & 0xff)] as number
}

/** The checksum of `bytes`, as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length - (bytes.length % 8)
  let crc = -1
  for (let at = 0; at < whole; at += 8) {
    const first = crc ^ words.getInt32(at, true)
    const second = words.getInt32(at + 4, true)
    const high = part(first, 0, 7) ^ part(first, 1, 6) ^ part(first, 2, 5) ^ part(first, 3, 4)
    crc = high ^ part(second, 0, 3) ^ part(second, 1, 2) ^ part(second, 2, 1) ^ part(second, 3, 0)
  }
  for (let at = whole; at < bytes.length; at++) crc = (crc >>> 8) ^ part(crc ^ (bytes[at] as number), 0, 0)
  return ~crc >>> 0
}
