// The bytes of a plain HDF5 file: numbers, names and shapes, each checked to lie within the file before it is read.

/** Thrown for whatever is not plain, damage included: the library then decides what the file is. */
export class NotPlain extends Error {}

/** More than any model has. */
const maxSteps = 1 << 18
const maxName = 1 << 12

/** Little-endian numbers of the file, none from beyond its end. */
export class Blocks {
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private steps = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Counts a node, a name or a message: loops over what a file claims end here. */
  step(): void {
    if (++this.steps > maxSteps) throw new NotPlain()
  }

  /** @throws NotPlain unless these bytes are in the file. */
  within(at: number, bytes: number): void {
    if (at + bytes > this.bytes.length) throw new NotPlain()
  }

  byte(at: number): number {
    this.within(at, 1)
    return this.view.getUint8(at)
  }

  short(at: number): number {
    this.within(at, 2)
    return this.view.getUint16(at, true)
  }

  int(at: number): number {
    this.within(at, 4)
    return this.view.getUint32(at, true)
  }

  /** Eight bytes, an address or a length; what is too large for a file of less than 4 GB is no plain one. */
  word(at: number): number {
    if (this.int(at + 4) !== 0) throw new NotPlain()
    return this.int(at)
  }

  isUndefined(at: number): boolean {
    return this.int(at) === 0xffffffff && this.int(at + 4) === 0xffffffff
  }

  expect(at: number, wanted: readonly number[]): void {
    this.within(at, wanted.length)
    if (wanted.some((byte, k) => this.bytes[at + k] !== byte)) throw new NotPlain()
  }

  /** The header that a symbol table entry leads to, unless it is a soft link. */
  link(entry: number): number {
    if (this.int(entry + 16) > 1) throw new NotPlain()
    return this.word(entry + 8)
  }

  /** Text of a block up to its zero, in ASCII, so that it sorts as its bytes do. */
  text(start: number, bytes: number, offset: number): string {
    const end = this.bytes.indexOf(0, start + offset)
    if (end < 0 || end >= start + bytes || end - start - offset > maxName) throw new NotPlain()
    const text = new TextDecoder().decode(this.bytes.subarray(start + offset, end))
    if (!/^[ -~]*$/.test(text)) throw new NotPlain()
    return text
  }

  attributeName(at: number, bytes: number): string {
    this.expect(at, [1])
    return this.text(at, Math.min(bytes, 8 + this.short(at + 2)), 8)
  }

  /** The sizes of a simple or scalar dataspace. */
  shape(at: number): readonly number[] {
    this.expect(at, [1])
    return Array.from({ length: this.byte(at + 1) }, (_, axis) => this.word(at + 8 + 8 * axis))
  }
}
