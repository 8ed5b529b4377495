// Where a model comes from: a path, a URL, a Blob or bytes become an archive of members.

import { listFolder, pathIn, readPath } from '#platform'
import { ArgumentError, FileError } from '../ir/errors.js'
import { type Archive, openZip } from './zip.js'

/** A path (a path relative to the page in browsers), a URL, a File or Blob, or the bytes themselves. */
export type ModelSource = string | URL | Blob | ArrayBuffer | Uint8Array

/** What the archive is read from; the platform's own by default. */
export interface FileAccess {
  readPath(path: string | URL): Promise<Uint8Array>
  listFolder(path: string | URL): Promise<readonly string[] | null>
  pathIn(folder: string | URL, name: string): string
}

const required = ['metadata.json', 'config.json', 'model.weights.h5'] as const

/**
 * Opens a `.keras` file without reading more than its list of members.
 * @throws FileError naming the file, if it is missing or no such archive.
 */
export async function openArchive(source: ModelSource, access: FileAccess = { readPath, listFolder, pathIn }): Promise<Archive> {
  const archive = await openAny(source, access)
  refuseMembers(archive)
  return archive
}

async function openAny(source: ModelSource, access: FileAccess): Promise<Archive> {
  if (source instanceof Uint8Array) return openZip(source, 'the given bytes')
  if (source instanceof ArrayBuffer) return openZip(new Uint8Array(source), 'the given bytes')
  if (source instanceof Blob) {
    const name = 'name' in source && typeof source.name === 'string' ? source.name : 'the given Blob'
    return openZip(await attempt(name, async () => new Uint8Array(await source.arrayBuffer())), name)
  }
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new ArgumentError('loadModel: the source should be a path, URL, File, Blob, ArrayBuffer or Uint8Array')
  }
  const path = typeof source === 'string' && /^[a-z][a-z\d+.-]+:\/\//i.test(source) ? new URL(source) : source
  const name = String(source)
  const names = await attempt(name, () => access.listFolder(path))
  if (names) return openFolder(path, name, names, access)
  return openZip(await attempt(name, () => access.readPath(path)), name)
}

function openFolder(path: string | URL, name: string, names: readonly string[], access: FileAccess): Archive {
  return {
    name,
    members: names,
    read: member => attempt(`${name}/${member}`, () => access.readPath(access.pathIn(path, member))),
  }
}

/** Names the file in whatever goes wrong with reading it. */
async function attempt<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new FileError(`${name}: there is no such file`)
    throw new FileError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Refuses archives whose weights are not in the one form that is read. */
function refuseMembers({ name, members }: Archive): void {
  if (members.includes('model.weights.npz')) {
    throw new FileError(
      `${name}: its weights are model.weights.npz, which holds pickled Python objects`,
      'save the model again with h5py installed',
    )
  }
  if (members.includes('model.weights.json')) {
    throw new FileError(
      `${name}: its weights are split over several files, which is not supported`,
      'save the model without max_shard_size',
    )
  }
  const missing = required.find(member => !members.includes(member))
  if (missing)
    throw new FileError(`${name}: the archive has no ${missing}`, 'a .keras file holds metadata.json, config.json and model.weights.h5')
}
