// The plain part of HDF5, read without the library: what h5py writes by default and Keras keeps float32 weights in.
// Source: HDF5 File Format Specification Version 3.0: superblock 0, object headers 1, symbol tables, contiguous data.

import type { TypedData } from '../ir/ndarray.js'
import { type DType, sizeOf } from '../ir/types.js'
import type { WeightsFile } from './hdf5.js'
import { Blocks, NotPlain } from './hdf5Blocks.js'
import type { StoredWeight } from './pairing.js'

/** Parts of a path: more than any model has. */
const maxDepth = 64

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
/** Versions, sizes of offsets and lengths, entries per node, no flags, addresses from the first byte on. */
const superblock = [0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
/** The datatype message of IEEE 754 single precision, little-endian. */
const float32 = [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 0x20, 0, 0x17, 8, 0, 0x17, 0x7f, 0, 0, 0]

/** Types of header messages: those that are read, and those that change nothing about how a float32 is read. */
const message = { nil: 0, dataspace: 1, datatype: 3, layout: 8, attribute: 12, continuation: 16, symbolTable: 17 } as const
const ignored: ReadonlySet<number> = new Set([message.nil, 4, 5, 14, 18]) // fill values and times
const sharedFlag = 2

/** A name in a group, and the header of the object it stands for. */
type Entries = ReadonlyMap<string, number>

interface Found {
  readonly attributes: readonly string[]
  readonly entries?: Entries
  readonly data?: { readonly shape: readonly number[]; readonly start: number; readonly bytes: number }
}

/**
 * The weights of a plain file; nothing is read yet but its first 96 bytes. Addresses are checked before they are
 * followed; data are copied.
 * @throws NotPlain, as everything in it does.
 */
export function openPlain(bytes: Uint8Array): WeightsFile {
  const blocks = new Blocks(bytes)
  blocks.expect(0, signature)
  blocks.expect(8, superblock)
  if (!blocks.isUndefined(32) || blocks.word(40) !== bytes.length || !blocks.isUndefined(48)) throw new NotPlain()
  return new PlainWeights(bytes, blocks, blocks.link(56))
}

class PlainWeights implements WeightsFile {
  private readonly bytes: Uint8Array
  private readonly blocks: Blocks
  private readonly root: number
  private readonly addresses = new Map<string, number | undefined>()
  private readonly objects = new Map<number, Found>()
  private bytesRead = 0

  constructor(bytes: Uint8Array, blocks: Blocks, root: number) {
    this.bytes = bytes
    this.blocks = blocks
    this.root = root
  }

  names(group: string): readonly string[] | undefined {
    const found = this.find(group)
    if (!found) return undefined
    if (!found.entries) throw new NotPlain()
    return [...found.entries.keys()]
  }

  strings(path: string, attribute: string): undefined {
    if (this.find(path)?.attributes.includes(attribute)) throw new NotPlain()
  }

  has(path: string): boolean {
    return this.find(path)?.data !== undefined
  }

  describe(path: string): { shape: readonly number[]; dtype: string } {
    return { shape: this.data(path).shape, dtype: 'float32' }
  }

  read(path: string, shape: readonly number[], dtype: DType): TypedData {
    const { shape: found, start, bytes } = this.data(path)
    this.bytesRead += bytes
    const same = found.length === shape.length && found.every((size, axis) => size === shape[axis])
    if (!same || dtype !== 'float32' || this.bytesRead > this.bytes.length) throw new NotPlain()
    const values = new Uint8Array(bytes) // of its own: data begin anywhere in a file
    values.set(this.bytes.subarray(start, start + bytes))
    return new Float32Array(values.buffer)
  }

  stored(path: string): StoredWeight {
    const { shape } = this.data(path)
    return { path: `/${path}`, shape, read: dtype => this.read(path, shape, dtype) }
  }

  private data(path: string): NonNullable<Found['data']> {
    const data = this.find(path)?.data
    if (!data) throw new NotPlain()
    return data
  }

  private find(path: string): Found | undefined {
    const address = this.addressOf(path)
    if (address === undefined) return undefined
    const found = this.objects.get(address) ?? readObject(this.blocks, address)
    this.objects.set(address, found)
    return found
  }

  /** Where the header is that a path leads to. */
  private addressOf(path: string): number | undefined {
    if (path === '') return this.root
    if (this.addresses.has(path)) return this.addresses.get(path)
    const parts = path.split('/')
    if (parts.length > maxDepth) throw new NotPlain()
    const address = this.find(parts.slice(0, -1).join('/'))?.entries?.get(parts.at(-1) as string)
    this.addresses.set(path, address)
    return address
  }
}

/** What a header says: a group with its entries, or a dataset of float32 in one piece. */
function readObject(blocks: Blocks, address: number): Found {
  const attributes: string[] = []
  const parts = new Map<number, number>()
  for (const { type, at, bytes, flags } of messagesOf(blocks, address)) {
    if (ignored.has(type)) continue
    if ((flags & sharedFlag) !== 0) throw new NotPlain()
    if (type === message.attribute) attributes.push(blocks.attributeName(at, bytes))
    else if (parts.has(type)) throw new NotPlain()
    else parts.set(type, at)
  }
  const [table, space, datatype, layout] = [message.symbolTable, message.dataspace, message.datatype, message.layout].map(type =>
    parts.get(type),
  )
  if (table !== undefined && parts.size === 1) return { attributes, entries: readGroup(blocks, blocks.word(table), blocks.word(table + 8)) }
  if (parts.size !== 3 || space === undefined || datatype === undefined || layout === undefined) throw new NotPlain()
  blocks.expect(datatype, float32)
  const shape = blocks.shape(space)
  blocks.expect(layout, [3, 1]) // in one piece
  const [start, bytes] = [blocks.word(layout + 2), blocks.word(layout + 10)]
  if (bytes !== 4 * sizeOf(shape)) throw new NotPlain()
  blocks.within(start, bytes)
  return { attributes, data: { shape, start, bytes } }
}

interface Message {
  readonly type: number
  readonly flags: number
  readonly at: number
  readonly bytes: number
}

/** The messages of an object header, through its continuations. */
function messagesOf(blocks: Blocks, address: number): Message[] {
  blocks.expect(address, [1])
  const count = blocks.short(address + 2)
  const messages: Message[] = []
  const pieces = [{ at: address + 16, end: address + 16 + blocks.int(address + 8) }]
  for (const { at: start, end } of pieces) {
    let at = start
    while (messages.length < count && at + 8 <= end) {
      blocks.step()
      const [type, bytes, flags] = [blocks.short(at), blocks.short(at + 2), blocks.byte(at + 4)]
      at += 8
      if (at + bytes > end) throw new NotPlain()
      blocks.within(at, bytes)
      messages.push({ type, flags, at, bytes })
      if (type === message.continuation) pieces.push({ at: blocks.word(at), end: blocks.word(at) + blocks.word(at + 8) })
      at += bytes
    }
  }
  if (messages.length < count) throw new NotPlain()
  return messages.filter(({ type }) => type !== message.continuation)
}

/** The names of a group, sorted as its B-tree must be for the library to find them. */
function readGroup(blocks: Blocks, tree: number, heap: number): Entries {
  blocks.expect(heap, [0x48, 0x45, 0x41, 0x50, 0])
  const names = { start: blocks.word(heap + 24), bytes: blocks.word(heap + 8) }
  blocks.within(names.start, names.bytes)
  checkFree(blocks, blocks.word(heap + 16), names)
  const nameAt = (at: number): string => blocks.text(names.start, names.bytes, blocks.word(at))
  const entries = new Map<string, number>()
  let last = ''
  const visit = (at: number, level: number | undefined): void => {
    blocks.step()
    blocks.expect(at, [0x54, 0x52, 0x45, 0x45, 0])
    const own = blocks.byte(at + 5)
    if (level !== undefined && own !== level) throw new NotPlain()
    for (let k = 0; k < blocks.short(at + 6); k++) {
      const key = at + 24 + 16 * k
      if (nameAt(key) !== last) throw new NotPlain() // the name before the child's first, and behind it its last
      const child = blocks.word(key + 8)
      if (own > 0) visit(child, own - 1)
      else symbols(child)
      if (nameAt(key + 16) !== last) throw new NotPlain()
    }
  }
  const symbols = (at: number): void => {
    blocks.step()
    blocks.expect(at, [0x53, 0x4e, 0x4f, 0x44, 1])
    for (let k = 0; k < blocks.short(at + 6); k++) {
      blocks.step()
      const entry = at + 8 + 40 * k
      const name = nameAt(entry)
      if (name <= last) throw new NotPlain()
      entries.set(name, blocks.link(entry))
      last = name
    }
  }
  visit(tree, undefined)
  return entries
}

/** The free parts of a heap, a list that ends with 1: nothing is read there, but the library refuses a heap where it is broken. */
function checkFree(blocks: Blocks, first: number, { start, bytes }: { readonly start: number; readonly bytes: number }): void {
  for (let at = first; at !== 1; at = blocks.word(start + at)) {
    blocks.step()
    if (at + 16 > bytes || at + blocks.word(start + at + 8) > bytes) throw new NotPlain()
  }
}
