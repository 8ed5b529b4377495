// An HDF5 file of weights as a tree of groups and datasets, read only where the model says what must be there.

import { FileError } from '../ir/errors.js'
import type { TypedData } from '../ir/ndarray.js'
import { type DType, sizeOf } from '../ir/types.js'
import { type OpenedFile, withFile } from './h5library.js'
import { readStrings } from './h5strings.js'
import { fromBfloat16, fromFloat16 } from './halfFloats.js'
import type { StoredWeight } from './pairing.js'

/** The groups and datasets of a weights file; paths begin at the root, without a slash: `layers/dense/vars`. */
export interface WeightsFile {
  /** The names in a group; undefined if there is no such group. */
  names(group: string): readonly string[] | undefined
  /** The strings of an attribute; undefined if there is none. */
  strings(path: string, attribute: string): readonly string[] | undefined
  /** Whether there is a dataset at the path. */
  has(path: string): boolean
  /** What a dataset says of itself. */
  describe(path: string): { readonly shape: readonly number[]; readonly dtype: string }
  /** The values of a dataset as a new typed array, once shape and dtype are what the model needs. */
  read(path: string, shape: readonly number[], dtype: DType): TypedData
  /** A dataset as a weight to be read later. */
  stored(path: string): StoredWeight
}

/** Names per group and parts per path: more than any model has. */
const maxNames = 1 << 16
const maxDepth = 64
/** Large datasets are copied out in slabs, so that the library's memory stays small. */
const slab = 16 << 20
/** How many times its file a model's weights may be as large, when filters have compressed them. */
const maxRatio = 100

const H5S_MAX_RANK = 32
const [INTEGER, FLOAT, OPAQUE, ENUM] = [0, 1, 5, 8]
const [DEFLATE, SHUFFLE] = [1, 2]

/**
 * As `withWeights` of openWeights.ts, always by the library.
 * @throws FileError naming file and path: links, virtual and external data, unknown filters and types, damage.
 */
export function withLibrary<T>(bytes: Uint8Array, name: string, use: (weights: WeightsFile) => T): Promise<T> {
  return withFile(bytes, name, file => use(new LibraryWeights(file, name, bytes.length)))
}

type Metadata = ReturnType<OpenedFile['module']['get_dataset_metadata']>

class LibraryWeights implements WeightsFile {
  private readonly file: OpenedFile
  private readonly name: string
  private readonly fileBytes: number
  private readonly kinds = new Map<string, number>()
  private bytesRead = 0

  constructor(file: OpenedFile, name: string, fileBytes: number) {
    this.file = file
    this.name = name
    this.fileBytes = fileBytes
  }

  names(group: string): readonly string[] | undefined {
    const { module, id } = this.file
    const kind = this.kind(group)
    if (kind === undefined) return undefined
    if (kind !== module.H5G_GROUP) throw this.fail(group, 'is no group')
    const names = this.attempt(group, () => module.get_names(id, `/${group}`, false))
    if (names.length > maxNames) throw this.fail(group, `holds ${names.length} names`)
    return names
  }

  strings(path: string, attribute: string): readonly string[] | undefined {
    const { module, id } = this.file
    if (this.kind(path) === undefined) return undefined
    const names = this.attempt(path, () => module.get_attribute_names(id, `/${path}`))
    if (!names.includes(attribute)) return undefined
    const strings = this.attempt(path, () => readStrings(this.file, `/${path}`, attribute))
    return strings ?? this.refuse(path, `has an attribute ${attribute} that is no text, or too long`)
  }

  has(path: string): boolean {
    return this.kind(path) === this.file.module.H5G_DATASET
  }

  describe(path: string): { shape: readonly number[]; dtype: string } {
    const metadata = this.metadata(path)
    return { shape: metadata.shape ?? [], dtype: this.dtypeName(path, metadata) }
  }

  read(path: string, shape: readonly number[], dtype: DType): TypedData {
    const metadata = this.metadata(path)
    const stored = this.dtypeName(path, metadata)
    const found = metadata.shape ?? []
    if (found.length !== shape.length || found.some((size, axis) => size !== shape[axis])) {
      throw this.fail(path, `has shape [${found.join(', ')}], but the model needs [${shape.join(', ')}]`)
    }
    const convert = (conversions[dtype] as Readonly<Record<string, Conversion>>)[stored]
    if (!convert) throw this.fail(path, `holds ${stored}, but the model needs ${dtype}`)
    this.checkStorage(path, metadata)
    return convert(this.readBytes(path, metadata.size, shape))
  }

  stored(path: string): StoredWeight {
    const { shape } = this.describe(path)
    return { path: `/${path}`, shape, read: dtype => this.read(path, shape, dtype) }
  }

  private metadata(path: string): Metadata {
    const { module, id } = this.file
    const kind = this.kind(path)
    if (kind === undefined) throw this.fail(path, 'is missing')
    if (kind !== module.H5G_DATASET) throw this.fail(path, 'is no dataset')
    const metadata = this.attempt(path, () => module.get_dataset_metadata(id, `/${path}`))
    if (metadata.virtual_sources) throw this.fail(path, 'is a virtual dataset')
    if ((metadata.shape ?? []).length > H5S_MAX_RANK) throw this.fail(path, 'has a damaged shape')
    return metadata
  }

  /** The kind of an object, every part of whose path is a plain hard link; undefined if there is none. */
  private kind(path: string): number | undefined {
    const known = this.kinds.get(path)
    if (known !== undefined) return known
    const { module, id } = this.file
    if (path === '') return module.H5G_GROUP
    const parts = path.split('/')
    if (parts.length > maxDepth) throw this.fail(path, 'is nested too deeply')
    if (this.kind(parts.slice(0, -1).join('/')) !== module.H5G_GROUP) return undefined
    const full = `/${path}`
    const link = module.get_symbolic_link(id, full) as string | null
    if (link !== null) throw this.fail(path, `is a soft link to ${JSON.stringify(link)}`)
    const { filename } = module.get_external_link(id, full)
    if (filename !== undefined) throw this.fail(path, `is a link into another file, ${JSON.stringify(filename)}`)
    const kind = module.get_type(id, full)
    this.refuseStray(path)
    if (kind < 0) return undefined
    if (kind === module.H5G_LINK || kind === module.H5G_UDLINK) throw this.fail(path, 'is a link')
    this.kinds.set(path, kind)
    return kind
  }

  /** What is declared must be there: in the file's bytes, or within reason behind gzip. */
  private checkStorage(path: string, metadata: Metadata): void {
    const { module, id } = this.file
    const filters = this.attempt(path, () => module.get_dataset_filters(id, `/${path}`))
    const unknown = filters.find(filter => filter.id !== DEFLATE && filter.id !== SHUFFLE)
    if (unknown)
      throw this.fail(path, `is stored through the filter ${JSON.stringify(unknown.name || unknown.id)}; gzip and shuffle are supported`)
    const bytes = metadata.size * metadata.total_size
    const chunk = metadata.chunks ? metadata.size * sizeOf(metadata.chunks) : 0
    const limit = (filters.length > 0 ? maxRatio : 1) * this.fileBytes
    if (chunk > Math.max(2 * bytes, 1 << 20)) throw this.fail(path, `is stored in chunks of ${chunk} bytes, but holds ${bytes}`)
    this.bytesRead += bytes
    if (this.bytesRead > limit) throw this.fail(path, `declares more data than a file of ${this.fileBytes} bytes holds`)
  }

  private readBytes(path: string, itemSize: number, shape: readonly number[]): Uint8Array {
    const { module, id } = this.file
    const [rows = 1, ...row] = shape
    const rowBytes = itemSize * sizeOf(row)
    const bytes = new Uint8Array(rows * rowBytes)
    if (bytes.length === 0) return bytes
    const rowsAtOnce = Math.min(rows, Math.max(1, Math.floor(slab / rowBytes)))
    const pointer = module._malloc(rowsAtOnce * rowBytes)
    if (pointer === 0) throw this.fail(path, 'is too large for the HDF5 library')
    try {
      for (let start = 0; start < rows; start += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rows - start)
        const part =
          shape.length === 0 ? null : { count: [count, ...row], offset: [start, ...row.map(() => 0)], stride: shape.map(() => 1) }
        const [counts, offsets, strides] = part ? [part.count, part.offset, part.stride].map(list => list.map(BigInt)) : []
        const status = this.attempt(path, () =>
          module.get_dataset_data(id, `/${path}`, counts ?? null, offsets ?? null, strides ?? null, BigInt(pointer)),
        )
        if (status < 0) throw this.fail(path, 'cannot be read: its data are damaged')
        bytes.set(module.HEAPU8.subarray(pointer, pointer + count * rowBytes), start * rowBytes)
      }
    } finally {
      module._free(pointer)
    }
    return bytes
  }

  /** Keras' name of a stored type; a description where Keras has none. */
  private dtypeName(path: string, { type, size, signed, vlen, shape }: Metadata): string {
    if (vlen || shape === null) return 'no array of numbers'
    if (type === FLOAT) return `float${8 * size}`
    if (type === INTEGER) return `${signed ? 'int' : 'uint'}${8 * size}`
    if (type === ENUM && size === 1) return 'bool'
    if (type === OPAQUE && size === 2 && this.strings(path, 'dtype')?.[0] === 'bfloat16') return 'bfloat16'
    return 'no array of numbers'
  }

  /** Names the object in an error that the library throws; crashes pass through. */
  private attempt<T>(path: string, call: () => T): T {
    try {
      const result = call()
      this.refuseStray(path)
      return result
    } catch (error) {
      this.refuseStray(path)
      if (error instanceof Error && error.constructor === Error) throw this.fail(path, 'is damaged')
      throw error
    }
  }

  private refuseStray(path: string): void {
    const stray = this.file.strayPath()
    if (stray !== undefined) throw this.fail(path, `keeps its data in another file, ${JSON.stringify(stray)}`)
  }

  private refuse(path: string, problem: string): never {
    throw this.fail(path, problem)
  }

  private fail(path: string, problem: string): FileError {
    return new FileError(`${this.name}: /${path} ${problem}`)
  }
}

type Conversion = (bytes: Uint8Array) => TypedData

/** How the bytes of each stored type become the dtype that the model needs. Little-endian, as WebAssembly is. */
const conversions = {
  float32: {
    float32: bytes => new Float32Array(bytes.buffer),
    float64: bytes => Float32Array.from(new Float64Array(bytes.buffer)),
    float16: fromFloat16,
    bfloat16: fromBfloat16,
  },
  int32: { int32: bytes => new Int32Array(bytes.buffer) },
  bool: { bool: bytes => bytes.map(value => (value ? 1 : 0)), uint8: bytes => bytes.map(value => (value ? 1 : 0)) },
} satisfies Record<DType, Record<string, Conversion>>
