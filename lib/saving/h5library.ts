// The HDF5 library: h5wasm, loaded when a file needs it, shut in while it works, thrown away when a file has broken it.

import { FileError } from '../ir/errors.js'

type H5Module = Awaited<typeof import('h5wasm')['ready']>
type Files = H5Module['FS'] & { streams: unknown[] }

/** One instance of the library. Its files are in memory, in Node too: the browser build has no way to the disk. */
interface Instance {
  readonly module: H5Module
  /** Whether it is ours alone, so that it can be taken apart. */
  readonly own: boolean
  retired: boolean
}

/** An HDF5 file that is being written: `id` goes with the calls of `module`. */
export interface NewFile {
  readonly module: H5Module
  readonly id: bigint
}

/** An open HDF5 file. */
export interface OpenedFile extends NewFile {
  /** Another file that this one made the library ask for, if any. */
  readonly strayPath: () => string | undefined
}

/** WebAssembly memory never shrinks, so an instance that has grown beyond this is not kept. */
const maxHeap = 256 << 20
/** Every exception through the library costs it about 400 bytes of its 5 MB stack (measured). */
const maxFailures = 1000

let generation = 0
let failures = 0
let current: Promise<Instance> | undefined

/**
 * Runs `use` on an HDF5 file held in memory. While it runs the library sees that one file and prints nothing.
 * @throws FileError when the bytes are no HDF5 file, or break the library: the next call then gets a new instance.
 */
export async function withFile<T>(bytes: Uint8Array, name: string, use: (file: OpenedFile) => T): Promise<T> {
  let instance = await anyInstance()
  while (instance.retired) instance = await anyInstance() // another file broke it while this one waited
  try {
    return shutIn(instance.module, bytes, name, use)
  } catch (error) {
    failures++
    if (error instanceof FileError) throw error
    if (isCrash(error)) {
      retire(instance)
      throw new FileError(`${name}: the HDF5 library cannot cope with this file: ${String(error)}`, 'the file is damaged or hostile')
    }
    throw error
  } finally {
    if (instance.own && !instance.retired && (failures >= maxFailures || instance.module.HEAPU8.length > maxHeap)) retire(instance)
  }
}

/** A new HDF5 file in the oldest layout, which every reader knows, as `write` fills it. */
export async function writeFile(write: (file: NewFile) => void): Promise<Uint8Array> {
  let instance = await anyInstance()
  while (instance.retired) instance = await anyInstance()
  const { module } = instance
  const path = newPath()
  try {
    withoutTime(() => {
      const id = module.open(path, module.H5F_ACC_TRUNC, false, module.H5F_LIBVER_EARLIEST, module.H5F_LIBVER_LATEST)
      if (id < 0n) throw new Error('internal: the HDF5 library cannot make a file')
      try {
        write({ module, id })
      } finally {
        module.close_file(id)
      }
    })
    return module.FS.readFile(path)
  } catch (error) {
    if (!isCrash(error)) throw error
    retire(instance)
    throw new FileError(`the HDF5 library cannot write these weights: ${String(error)}`, 'are they too large for its memory?')
  } finally {
    if (!instance.retired) {
      if (module.FS.analyzePath(path).exists) module.FS.unlink(path)
      if (instance.own && module.HEAPU8.length > maxHeap) retire(instance)
    }
  }
}

/** HDF5 notes when a dataset was made, and offers no way to leave that out: for it, the clock stands still. */
function withoutTime(run: () => void): void {
  const { now } = Date
  Date.now = () => 0
  try {
    run()
  } finally {
    Date.now = now
  }
}

function newPath(): string {
  return `/${Math.random().toString(36).slice(2)}.h5`
}

async function anyInstance(): Promise<Instance> {
  current ??= instantiate()
  const attempt = current
  try {
    return await attempt
  } catch (error) {
    if (current === attempt) current = undefined
    throw error
  }
}

/** Errors that leave the library in an unknown state: traps, aborts, exhausted stacks and memories. */
function isCrash(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error instanceof WebAssembly.Exception
}

function shutIn<T>(module: H5Module, bytes: Uint8Array, name: string, use: (file: OpenedFile) => T): T {
  const files = module.FS as Files
  const path = newPath()
  const stream = files.open(path, 'w')
  files.write(stream, bytes, 0, bytes.length, 0, true)
  files.close(stream)
  const { open, streams } = files
  const messages = streams[2]
  let stray: string | undefined
  let id: bigint | undefined
  try {
    streams[2] = undefined // where HDF5 prints its error stack
    files.open = (asked, ...rest) => {
      if (asked !== path) stray ??= asked
      return open.call(files, asked === path ? asked : '/no/such/file', ...rest)
    }
    id = module.open(path, module.H5F_ACC_RDONLY)
    if (id < 0n) throw new FileError(`${name} is no HDF5 file, or damaged at its very beginning`)
    return use({ module, id, strayPath: () => stray })
  } finally {
    try {
      if (id !== undefined && id >= 0n) module.close_file(id)
    } finally {
      files.open = open
      streams[2] = messages
      files.unlink(path)
    }
  }
}

/**
 * A second evaluation of h5wasm is a second instance. Where a bundler or a missing import map stands against it,
 * the one copy is shared with the host program and cannot be replaced.
 */
async function instantiate(): Promise<Instance> {
  const copy = await import(/* webpackIgnore: true */ /* @vite-ignore */ ownUrl()).catch(() => undefined)
  const own: typeof import('h5wasm') | undefined = copy
  if (own) return { module: await own.ready, own: true, retired: false }
  if (generation > 0)
    throw new FileError('the HDF5 library was broken by an earlier file and cannot be started again here', 'reload the page')
  const shared = await import('h5wasm')
  return { module: await shared.ready, own: false, retired: false }
}

/** An address of h5wasm that no one has imported yet; a name that does not resolve where there is none. */
function ownUrl(): string {
  try {
    return `${import.meta.resolve('h5wasm')}?kerafold=${generation}`
  } catch {
    return 'h5wasm?kerafold'
  }
}

/** Forgets an instance; one of our own is emptied, since evaluated modules are never freed. */
function retire(instance: Instance): void {
  const { module, own } = instance
  instance.retired = true
  current = undefined
  failures = 0
  generation++
  if (!own) return
  for (const part of [module.FS, module]) for (const key of Object.keys(part)) Reflect.deleteProperty(part, key)
}
