// .npy files: what real NumPy wrote is read, what is written reads back, and nothing hostile gets further than a typed error.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FileError } from '../../lib/ir/errors.js'
import { allocate, NDArray } from '../../lib/ir/ndarray.js'
import { sizeOf } from '../../lib/ir/types.js'
import { readNpy, writeNpy } from '../../lib/saving/npy.js'
import { goldenNumber, readGolden } from '../support/golden.js'

interface Case {
  readonly name: string
  readonly bytes: string
  readonly shape: readonly number[]
  readonly values: readonly (number | string)[] | null
}

const golden = readGolden<{ readonly cases: readonly Case[]; readonly refused: readonly Case[] }>('npy')

const bytesOf = ({ bytes }: Case) => new Uint8Array(Buffer.from(bytes, 'base64'))

/** A version 1 file with this header, padded as NumPy pads it. */
function fileOf(header: string, data: Uint8Array): Uint8Array {
  const text = `${header.padEnd(117)}\n`
  const head = [0x93, ...Buffer.from('NUMPY'), 1, 0, text.length & 255, text.length >> 8, ...Buffer.from(text, 'latin1')]
  return Uint8Array.from([...head, ...data])
}

const dict = (descr: string, order: string, shape: string) => `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`

describe('npy', () => {
  it('reads what NumPy wrote', () => {
    for (const item of golden.cases) {
      const { shape, data } = readNpy(bytesOf(item), item.name)
      assert.deepEqual(shape, item.shape, item.name)
      const round = data instanceof Float32Array ? Math.fround : (x: number) => x // files hold the shortest digits that round-trip
      assert.deepEqual(
        Array.from(data),
        item.values?.map(value => round(goldenNumber(value))),
        item.name,
      )
    }
  })

  it('reads the same from a view that begins anywhere', () => {
    const [item] = golden.cases as readonly [Case]
    const bytes = bytesOf(item)
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    assert.deepEqual(readNpy(shifted.subarray(3), 'x'), readNpy(bytes, 'x'))
  })

  it('refuses what holds no numbers that a model takes, with the reason', () => {
    const reasons: Readonly<Record<string, RegExp>> = {
      'beyond int32': /2147483648, which int32 cannot hold/,
      objects: /pickled Python objects, which are never read/,
      records: /holds records/,
      halves: /dtype <f2 is not read/,
      complex: /dtype <c8 is not read/,
      text: /dtype <U1 is not read/,
    }
    for (const item of golden.refused) {
      assert.throws(
        () => readNpy(bytesOf(item), 'file.npy'),
        (error: unknown) =>
          error instanceof FileError && /^file\.npy/.test(error.message) && (reasons[item.name]?.test(error.message) ?? false),
        item.name,
      )
    }
  })

  it('reads back what it writes, to the bit', () => {
    const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 4 })
    const arrays = fc.tuple(shapes, fc.constantFrom('float32', 'int32', 'bool')).chain(([shape, dtype]) => {
      const values = dtype === 'float32' ? fc.float() : dtype === 'int32' ? fc.integer() : fc.nat({ max: 1 })
      return fc.array(values, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map(list => {
        const data = allocate(dtype, list.length)
        data.set(list)
        return new NDArray(data, shape)
      })
    })
    fc.assert(
      fc.property(arrays, array => {
        const bytes = writeNpy(array)
        const { shape, data } = readNpy(bytes, 'x')
        assert.deepEqual([shape, data], [array.shape, array.data])
        assert.equal((bytes.length - data.byteLength) % 64, 0)
      }),
    )
  })

  it('writes the bytes that NumPy writes', () => {
    const plain = golden.cases.filter(({ name }) => /^(<f4|<i4|\|b1) \(/.test(name))
    assert.ok(plain.length >= 15)
    for (const item of plain) {
      const { data, shape } = readNpy(bytesOf(item), item.name)
      assert.ok(!(data instanceof Float64Array))
      assert.deepEqual(Buffer.from(writeNpy(new NDArray(data, shape))).toString('base64'), item.bytes, item.name)
    }
  })

  it('never does more with a hostile header than refuse it', () => {
    const data = new Uint8Array(24)
    const good = fileOf(dict("'<f4'", 'False', '(2, 3)'), data)
    assert.deepEqual(readNpy(good, 'x').shape, [2, 3])
    const bad: [string, string][] = [
      ['code', `__import__('os').system('true')`],
      ['a call in the shape', dict("'<f4'", 'False', '(int(2), 3)')],
      ['arithmetic', dict("'<f4'", 'False', '(2*3,)')],
      ['a negative size', dict("'<f4'", 'False', '(-2, 3)')],
      ['a bomb', dict("'<f4'", 'False', '(99999999999, 99999999999)')],
      ['a bomb behind 0', dict("'<f4'", 'False', '(0, 99999999999999999999)')],
      ['too many axes', dict("'<f4'", 'False', `(${'1,'.repeat(65)})`)],
      ['a key too few', `{'descr': '<f4', 'shape': (2, 3), }`],
      ['a key too many', `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 'y', }`],
      ['a key twice', `{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`],
      ['no dict', `'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)`],
      ['something behind', `${dict("'<f4'", 'False', '(2, 3)')} + {}`],
      ['a shape that is a string', dict("'<f4'", 'False', "'(2, 3)'")],
      ['an order that is a number', dict("'<f4'", '0', '(2, 3)')],
      ['an escape', dict("'<f\\x34'", 'False', '(2, 3)')],
      ['too much data', dict("'<f4'", 'False', '(2, 2)')],
      ['too little data', dict("'<f4'", 'False', '(2, 4)')],
      ['a prototype', dict("'constructor'", 'False', '(2, 3)')],
    ]
    for (const [what, header] of bad) assert.throws(() => readNpy(fileOf(header, data), 'x'), FileError, what)
    const long = good.slice()
    long.set([2, 0, 0xff, 0xff, 0xff, 0x7f], 6)
    assert.throws(() => readNpy(long, 'x'), /more than any array needs/)
    for (const version of [0, 4, 255]) {
      const other = good.slice()
      other[6] = version
      assert.throws(() => readNpy(other, 'x'), FileError)
    }
  })

  it('gives an array or a typed error for any damage', () => {
    const files = golden.cases.map(bytesOf)
    const damage = fc.record({
      file: fc.constantFrom(...files),
      at: fc.nat({ max: 200 }),
      byte: fc.nat({ max: 255 }),
      cut: fc.nat({ max: 300 }),
    })
    fc.assert(
      fc.property(damage, ({ file, at, byte, cut }) => {
        const bytes = file.slice(0, cut > 250 ? file.length : cut)
        if (at < bytes.length) bytes[at] = byte
        try {
          const { shape, data } = readNpy(bytes, 'x')
          assert.equal(data.length, sizeOf(shape))
        } catch (error) {
          if (!(error instanceof FileError)) throw error
        }
      }),
    )
  })
})
