// The overhead of one run: a small network takes microseconds.

import assert from 'node:assert/strict'
import { runChild } from '../support/child.js'

describe('one row through a 16-32-4 MLP on wasm', () => {
  it('takes at most 12 µs, or a sixth of what tfjs-layers takes in the same run', async () => {
    // on a busy machine both are slower, so that the ratio decides: 77 µs against 12 is more than 6
    const { ours, theirs }: { ours: number; theirs: number } = JSON.parse(await runChild('runtime/children/speed.ts'))
    assert.ok(ours <= 12 || theirs >= 6 * ours, `ours ${ours.toFixed(1)} µs, tfjs-layers ${theirs.toFixed(1)} µs`)
  }).timeout(60_000)
})
