// ByteReader: reads what Bytes writes: bytes, LEB128 numbers, words and text, in order.

export class ByteReader {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    const value = this.bytes[this.at++]
    if (value === undefined) throw new Error('internal: a module ends too early')
    return value
  }

  take(length: number): Uint8Array {
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  /** Unsigned LEB128. */
  unsigned(): number {
    return this.leb().value >>> 0
  }

  /** Signed LEB128 of an int32. */
  signed(): number {
    const { value, bits } = this.leb()
    return bits < 32 ? (value << (32 - bits)) >> (32 - bits) : value
  }

  /** The bits of four bytes. */
  word(): number {
    return this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24)
  }

  /** The bytes of a text. */
  text(): Uint8Array {
    return this.take(this.unsigned())
  }

  string(): string {
    return new TextDecoder().decode(this.text())
  }

  private leb(): { value: number; bits: number } {
    let [value, bits] = [0, 0]
    for (;;) {
      const byte = this.byte()
      value |= (byte & 0x7f) << bits
      bits += 7
      if (byte < 0x80) return { value, bits }
    }
  }
}
