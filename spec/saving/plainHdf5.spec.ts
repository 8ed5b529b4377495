// Plain HDF5 files are read without the library, and as the library reads them; all others are left to it.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { unzipSync } from 'fflate'
import { FileError } from '../../lib/ir/errors.js'
import type { TypedData } from '../../lib/ir/ndarray.js'
import { type NewFile, writeFile } from '../../lib/saving/h5library.js'
import { type WeightsFile, withLibrary } from '../../lib/saving/hdf5.js'
import { NotPlain } from '../../lib/saving/hdf5Blocks.js'
import { openPlain } from '../../lib/saving/plainHdf5.js'
import { manyDtypes } from './support/hostileHdf5.js'

const folder = new URL('../golden/', import.meta.url)
const files = ['models', 'legacy'].flatMap(name => readdirSync(new URL(name, folder)).map(file => `${name}/${file}`))
const bytesOf = (file: string): Uint8Array => {
  const bytes = new Uint8Array(readFileSync(new URL(file, folder)))
  return file.endsWith('.keras') ? (unzipSync(bytes)['model.weights.h5'] as Uint8Array) : bytes
}
interface Layout {
  readonly chunks: bigint[] | null
  readonly compression: number
  readonly compression_opts: number[]
  readonly track_order: boolean
}

/** A plain file, made by the library. */
const plainFile = (write: (file: NewFile) => void) => writeFile(write)
const dataset = ({ module, id }: NewFile, path: string, values: Float32Array, more: Partial<Layout> = {}) => {
  const pointer = module._malloc(values.byteLength)
  module.HEAPU8.set(new Uint8Array(values.buffer), pointer)
  const sizes = [BigInt(values.length)]
  const type = { type: 1, size: 4, signed: true, vlen: false, littleEndian: true, total_size: values.length, shape: sizes, maxshape: sizes }
  const layout: Layout = { chunks: null, compression: 0, compression_opts: [], track_order: false }
  module.create_dataset(id, path, BigInt(pointer), { ...type, ...layout, ...more })
  module._free(pointer)
}

const archives = files.filter(file => file.endsWith('.keras'))
const everyFile = files.filter(file => /\.(keras|h5)$/.test(file))

type Tree = { readonly [path: string]: readonly string[] | { readonly shape: readonly number[]; readonly values: TypedData } }

/** Every group and every float32 dataset below a path; `skip` is told what cannot be read. */
function walk(file: WeightsFile, skip: (path: string) => void = () => undefined, path = ''): Tree {
  if (file.has(path)) {
    const { shape, dtype } = file.describe(path)
    if (dtype !== 'float32') return {}
    return { [path]: { shape, values: file.read(path, shape, 'float32') } }
  }
  const names = file.names(path) ?? []
  const inside = names.map(name => {
    const inner = path === '' ? name : `${path}/${name}`
    try {
      return walk(file, skip, inner)
    } catch (error) {
      if (!(error instanceof NotPlain)) throw error
      skip(inner)
      return {}
    }
  })
  return Object.assign({ [path]: names }, ...inside)
}

/** What a file holds, as it is read without the library; undefined if it is not plain. */
function plainly(bytes: Uint8Array, skip?: (path: string) => void): Tree | undefined {
  return unlessNotPlain(() => walk(openPlain(bytes), skip))
}

function isPlain(bytes: Uint8Array, path: string): boolean {
  return unlessNotPlain(() => openPlain(bytes).has(path)) ?? false
}

function unlessNotPlain<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof NotPlain) return undefined
    throw error
  }
}

function unlessFileError(error: unknown): undefined {
  if (!(error instanceof FileError)) throw error
}

describe('plain HDF5', () => {
  it('is what every archive of Keras holds, but for whole numbers and bools', async () => {
    for (const file of archives) {
      const bytes = bytesOf(file)
      const skipped: string[] = []
      assert.ok(
        plainly(bytes, path => skipped.push(path)),
        file,
      )
      const kinds = await withLibrary(bytes, file, library => skipped.map(path => library.describe(path).dtype))
      assert.ok(!kinds.includes('float32'), `${file}: ${skipped}`)
    }
    assert.ok(archives.length > 30)
  })

  it('is read as the library reads it, name by name and bit by bit', async () => {
    let datasets = 0
    for (const file of everyFile) {
      const bytes = bytesOf(file)
      const skipped = new Set<string>()
      const plain = plainly(bytes, path => skipped.add(path))
      if (!plain) continue
      const library = await withLibrary(bytes, file, library => walk(library))
      for (const [path, part] of Object.entries(library)) if (!skipped.has(path)) assert.deepEqual(plain[path], part, `${file} ${path}`)
      datasets += Object.values(plain).filter(part => 'shape' in part).length
    }
    assert.ok(datasets > 200, `${datasets} datasets`)
  })

  it('knows the names of attributes, and leaves what they say to the library', () => {
    const file = openPlain(bytesOf('models/mlp.keras'))
    assert.equal(file.strings('layers/dense/vars', 'layer_names'), undefined)
    assert.equal(file.strings('no/where', 'name'), undefined)
    assert.throws(() => file.strings('layers/dense/vars', 'name'), NotPlain)
    const newer = Buffer.from(bytesOf('models/mlp.keras'))
    for (let at = newer.indexOf('name\0'); at >= 0; at = newer.indexOf('name\0', at + 1)) if (newer[at - 8] === 1) newer[at - 8] = 3
    assert.throws(() => openPlain(newer).strings('layers/dense/vars', 'layer_names'), NotPlain, 'of a version with names elsewhere')
  })

  it('may hold more names than one node of a tree', async () => {
    const bytes = await plainFile(file => {
      for (let k = 0; k < 3000; k++) file.module.create_group(file.id, `/g${k}`)
      dataset(file, '/g2999/d', Float32Array.of(1, 2, 3))
    })
    const plain = plainly(bytes)
    assert.deepEqual(plain?.['g2999/d'], { shape: [3], values: Float32Array.of(1, 2, 3) })
    assert.deepEqual(plain, await withLibrary(bytes, 'x.h5', file => walk(file)))
  })

  const strange: readonly (readonly [string, (file: NewFile) => void])[] = [
    ['chunks', file => dataset(file, '/d', new Float32Array(64), { chunks: [16n] })],
    ['filters', file => dataset(file, '/d', new Float32Array(64), { chunks: [64n], compression: 1, compression_opts: [6] })],
    ['soft links', file => file.module.create_soft_link(file.id, '/plain', '/d')],
    ['links into other files', file => file.module.create_external_link(file.id, '/etc/passwd', '/plain', '/d')],
  ]
  for (const [what, write] of strange)
    it(`has no ${what}`, async () => {
      const bytes = await plainFile(file => {
        dataset(file, '/plain', Float32Array.of(1, 2))
        write(file)
      })
      assert.throws(() => openPlain(bytes).stored('d'), NotPlain)
    })

  for (const [what, name] of [
    ['beyond ASCII', 'é'],
    ['of more than 4 kB', 'n'.repeat(5000)],
  ] as const)
    it(`has no names ${what}`, async () => {
      const bytes = await plainFile(file => file.module.create_group(file.id, `/${name}`))
      assert.throws(() => openPlain(bytes).names(''), NotPlain)
    })

  it('has no names beyond the heap of its group', async () => {
    const bytes = await plainFile(file => file.module.create_group(file.id, '/g'))
    assert.deepEqual(openPlain(bytes).names(''), ['g'])
    const view = new DataView(bytes.buffer)
    const heap = view.getUint32(view.getUint32(64, true) + 32, true)
    view.setUint32(heap + 8, 8, true) // the first name alone, which is empty
    view.setUint32(heap + 16, 1, true)
    assert.throws(() => openPlain(bytes).names(''), NotPlain)
  })

  it('has no numbers but float32', async () => {
    const names = (openPlain(manyDtypes).names('') ?? []).filter(name => isPlain(manyDtypes, name))
    const dtypes = await withLibrary(manyDtypes, 'x.h5', library => names.map(name => library.describe(name).dtype))
    assert.deepEqual([...new Set(dtypes)], ['float32'])
    const bytes = await plainFile(file => dataset(file, '/d', Float32Array.of(1)))
    const type = Buffer.from(bytes).indexOf(Buffer.from([0x11, 0x20, 0x1f, 0, 4]))
    bytes[type + 1] = 0x21 // the big end first
    assert.ok(!isPlain(bytes, 'd'))
  })

  it('is not read beyond what the file holds, however often it is asked', async () => {
    const bytes = await plainFile(file => {
      dataset(file, '/d', new Float32Array(50_000))
      file.module.create_hard_link(file.id, '/d', '/again')
    })
    const file = openPlain(bytes)
    assert.equal(file.read('d', [50_000], 'float32').length, 50_000)
    assert.throws(() => file.read('again', [50_000], 'float32'), NotPlain)
    assert.throws(() => openPlain(bytes).read('d', [50_001], 'float32'), NotPlain)
    assert.throws(() => openPlain(bytes).read('d', [50_000], 'int32'), NotPlain)
  })

  it('ends where the file ends', async () => {
    const values = Float32Array.from({ length: 500 }, (_, k) => k)
    const bytes = await plainFile(file => dataset(file, '/d', values))
    for (let length = 0; length < bytes.length; length += 7) {
      const part = bytes.slice(0, length)
      assert.equal(plainly(part), undefined)
      if (length > 100) new DataView(part.buffer).setUint32(40, length, true) // a file that says so itself
      const found = plainly(part)?.d
      if (found) assert.deepEqual(found, { shape: [500], values }, `${length}`)
    }
  })

  it('has an end to every loop', async () => {
    const bytes = await plainFile(file => file.module.create_hard_link(file.id, '/', '/self'))
    assert.throws(() => openPlain(bytes).names(Array(1000).fill('self').join('/')), NotPlain)
    // a tree of 65,535 children, each the same tree of 65,535 nodes, each the same node without a name
    const large = new Uint8Array(4 << 20)
    large.set(bytes)
    const view = new DataView(large.buffer)
    const [outer, inner, node] = [1 << 20, (2 << 20) + 65536, 7 << 19]
    view.setUint32(40, large.length, true)
    view.setUint32(view.getUint32(64, true) + 24, outer, true)
    for (const [at, level, child] of [
      [outer, 1, inner],
      [inner, 0, node],
    ] as const) {
      large.set(new TextEncoder().encode('TREE'), at)
      view.setUint8(at + 5, level)
      view.setUint16(at + 6, 0xffff, true)
      for (let k = 0; k < 0xffff; k++) view.setUint32(at + 32 + 16 * k, child, true)
    }
    large.set(new TextEncoder().encode('SNOD\x01'), node)
    assert.deepEqual(openPlain(bytes).names(''), ['self'])
    const ownChild = bytes.slice()
    const tree = new DataView(bytes.buffer).getUint32(new DataView(bytes.buffer).getUint32(64, true) + 24, true)
    ownChild[tree + 5] = 1
    new DataView(ownChild.buffer).setUint32(tree + 32, tree, true)
    assert.throws(() => openPlain(ownChild).names(''), NotPlain)
    const start = performance.now()
    assert.throws(() => openPlain(large).names(''), NotPlain)
    assert.ok(performance.now() - start < 1000)
  })

  it('is read as the library reads it whichever byte is damaged, or left to it', async () => {
    const values = Float32Array.of(1, 2, 3)
    const bytes = await plainFile(file => {
      file.module.create_group(file.id, '/g')
      file.module.create_hard_link(file.id, '/g', '/g/d') // the name may come to stand behind the other
      dataset(file, '/g/e', values)
      const type = { type: 3, vlen: true, cset: 0, size: 4, signed: false, littleEndian: true, total_size: 1, shape: [], maxshape: [] }
      file.module.create_vlen_str_attribute(file.id, '/g', 'name', ['group'], type)
    })
    const all = (file: WeightsFile) => [
      file.names(''),
      file.names('g'),
      file.strings('g', 'layer_names'),
      file.describe('g/e'),
      file.read('g/e', [3], 'float32'),
    ]
    const unread = 12 // zeros in a row, and more, are room for more names
    const used = [...bytes.keys()].filter(at => bytes.subarray(Math.max(0, at - unread), at + unread).some(byte => byte !== 0))
    let [compared, refused] = [0, 0]
    for (const at of used)
      for (const bit of [1, 2, 0x80]) {
        const damaged = bytes.slice()
        damaged[at] = (bytes[at] as number) ^ bit
        const plain = unlessNotPlain(() => all(openPlain(damaged)))
        if (!plain) continue
        const answer = await withLibrary(damaged, 'x.h5', all).catch(unlessFileError)
        if (answer) assert.deepEqual(plain, answer, `bit ${bit} of byte ${at}`)
        if (answer) compared++
        else refused++
      }
    assert.ok(compared > 900, `${compared} answers`)
    // what the library wants of fields that say nothing of names, shapes and numbers
    assert.ok(refused <= 60, `${refused} times the library refuses to answer`)
  })

  it('is read as the library reads it when damaged, or left to it', async () => {
    const bases = ['models/mlp.keras', 'models/batch_norms.keras', 'legacy/k3_mlp.weights.h5'].map(bytesOf)
    const change = fc.record({ at: fc.nat(), byte: fc.constantFrom(0, 1, 2, 16, 64, 127, 128, 254, 255) })
    /** Asked alone: in a damaged file, the library's answer to one question can depend on the one before. */
    const libraryAt = (bytes: Uint8Array, path: string) =>
      withLibrary(bytes, 'x.h5', file => {
        if (!file.has(path)) return file.names(path)
        const { shape } = file.describe(path)
        return { shape, values: file.read(path, shape, 'float32') }
      })
    let [compared, refused] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(change, { minLength: 1, maxLength: 3 }), async (base, changes) => {
        const bytes = (bases[base % bases.length] as Uint8Array).slice()
        const structure = [...bytes.keys()].filter(at => bytes[at] !== 0)
        for (const { at, byte } of changes) bytes[structure[at % structure.length] as number] = byte
        for (const [path, part] of Object.entries(plainly(bytes, () => undefined) ?? {})) {
          const answer = await libraryAt(bytes, path).catch(unlessFileError)
          if (answer) assert.deepEqual(part, answer, path)
          if (answer) compared++
          else refused++
        }
      }),
      { numRuns: 100 },
    )
    assert.ok(compared > 10 * refused, `${compared} answers are the library's, ${refused} times it refuses to answer`)
  })
})
