// The checksum of exported modules: no change of one entry passes it, and whole numbers as floats fill all of its bits.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checksum } from '../../lib/export/checksum.js'

describe('checksum', () => {
  it('changes with any entry, of bytes and of words', () => {
    const arrays = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.int32Array({ minLength: 1, maxLength: 40 }))
    fc.assert(
      fc.property(arrays, fc.nat(), fc.integer({ min: 1, max: 255 }), (entries, where, change) => {
        const changed = entries.slice()
        const at = where % entries.length
        changed[at] = (changed[at] as number) ^ change
        assert.notEqual(checksum(changed), checksum(entries))
      }),
    )
  })

  it('tells weights that are small whole numbers from zeros, and from their negatives', () => {
    const wholes = fc.array(fc.constantFrom(-2, -1, 1, 2), { minLength: 2, maxLength: 32 })
    const sum = (values: readonly number[]): number => checksum(new Int32Array(Float32Array.from(values).buffer))
    fc.assert(
      fc.property(wholes, values => {
        assert.notEqual(sum(values), sum(values.map(() => 0)))
        assert.notEqual(sum(values), sum(values.map(value => -value)))
      }),
      { numRuns: 10_000 },
    )
  })
})
