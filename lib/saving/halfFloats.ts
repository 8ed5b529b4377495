// 16-bit floats to float32: IEEE 754 binary16, and bfloat16 (the upper half of a float32). Both are exact.

/** Little-endian binary16 values. */
export function fromFloat16(bytes: Uint8Array): Float32Array {
  return mapHalves(bytes, half => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    if (exponent === 0) return sign * fraction * 2 ** -24
    if (exponent === 31) return fraction ? Number.NaN : sign * Infinity
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
}

/** Little-endian bfloat16 values. */
export function fromBfloat16(bytes: Uint8Array): Float32Array {
  const word = new DataView(new ArrayBuffer(4))
  return mapHalves(bytes, half => {
    word.setUint16(0, half)
    return word.getFloat32(0)
  })
}

function mapHalves(bytes: Uint8Array, convert: (half: number) => number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.length / 2 }, (_, k) => convert(view.getUint16(2 * k, true)))
}
