// Zip archives: written plainly, read with suspicion: sizes and names are checked before anything is inflated, and while it is.

import { FileError } from '../ir/errors.js'
import { crc32 } from './crc32.js'

/** A `.keras` file, or a folder with the same members. */
export interface Archive {
  /** What messages call the file. */
  readonly name: string
  readonly members: readonly string[]
  /** @throws FileError for a member that is missing or damaged. */
  read(member: string): Promise<Uint8Array>
}

/** Where a member lies in the archive. */
interface Member {
  readonly name: string
  readonly deflated: boolean
  readonly start: number
  readonly stored: number
  readonly size: number
  readonly crc: number
}

/** A member may be at most this many times as large as its compressed form, once it is larger than `ratioFree`. */
const maxRatio = 100
const ratioFree = 1 << 16
/** All inflated members together: this much, and more in proportion for large archives. */
const maxInflated = (archiveBytes: number) => (128 << 20) + 8 * archiveBytes
const maxMembers = 10_000
/** Compressed bytes that are inflated at a time: 1032 times as many can come out. */
const step = 1 << 14

const allowed = /^(metadata\.json|config\.json|model\.weights\.(h5|npz|json)|model_\d+\.weights\.h5|assets(\/.*)?)$/

/**
 * Lists the members of a zip archive; `read` inflates one and checks its CRC-32.
 * Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
 * @throws FileError naming the archive and the member, for whatever a careful writer would not write.
 */
export function openZip(bytes: Uint8Array, name: string): Archive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const members = readDirectory(view, name)
  const inflated = [...members.values()].reduce((sum, { deflated, size }) => sum + (deflated ? size : 0), 0)
  if (inflated > maxInflated(bytes.length))
    throw new FileError(`${name}: its members would inflate to ${inflated} bytes, which is no sane archive`)
  return {
    name,
    members: [...members.keys()],
    async read(memberName) {
      const member = members.get(memberName)
      if (!member) throw new FileError(`${name}: there is no member ${memberName}`)
      const stored = bytes.subarray(member.start, member.start + member.stored)
      const data = member.deflated ? await inflate(stored, member, name) : stored
      if (crc32(data) !== member.crc) throw new FileError(`${name}: ${memberName} is damaged: its checksum does not match`)
      return data
    },
  }
}

/** A zip archive of stored members, as Keras writes them, with no dates: the same members are the same bytes. */
export async function writeZip(members: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  const { zipSync } = await import('fflate')
  return zipSync(members, { level: 0, mtime: new Date(1980, 0, 1) })
}

function readDirectory(view: DataView, name: string): Map<string, Member> {
  const end = findEnd(view, name)
  const count = view.getUint16(end + 10, true)
  const size = view.getUint32(end + 12, true)
  const start = view.getUint32(end + 16, true)
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 6, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    throw new FileError(`${name}: archives in several parts are not supported`)
  }
  const hasZip64Locator = end >= 20 && view.getUint32(end - 20, true) === 0x07064b50
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff || hasZip64Locator) {
    throw new FileError(`${name}: zip64 archives are not supported`, 'a model of less than 4 GB needs none')
  }
  if (start + size !== end || count > maxMembers) throw new FileError(`${name}: the archive's directory is damaged`)
  const members = new Map<string, Member>()
  let at = start
  for (let k = 0; k < count; k++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      throw new FileError(`${name}: entry ${k} of the archive's directory is damaged`)
    const next = at + 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    if (next > end) throw new FileError(`${name}: entry ${k} of the archive's directory is damaged`)
    const member = readEntry(view, at, start, name)
    if (members.has(member.name)) throw new FileError(`${name}: two members are called ${member.name}`)
    members.set(member.name, member)
    at = next
  }
  if (at !== end) throw new FileError(`${name}: the archive's directory is damaged`)
  refuseOverlap([...members.values()], name)
  return members
}

/** The end record: the last one whose comment reaches exactly to the end of the file. */
function findEnd(view: DataView, name: string): number {
  if (view.byteLength < 4 || view.getUint32(0, true) !== 0x04034b50)
    throw new FileError(`${name} is no .keras file`, 'a .keras file is a zip archive')
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === 0x06054b50 && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at
  }
  throw new FileError(`${name}: the archive has no end record`, 'the file is truncated; copy or download it again')
}

function readEntry(view: DataView, at: number, directory: number, name: string): Member {
  const text = decodeName(view, at + 46, view.getUint16(at + 28, true), name)
  const fail = (problem: string, hint?: string) => new FileError(`${name}: member ${text} ${problem}`, hint)
  const flags = view.getUint16(at + 8, true)
  const method = view.getUint16(at + 10, true)
  const crc = view.getUint32(at + 16, true)
  const stored = view.getUint32(at + 20, true)
  const size = view.getUint32(at + 24, true)
  const local = view.getUint32(at + 42, true)
  if ((flags & 0x2041) !== 0) throw fail('is encrypted')
  if (method !== 0 && method !== 8) throw fail(`is compressed by method ${method}`, 'stored and deflated members are supported')
  if (stored === 0xffffffff || size === 0xffffffff || local === 0xffffffff) throw fail('needs zip64, which is not supported')
  if (method === 0 && stored !== size) throw fail('is stored, but its two sizes differ')
  if (size > ratioFree && size > maxRatio * stored) throw fail(`would inflate from ${stored} to ${size} bytes, more than ${maxRatio} times`)
  if (local + 30 > directory || view.getUint32(local, true) !== 0x04034b50) throw fail('has no local header')
  const nameLength = view.getUint16(local + 26, true)
  const start = local + 30 + nameLength + view.getUint16(local + 28, true)
  if (start + stored > directory) throw fail('reaches beyond the archive')
  const same = view.getUint16(local + 8, true) === method && decodeName(view, local + 30, nameLength, name) === text
  if (!same) throw fail('differs between the directory and its own header')
  return { name: text, deflated: method === 8, start, stored, size, crc }
}

function decodeName(view: DataView, at: number, length: number, name: string): string {
  const text = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length))
  const escapes = text.startsWith('/') || /[\\:\0]/.test(text) || text.split('/').some(part => part === '..' || part === '.')
  if (escapes) throw new FileError(`${name}: member ${JSON.stringify(text)} points outside the archive`)
  if (!allowed.test(text)) {
    throw new FileError(
      `${name}: unexpected member ${JSON.stringify(text)}`,
      'a .keras file holds metadata.json, config.json, model.weights.h5 and assets/',
    )
  }
  return text
}

/** Members that share bytes make a small archive unfold into a large one. */
function refuseOverlap(members: readonly Member[], name: string): void {
  const sorted = members.toSorted((a, b) => a.start - b.start)
  for (const [k, member] of sorted.entries()) {
    const before = sorted[k - 1]
    if (before && before.start + before.stored > member.start)
      throw new FileError(`${name}: members ${before.name} and ${member.name} overlap`)
  }
}

/** fflate trusts declared sizes, so the output is measured while it comes. */
async function inflate(stored: Uint8Array, { name: memberName, size }: Member, name: string): Promise<Uint8Array> {
  const { Inflate } = await import('fflate')
  const data = new Uint8Array(size)
  let at = 0
  const stream = new Inflate(chunk => {
    if (at + chunk.length > size) throw new FileError(`${name}: ${memberName} inflates to more than the ${size} bytes it declares`)
    data.set(chunk, at)
    at += chunk.length
  })
  try {
    for (let from = 0; from < stored.length; from += step) stream.push(stored.subarray(from, from + step), from + step >= stored.length)
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new FileError(`${name}: ${memberName} is damaged: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (at !== size) throw new FileError(`${name}: ${memberName} inflates to ${at} bytes, but declares ${size}`)
  return data
}
