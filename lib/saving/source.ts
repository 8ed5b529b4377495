// Where a model comes from: a path, a URL, Blobs or bytes become a file of a known kind, told by its contents.

import { besides, listFolder, pathIn, readPath } from '#platform'
import { ArgumentError, FileError } from '../ir/errors.js'
import { type Archive, openZip } from './zip.js'

/**
 * A path (relative to the page in browsers), a URL, a File or Blob, the bytes themselves, or the Files of a model that
 * lies in several: `model.json` and its shards.
 */
export type ModelSource = string | URL | Blob | ArrayBuffer | ArrayBufferView | readonly Blob[]

/** What files are read from; the platform's own by default. */
export interface FileAccess {
  readPath(path: string | URL): Promise<Uint8Array>
  /** The names in a folder; null for a file. */
  listFolder(path: string | URL): Promise<readonly string[] | null>
  pathIn(folder: string | URL, name: string): string
  /** A file in the folder of another one. */
  besides(path: string | URL, name: string): string | URL
}

/** A file, or a folder of files, by kind. */
export type ModelFile =
  | { readonly kind: 'archive'; readonly archive: Archive }
  | { readonly kind: 'hdf5'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'json'; readonly name: string; readonly bytes: Uint8Array; readonly neighbours: Neighbours }

/** Files that a JSON file names. */
export interface Neighbours {
  /** @throws FileError for a name that leads out of the folder, and for a file that is not there. */
  read(name: string): Promise<Uint8Array>
}

/**
 * Reads a file and tells its kind by its first bytes, whatever its name.
 * @throws FileError naming the file, if it is missing or of no known kind.
 */
export async function openSource(
  source: ModelSource,
  caller: string,
  access: FileAccess = { readPath, listFolder, pathIn, besides },
): Promise<ModelFile> {
  if (source instanceof ArrayBuffer) return kindOf(new Uint8Array(source), 'the given bytes', alone('the given bytes'))
  if (ArrayBuffer.isView(source)) {
    const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    return kindOf(bytes, 'the given bytes', alone('the given bytes'))
  }
  if (source instanceof Blob) return kindOf(await readBlob(source), nameOf(source), alone(nameOf(source)))
  if (Array.isArray(source)) return openBlobs(source, caller)
  if (typeof source !== 'string' && !(source instanceof URL))
    throw new ArgumentError(`${caller}: the source should be a path, URL, File, Blob, a list of Files, ArrayBuffer or Uint8Array`)
  const path = typeof source === 'string' && /^[a-z][a-z\d+.-]+:\/\//i.test(source) ? new URL(source) : source
  const name = String(source)
  const names = await attempt(name, () => access.listFolder(path))
  if (names) return openFolder(path, name, names, access)
  const bytes = await attempt(name, () => access.readPath(path))
  return kindOf(
    bytes,
    name,
    neighboursOf(name, shard => access.readPath(access.besides(path, shard))),
  )
}

function openFolder(path: string | URL, name: string, names: readonly string[], access: FileAccess): Promise<ModelFile> | ModelFile {
  const read = (member: string) => attempt(`${name}/${member}`, () => access.readPath(access.pathIn(path, member)))
  if (!names.includes('model.json') || names.includes('config.json')) return { kind: 'archive', archive: { name, members: names, read } }
  return read('model.json').then(bytes =>
    kindOf(
      bytes,
      `${name}/model.json`,
      neighboursOf(name, shard => access.readPath(access.pathIn(path, shard))),
    ),
  )
}

/** Several Files: the one that is JSON, and the shards it names. */
async function openBlobs(blobs: readonly unknown[], caller: string): Promise<ModelFile> {
  const files = blobs.filter(blob => blob instanceof Blob)
  if (files.length !== blobs.length || files.length === 0)
    throw new ArgumentError(`${caller}: a list of files should hold Files or Blobs`, 'loadModel([jsonFile, ...shardFiles])')
  const [only] = files
  if (only && files.length === 1) return kindOf(await readBlob(only), nameOf(only), alone(nameOf(only)))
  const isJson = (file: Blob) => nameOf(file).toLowerCase().endsWith('.json') || file.type === 'application/json'
  const [json, ...more] = files.filter(isJson)
  if (!json || more.length > 0)
    throw new ArgumentError(
      `${caller}: a list of files should hold one .json file beside its shards, got ${files.map(nameOf).join(', ')}`,
      'loadModel([jsonFile, ...shardFiles])',
    )
  const read = async (path: string): Promise<Uint8Array> => {
    const base = path.split('/').at(-1)
    const file = files.find(other => nameOf(other) === base)
    if (file) return readBlob(file)
    throw new FileError(`there is no file of this name among ${files.map(nameOf).join(', ')}`)
  }
  return kindOf(await readBlob(json), nameOf(json), neighboursOf(nameOf(json), read))
}

function nameOf(blob: Blob): string {
  return 'name' in blob && typeof blob.name === 'string' ? blob.name : 'the given Blob'
}

function readBlob(blob: Blob): Promise<Uint8Array> {
  return attempt(nameOf(blob), async () => new Uint8Array(await blob.arrayBuffer()))
}

/** HDF5 may begin behind a block of the user's: at 0, 512, 1024, 2048, … */
function isHdf5(bytes: Uint8Array): boolean {
  const magic = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
  for (let at = 0; at + 8 <= bytes.length; at = at === 0 ? 512 : 2 * at) if (magic.every((byte, k) => bytes[at + k] === byte)) return true
  return false
}

function kindOf(bytes: Uint8Array, name: string, neighbours: Neighbours): ModelFile {
  const first = bytes.find(byte => ![0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf].includes(byte))
  if (first === 0x7b) return { kind: 'json', name, bytes, neighbours }
  if (isHdf5(bytes)) return { kind: 'hdf5', name, bytes }
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return { kind: 'archive', archive: openZip(bytes, name) }
  const hint = first === 0x3c ? 'this looks like a web page: is the address right?' : 'the first bytes of a file tell its kind'
  throw new FileError(`${name} is no .keras file, no HDF5 file and no model.json`, hint)
}

/** A name may lead into folders, never out of them, and nowhere else. */
const plainName = /^(?!\/)(?!(.*\/)?\.{0,2}(\/|$))[^\\:?#%*"<>|\p{Cc}]+$/u

function neighboursOf(name: string, read: (path: string) => Promise<Uint8Array>): Neighbours {
  return {
    async read(given) {
      const path = given.replace(/^(\.\/)+/, '')
      if (path.length > 1024 || !plainName.test(path))
        throw new FileError(
          `${name}: the file ${JSON.stringify(given)} that it names is not beside it`,
          'shards lie in the folder of model.json',
        )
      return attempt(`${name}: the file ${given}`, () => read(path))
    },
  }
}

/** The neighbours of a file that came without any. */
function alone(name: string): Neighbours {
  return {
    read: async given => {
      throw new FileError(
        `${name}: its weights are in ${given}, which was not given`,
        'give all files: loadModel([jsonFile, ...shardFiles])',
      )
    },
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
