// Bytes: a growable buffer with WebAssembly's encodings of numbers and text.

/** A growable byte buffer with WebAssembly's encodings. */
export class Bytes {
  private bytes = new Uint8Array(256)
  length = 0

  byte(value: number): void {
    if (this.length === this.bytes.length) this.grow(this.length + 1)
    this.bytes[this.length++] = value
  }

  /** Unsigned LEB128. */
  unsigned(value: number): void {
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  /** Signed LEB128 of an int32. */
  signed(value: number): void {
    let rest = value | 0
    for (;;) {
      const low = rest & 0x7f
      rest >>= 7
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
        this.byte(low)
        return
      }
      this.byte(low | 0x80)
    }
  }

  float(value: number): void {
    floatView.setFloat32(0, value, true)
    for (let k = 0; k < 4; k++) this.byte(floatView.getUint8(k))
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value)
    this.unsigned(encoded.length)
    this.append(encoded)
  }

  append(other: Uint8Array): void {
    if (this.length + other.length > this.bytes.length) this.grow(this.length + other.length)
    this.bytes.set(other, this.length)
    this.length += other.length
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length)
  }

  private grow(needed: number): void {
    const bigger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    bigger.set(this.view())
    this.bytes = bigger
  }
}

/** Encodes numbers: four lanes of 32 bits. */
export const floatView = new DataView(new ArrayBuffer(16))
