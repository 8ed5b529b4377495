// CRC-32 as zip uses it: reflected polynomial 0xEDB88320 (ISO 3309, ITU-T V.42).

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** The checksum of `bytes`, as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let k = 0; k < bytes.length; k++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[k] as number)) & 0xff] as number)
  return ~crc >>> 0
}
