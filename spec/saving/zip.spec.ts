import assert from 'node:assert/strict'
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { KerafoldError } from '../../lib/ir/errors.js'
import { crc32 } from '../../lib/saving/crc32.js'
import { openZip } from '../../lib/saving/zip.js'
import { altered, archive, goldenBytes, refusal } from './support/archives.js'

const text = (content: string) => new TextEncoder().encode(content)
const three = { 'metadata.json': 'one', 'config.json': 'two', 'model.weights.h5': 'three' }

/** The offset of the directory entry of the k-th member. */
function entryOf(bytes: Uint8Array, k: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  let at = view.getUint32(bytes.length - 22 + 16, true)
  for (let n = 0; n < k; n++) at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  return at
}

/** A copy with fields of the directory entry of the k-th member changed: [offset, bytes, value]. */
function patched(bytes: Uint8Array, k: number, ...fields: readonly (readonly [number, 2 | 4, number])[]): Uint8Array {
  const copy = bytes.slice()
  const view = new DataView(copy.buffer)
  const at = entryOf(copy, k)
  for (const [offset, size, value] of fields) {
    if (size === 2) view.setUint16(at + offset, value, true)
    else view.setUint32(at + offset, value, true)
  }
  return copy
}

async function readAll(bytes: Uint8Array): Promise<void> {
  const zip = openZip(bytes, 'x.keras')
  for (const member of zip.members) await zip.read(member)
}

describe('zip archives', () => {
  it('have CRC-32 sums as zlib computes them', () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), bytes => assert.equal(crc32(bytes), zlibCrc32(bytes)))))

  it('give back stored and deflated members as they were', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.constantFrom<0 | 6>(0, 6), async (bytes, level) => {
        const zip = openZip(archive({ 'config.json': bytes, 'assets/a/b.txt': 'x' }, level), 'x.keras')
        assert.deepEqual(zip.members, ['config.json', 'assets/a/b.txt'])
        assert.deepEqual(await zip.read('config.json'), bytes)
        assert.deepEqual(await zip.read('assets/a/b.txt'), text('x'))
      }),
      { numRuns: 100 },
    ))

  it('give back a large deflated member across many steps of inflation', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, k) => (k * k) >> 7)
    assert.deepEqual(await openZip(archive({ 'model.weights.h5': bytes }, 6), 'x').read('model.weights.h5'), bytes)
  })

  it('are read by what Keras writes', () => {
    assert.deepEqual(openZip(goldenBytes('mlp'), 'mlp.keras').members, ['metadata.json', 'config.json', 'model.weights.h5'])
  })

  const good = archive(three)
  const deflated = archive({ 'config.json': text('a'.repeat(5000)) }, 6)
  const bomb = zipSync({ 'model.weights.h5': [new Uint8Array(40 << 20), { level: 9 }] })
  const refused: readonly (readonly [string, Uint8Array, ...(string | RegExp)[]])[] = [
    ['no archive at all', text('hello'), 'no .keras file'],
    ['an empty file', new Uint8Array(0), 'no .keras file'],
    ['a path that climbs out', archive({ '../config.json': 'x' }), 'outside', '../config.json'],
    ['a path that climbs out in the middle', archive({ 'assets/../../x': 'x' }), 'outside'],
    ['an absolute path', archive({ '/etc/passwd': 'x' }), 'outside'],
    ['a path with backslashes', archive({ 'assets\\..\\x': 'x' }), 'outside'],
    ['a path with a drive', archive({ 'c:x': 'x' }), 'outside'],
    ['an unexpected member', archive({ 'run.py': 'x' }), 'unexpected', 'run.py'],
    ['a ratio above 100', bomb, 'inflate', 'model.weights.h5'],
    ['an encrypted member', patched(good, 1, [8, 2, 1]), 'config.json', 'encrypted'],
    ['an unknown method', patched(good, 1, [10, 2, 14]), 'config.json', 'method 14'],
    ['a stored member of two sizes', patched(good, 1, [24, 4, 4]), 'config.json', 'two sizes'],
    ['a member beyond the archive', patched(good, 1, [20, 4, 900], [24, 4, 900]), 'config.json', 'beyond'],
    ['a header elsewhere', patched(good, 1, [42, 4, 7]), 'config.json', 'local header'],
    ['two members on the same bytes', patched(good, 1, [42, 4, 0]), 'config.json', 'differs'],
    ['a zip64 member', patched(good, 1, [20, 4, 0xffffffff]), 'config.json', 'zip64'],
    ['a wrong checksum', patched(good, 1, [16, 4, 1]), 'config.json', 'checksum'],
    ['a deflated member that is larger than it says', patched(deflated, 0, [24, 4, 4000]), 'config.json', 'more than the 4000'],
    ['a deflated member that is smaller than it says', patched(deflated, 0, [24, 4, 6000]), 'config.json', '5000'],
  ]
  for (const [what, bytes, ...parts] of refused) {
    it(`refuses ${what}`, () => assert.rejects(readAll(bytes), refusal('FileError', ...parts)))
  }

  it('refuses two members of one name', async () => {
    const bytes = archive({ 'assets/a': 'x', 'assets/b': 'y' })
    for (let at = 0; at < bytes.length - 8; at++)
      if (new TextDecoder().decode(bytes.subarray(at, at + 8)) === 'assets/b') bytes[at + 7] = 97
    await assert.rejects(readAll(bytes), refusal('FileError', 'two members', 'assets/a'))
  })

  it('refuses members that overlap', async () => {
    const inner = archive({ 'config.json': 'x'.repeat(300) })
    const bytes = archive({ 'model.weights.h5': inner, 'config.json': 'y' })
    const view = new DataView(bytes.buffer)
    // the entry of config.json now points at the archive inside the weights
    const first = view.getUint32(entryOf(bytes, 0) + 42, true) + 30 + 'model.weights.h5'.length
    const patchedBytes = patched(bytes, 1, [42, 4, first], [20, 4, 300], [24, 4, 300], [16, 4, crc32(text('x'.repeat(300)))])
    await assert.rejects(readAll(patchedBytes), refusal('FileError', 'overlap'))
  })

  it('refuses zip64 end records and archives in parts', async () => {
    for (const [offset, value] of [
      [8, 2],
      [4, 1],
    ] as const) {
      const bytes = good.slice()
      new DataView(bytes.buffer).setUint16(bytes.length - 22 + offset, value, true)
      await assert.rejects(readAll(bytes), refusal('FileError', 'several parts'))
    }
    const bytes = good.slice()
    new DataView(bytes.buffer).setUint32(bytes.length - 22 + 16, 0xffffffff, true)
    await assert.rejects(readAll(bytes), refusal('FileError', 'zip64'))
  })

  it('refuses every truncation with a typed error', async () => {
    const bytes = altered('mlp', {})
    for (let length = 0; length < bytes.length; length += 97)
      await assert.rejects(readAll(bytes.subarray(0, length)), refusal('FileError', 'x.keras'))
  })

  it('ends in bytes or a typed error, whatever is changed in it', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(good, deflated),
        async (changes, base) => {
          const bytes = base.slice()
          for (const [at, value] of changes) bytes[at % bytes.length] = value
          try {
            await readAll(bytes)
          } catch (error) {
            assert.ok(error instanceof KerafoldError, String(error))
          }
        },
      ),
      { numRuns: 1000 },
    ))
})
