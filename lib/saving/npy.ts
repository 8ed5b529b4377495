// npy: NumPy's array files, read with suspicion and written; the header is read as a literal, never run.

import { FileError } from '../ir/errors.js'
import type { NDArray } from '../ir/ndarray.js'
import { sizeOf } from '../ir/types.js'

/** What a file holds, row by row: bytes for `b1` and `u1`, 64-bit whole numbers as int32, `f8` as doubles. */
export interface NpyArray {
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array
}

/** NumPy's codes of what is read. */
const items = {
  f4: { bytes: 4, make: length => new Float32Array(length), read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, make: length => new Float64Array(length), read: (view, at, little) => view.getFloat64(at, little) },
  i4: { bytes: 4, make: length => new Int32Array(length), read: (view, at, little) => view.getInt32(at, little) },
  i8: { bytes: 8, make: length => new Int32Array(length), read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u1: { bytes: 1, make: length => new Uint8Array(length), read: (view, at) => view.getUint8(at) },
  b1: { bytes: 1, make: length => new Uint8Array(length), read: (view, at) => view.getUint8(at) },
} as const satisfies Record<string, Item>

interface Item {
  readonly bytes: number
  make(length: number): NpyArray['data']
  read(view: DataView, at: number, little: boolean): number
}

/** The codes that each dtype is written as. */
const written = { float32: '<f4', int32: '<i4', bool: '|b1' } as const satisfies Record<NDArray['dtype'], string>

const magic = Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'))
/** NumPy's own limit for headers it has not been told to trust. */
const maxHeader = 10_000

/**
 * Reads a `.npy` file of version 1, 2 or 3, in either order of bytes and of axes. Source: NumPy's NEP 1.
 * @throws FileError naming the file, for what is damaged, hostile or of a dtype that is not read.
 */
export function readNpy(bytes: Uint8Array, name: string): NpyArray {
  const { header, start } = readHeader(bytes, name)
  const { descr, fortranOrder, shape } = parseHeader(header, name)
  const { item, little } = itemOf(descr, name)
  const length = sizeOf(shape)
  const rest = bytes.length - start
  if (rest !== length * item.bytes) {
    throw new FileError(
      `${name}: shape (${shape.join(', ')}) of ${descr} needs ${length * item.bytes} bytes, the file holds ${rest}`,
      rest < length * item.bytes ? 'the file is truncated; copy it again' : 'one array per file',
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, rest)
  const data = item.make(length)
  for (let k = 0; k < length; k++) {
    const value = item.read(view, k * item.bytes, little)
    data[k] = value
    if (data[k] !== value && item === items.i8) throw new FileError(`${name}: value ${k} is ${value}, which int32 cannot hold`)
  }
  return { shape, data: fortranOrder ? rowMajor(data, item.make(length), shape) : data }
}

/** Writes version 1: float32 as `<f4`, int32 as `<i4`, bool as `|b1`. */
export function writeNpy({ data, shape, dtype }: NDArray): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const dict = `{'descr': '${written[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`
  const start = Math.ceil((10 + dict.length + 1) / 64) * 64 // data begin on a multiple of 64, as NumPy writes them
  const { bytes: itemBytes } = items[written[dtype].slice(1) as 'f4' | 'i4' | 'b1']
  const bytes = new Uint8Array(start + data.length * itemBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(magic)
  bytes.set([1, 0], 6)
  view.setUint16(8, start - 10, true)
  bytes.set(new TextEncoder().encode(`${dict.padEnd(start - 11)}\n`), 10)
  data.forEach((value, k) => {
    if (dtype === 'float32') view.setFloat32(start + 4 * k, value, true)
    else if (dtype === 'int32') view.setInt32(start + 4 * k, value, true)
    else view.setUint8(start + k, value)
  })
  return bytes
}

function readHeader(bytes: Uint8Array, name: string): { header: string; start: number } {
  if (!magic.every((byte, k) => bytes[k] === byte)) {
    const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b
    throw new FileError(`${name} is no .npy file`, isZip ? 'this is a .npz archive: unzip it' : "numpy.save('x.npy', x) writes one")
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = bytes[6] ?? 0
  if (bytes.length < 12 || version < 1 || version > 3 || bytes[7] !== 0)
    throw new FileError(`${name}: versions 1.0, 2.0 and 3.0 of .npy are read, this says ${version}.${bytes[7] ?? 0}`)
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const start = (version === 1 ? 10 : 12) + length
  if (length > maxHeader) throw new FileError(`${name}: a header of ${length} bytes is more than any array needs`)
  if (start > bytes.length) throw new FileError(`${name}: the header ends beyond the file`, 'the file is truncated; copy it again')
  return { header: new TextDecoder('latin1').decode(bytes.subarray(start - length, start)), start }
}

interface Header {
  readonly descr: string
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
}

/** A Python dict of exactly three entries: a string, a boolean and a tuple of whole numbers. */
function parseHeader(header: string, name: string): Header {
  const found = new Map<string, string>()
  const [, inside = ''] = /^\s*\{(.*)\}\s*$/s.exec(header) ?? []
  let rest = inside
  for (let match = entry.exec(rest); match; match = entry.exec(rest)) {
    const [all, key = '', value = ''] = match
    if (found.has(key)) break
    found.set(key, value)
    rest = rest.slice(all.length)
  }
  const [descr = '', order = '', shape = ''] = ['descr', 'fortran_order', 'shape'].map(key => found.get(key))
  if (/'descr'\s*:\s*\[/.test(header)) throw new FileError(`${name} holds records, not one array of numbers`)
  if (rest.trim() !== '' || found.size !== 3 || !descr.startsWith("'") || !/^[TF]/.test(order) || !shape.startsWith('('))
    throw new FileError(`${name}: the header is damaged: it should name descr, fortran_order and shape`)
  return { descr: descr.slice(1, -1), fortranOrder: order === 'True', shape: parseShape(shape.slice(1, -1), name) }
}

const entry = /^\s*'(\w+)'\s*:\s*('[^'\\]*'|True|False|\([\d\s,L]*\))\s*(?:,|$)/

function parseShape(text: string, name: string): readonly number[] {
  const parts = text.split(',').map(part => part.trim())
  if (parts.at(-1) === '') parts.pop()
  const shape = parts.map(part => (/^\d+L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN)) // Python 2 wrote 3L
  if (!shape.every(Number.isSafeInteger) || shape.length > 64 || !Number.isSafeInteger(sizeOf(shape.map(size => Math.max(1, size)))))
    throw new FileError(`${name}: (${text.trim()}) is no shape`)
  return shape
}

function itemOf(descr: string, name: string): { item: Item; little: boolean } {
  const [, order, code = ''] = /^([<>|=]?)(\w+)$/.exec(descr) ?? []
  if (code.startsWith('O')) throw new FileError(`${name} holds pickled Python objects, which are never read`)
  if (!Object.hasOwn(items, code)) {
    throw new FileError(`${name}: dtype ${descr} is not read`, `${Object.keys(items).join(', ')} are; x.astype('float32') gives one`)
  }
  return { item: items[code as keyof typeof items], little: order !== '>' }
}

/** Columns first to rows first. */
function rowMajor(from: NpyArray['data'], to: NpyArray['data'], shape: readonly number[]): NpyArray['data'] {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)))
  const index = shape.map(() => 0)
  for (let k = 0; k < from.length; k++) {
    to[k] = from[index.reduce((at, position, axis) => at + position * (strides[axis] as number), 0)] as number
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (shape[axis] as number)) break
      index[axis] = 0
    }
  }
  return to
}
