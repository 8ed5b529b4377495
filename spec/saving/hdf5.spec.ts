import assert from 'node:assert/strict'
import { FileError } from '../../lib/ir/errors.js'
import type { DType } from '../../lib/ir/types.js'
import { withFile } from '../../lib/saving/h5library.js'
import { type WeightsFile, withLibrary } from '../../lib/saving/hdf5.js'
import { withWeights } from '../../lib/saving/openWeights.js'
import { changedHdf5, goldenMembers, hdf5, refusal } from './support/archives.js'
import { bigEndian, externalStorage, manyDtypes, shapeBomb, virtualDataset } from './support/hostileHdf5.js'

const mlp = goldenMembers('mlp')['model.weights.h5'] as Uint8Array

for (const [how, open] of [
  ['whoever reads them', withWeights],
  ['by the library', withLibrary],
] as const)
  describe(`weights in HDF5, ${how},`, () => {
    const read = (bytes: Uint8Array, path: string, shape: readonly number[], dtype: DType = 'float32') =>
      open(bytes, 'x.h5', file => file.read(path, shape, dtype))
    const ask = <T>(bytes: Uint8Array, use: (file: WeightsFile) => T) => open(bytes, 'x.h5', use)

    it('are found by path', async () => {
      const seen = await ask(mlp, file => [
        file.names(''),
        file.names('layers'),
        file.names('layers/dense/vars'),
        file.names('layers/none'),
        file.names('none/at/all'),
      ])
      assert.deepEqual(seen, [['layers', 'vars'], ['dense', 'dense_1', 'dense_2', 'dropout'], ['0', '1'], undefined, undefined])
      assert.deepEqual(await ask(mlp, file => file.describe('layers/dense/vars/0')), { shape: [6, 8], dtype: 'float32' })
    })

    describe('in every dtype that has a meaning', () => {
      const found: readonly (readonly [string, readonly number[], DType, Float32Array | Int32Array | Uint8Array])[] = [
        ['float16', [9], 'float32', Float32Array.of(1.5, -2, 65504, 2 ** -24, Infinity, -Infinity, Number.NaN, 0.3330078125, -0)],
        ['bfloat16', [4], 'float32', new Float32Array(Uint32Array.of(0x3fc00000, 0xc0000000, 0x40490000, 0x714a0000).buffer)],
        ['bool', [3], 'bool', Uint8Array.of(1, 0, 1)],
        ['int32', [2], 'int32', Int32Array.of(1, -2)],
        ['scalar', [], 'float32', Float32Array.of(2.5)],
        ['empty', [0, 3], 'float32', new Float32Array(0)],
        ['gzip', [20, 30], 'float32', Float32Array.from({ length: 600 }, (_, k) => k)],
      ]
      for (const [name, shape, dtype, values] of found) {
        it(name, async () => assert.deepEqual(await read(manyDtypes, name, shape, dtype), values))
      }
      for (const name of ['float32be', 'float64be'])
        it(name, async () => assert.deepEqual(await read(bigEndian, name, [3], 'float32'), Float32Array.of(0, 1 / 7, 2 / 7)))
    })

    it('come out of slabs as they went in', async () => {
      const rows = 5
      const values = Float32Array.from({ length: rows * (2 << 20) }, (_, k) => k % 65_537)
      const bytes = await hdf5(file => file.create_dataset({ name: 'd', data: values, shape: [rows, 2 << 20] }))
      assert.deepEqual(await read(bytes, 'd', [rows, 2 << 20]), values)
    })

    const mismatches: readonly (readonly [string, string, readonly number[], DType, string])[] = [
      ['another shape', 'gzip', [30, 20], 'float32', '/gzip has shape [20, 30], but the model needs [30, 20]'],
      ['another rank', 'gzip', [600], 'float32', '/gzip has shape [20, 30]'],
      ['another dtype', 'int32', [2], 'float32', '/int32 holds int32, but the model needs float32'],
      ['64-bit integers', 'int64', [1], 'int32', 'holds int64'],
      ['opaque bytes that no attribute explains', 'opaque', [4], 'float32', 'no array of numbers'],
      ['strings', 'string', [], 'float32', 'no array of numbers'],
      ['compounds', 'compound', [2], 'float32', 'no array of numbers'],
      ['an unknown filter', 'lzf', [4], 'float32', 'through the filter "lzf"'],
      ['checksums as a filter', 'fletcher32', [4], 'float32', 'fletcher32'],
      ['chunks far larger than the data', 'hugeChunk', [1000], 'float32', 'chunks of 400000000 bytes'],
      ['a dataset that is not there', 'nothing', [1], 'float32', '/nothing is missing'],
      ['a path through a dataset', 'gzip/0', [1], 'float32', 'missing'],
      ['a group in its place', '', [1], 'float32', 'no dataset'],
    ]
    for (const [what, path, shape, dtype, part] of mismatches) {
      it(`refuse ${what}`, () => assert.rejects(read(manyDtypes, path, shape, dtype), refusal('FileError', 'x.h5', part)))
    }

    describe('that reach outside', () => {
      it('refuse external storage, naming the file it asks for', () =>
        assert.rejects(
          read(externalStorage, 'layers/dense/vars/0', [3, 4]),
          refusal('FileError', '/layers/dense/vars/0', 'another file', '/dev/urandom'),
        ))

      it('refuse virtual datasets', () =>
        assert.rejects(read(virtualDataset, 'layers/dense/vars/0', [3, 4]), refusal('FileError', '/layers/dense/vars/0', 'virtual')))

      it('refuse soft links, even to data of the same file', async () => {
        const bytes = await changedHdf5(mlp, file => file.create_soft_link('/layers/dense/vars/0', 'soft'))
        await assert.rejects(read(bytes, 'soft', [6, 8]), refusal('FileError', '/soft is a soft link to "/layers/dense/vars/0"'))
      })

      it('refuse soft links on the way', async () => {
        const bytes = await changedHdf5(mlp, file => file.create_soft_link('/layers', 'soft'))
        await assert.rejects(read(bytes, 'soft/dense/vars/0', [6, 8]), refusal('FileError', '/soft is a soft link'))
        await assert.rejects(
          ask(bytes, file => file.names('soft')),
          refusal('FileError', '/soft is a soft link'),
        )
      })

      it('refuse links into other files', async () => {
        const bytes = await changedHdf5(mlp, file => file.create_external_link('/etc/passwd', '/data', 'far'))
        await assert.rejects(read(bytes, 'far', [6, 8]), refusal('FileError', '/far is a link into another file, "/etc/passwd"'))
        await assert.rejects(read(bytes, 'far/0', [6, 8]), refusal('FileError', '/far is a link into another file'))
      })
    })

    it('refuse shapes that no bytes stand behind, without allocating them', async () => {
      await assert.rejects(read(shapeBomb, 'layers/dense/vars/0', [3, 4]), refusal('FileError', 'has shape [1048576, 1048576]'))
      const before = process.memoryUsage().arrayBuffers
      await assert.rejects(read(shapeBomb, 'layers/dense/vars/0', [1 << 20, 1 << 20]), refusal('FileError', 'declares more data'))
      assert.ok(process.memoryUsage().arrayBuffers - before < 64 << 20)
    })

    it('refuse one dataset read over and over through hard links', async () => {
      const values = new Float32Array(50_000)
      const bytes = await hdf5(file => {
        file.create_dataset({ name: 'd', data: values })
        for (let k = 0; k < 20; k++) file.create_hard_link('/d', `again${k}`)
      })
      const all = (file: WeightsFile) => Array.from({ length: 20 }, (_, k) => file.read(`again${k}`, [50_000], 'float32'))
      await assert.rejects(ask(bytes, all), refusal('FileError', 'declares more data'))
    })

    it('walk no cycles', async () => {
      const bytes = await hdf5(file => {
        file.create_hard_link('/', 'self')
      })
      await assert.rejects(
        ask(bytes, file => file.names(Array(1000).fill('self').join('/'))),
        refusal('FileError', 'nested too deeply'),
      )
    })

    it('refuse what is no HDF5 file', async () => {
      for (const bytes of [new Uint8Array(0), new Uint8Array(2000), mlp.subarray(0, 300)]) {
        await assert.rejects(
          ask(bytes, () => 0),
          refusal('FileError', 'x.h5 is no HDF5 file'),
        )
      }
    })

    it('refuse every truncation, and data missing at the end', async () => {
      for (let length = 0; length < mlp.length; length += 197) {
        await assert.rejects(read(mlp.subarray(0, length), 'layers/dense_2/vars/1', [3]), refusal('FileError', 'x.h5'))
      }
    })

    it('print nothing while they are refused', async () => {
      const printed: unknown[] = []
      const { stdout, stderr } = process
      const writes = [stdout, stderr].map(stream => ({ stream, write: stream.write }))
      for (const { stream } of writes) stream.write = text => printed.push(text) > 0
      try {
        await assert.rejects(ask(new Uint8Array(100), () => 0))
      } finally {
        for (const { stream, write } of writes) stream.write = write
      }
      assert.deepEqual(printed, [])
    })
  })

describe('the HDF5 library', () => {
  const ask = <T>(bytes: Uint8Array, use: (file: WeightsFile) => T) => withLibrary(bytes, 'x.h5', use)

  it('is replaced when a file breaks it, and the next file loads', async () => {
    const modules = new Set<object>()
    for (let round = 0; round < 3; round++) {
      await assert.rejects(
        withFile(mlp, 'x.h5', ({ module }) => {
          modules.add(module)
          throw new WebAssembly.RuntimeError('unreachable')
        }),
        refusal('FileError', 'x.h5', 'cannot cope', 'unreachable'),
      )
      assert.deepEqual(await ask(mlp, file => file.names('layers/dense/vars')), ['0', '1'])
    }
    assert.equal(modules.size, 3)
  })

  it('serves those who were waiting for it when it broke', async () => {
    const broken = withFile(mlp, 'x.h5', () => {
      throw new WebAssembly.RuntimeError('unreachable')
    })
    const others = Array.from({ length: 4 }, () => ask(mlp, file => file.names('layers/dense/vars')))
    await assert.rejects(broken, FileError)
    for (const names of await Promise.all(others)) assert.deepEqual(names, ['0', '1'])
  })

  it('is not replaced by a file that was merely refused', async () => {
    const module = () => withFile(mlp, 'x.h5', file => file.module)
    const before = await module()
    await assert.rejects(ask(new Uint8Array(100), () => 0))
    assert.equal(await module(), before)
  })

  it('keeps no file and sees no other', async () => {
    await withFile(mlp, 'x.h5', () => 0)
    const listing = await withFile(mlp, 'x.h5', ({ module }) => module.FS.readdir('/'))
    assert.equal(listing.filter((name: string) => name.endsWith('.h5')).length, 1)
    await withFile(mlp, 'x.h5', ({ module }) => assert.throws(() => module.FS.open('/dev/urandom', 'r')))
  })
})
