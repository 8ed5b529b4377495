// .weights.h5 as Keras 3 writes it: a group for each object, its variables as datasets "0", "1", … in `vars`.

import { FileError } from '../ir/errors.js'
import type { TypedData } from '../ir/ndarray.js'
import type { Variable } from '../layers/variable.js'
import type { WeightOwner } from '../layers/weightOwner.js'
import { type NewFile, writeFile } from './h5library.js'
import { saveable } from './objectWeights.js'
import { variableGroups } from './weightPaths.js'

const [INTEGER, FLOAT, STRING] = [0, 1, 3]

/**
 * The weights of a layer or model as an HDF5 file: superblock 0, old-style groups, contiguous little-endian data, no
 * filters and no times, so that the same weights are the same bytes.
 * Source: keras/src/saving/saving_lib.py, _save_state and H5IOStore.
 */
export function writeWeights(root: WeightOwner): Promise<Uint8Array> {
  const groups = variableGroups(saveable(root), 'layers')
  return writeFile(file => {
    const made = new Set([''])
    for (const { path, owner, variables } of groups) {
      makeGroup(file, path, made)
      writeName(file, path, owner.name)
      variables.forEach((variable, k) => {
        writeDataset(file, `${path}/${k}`, variable)
      })
    }
  })
}

function makeGroup(file: NewFile, path: string, made: Set<string>): void {
  if (made.has(path)) return
  makeGroup(file, path.slice(0, Math.max(0, path.lastIndexOf('/'))), made)
  file.module.create_group(file.id, `/${path}`)
  made.add(path)
}

/** The name that the user knows the object by; readers do not need it. */
function writeName({ module, id }: NewFile, path: string, name: string): void {
  const type = { type: STRING, vlen: true, cset: 1, size: 4, signed: false, littleEndian: true, total_size: 1 }
  module.create_vlen_str_attribute(id, `/${path}`, 'name', [name], { ...type, shape: [], maxshape: [] })
}

function writeDataset({ module, id }: NewFile, path: string, { data, shape }: Variable): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const pointer = module._malloc(Math.max(1, bytes.length))
  if (pointer === 0) throw new FileError(`/${path} is too large for the HDF5 library`)
  try {
    module.HEAPU8.set(bytes, pointer)
    const sizes = shape.map(BigInt)
    const type = { ...typeOf(data), vlen: false, littleEndian: true, total_size: data.length, shape: sizes, maxshape: sizes }
    const layout = { chunks: null, compression: 0, compression_opts: [], track_order: false }
    if (module.create_dataset(id, `/${path}`, BigInt(pointer), { ...type, ...layout }) !== 0)
      throw new FileError(`/${path} cannot be written: the HDF5 library refuses it`)
  } finally {
    module._free(pointer)
  }
}

function typeOf(data: TypedData): { type: number; size: number; signed: boolean } {
  return { type: data instanceof Float32Array ? FLOAT : INTEGER, size: data.BYTES_PER_ELEMENT, signed: !(data instanceof Uint8Array) }
}
