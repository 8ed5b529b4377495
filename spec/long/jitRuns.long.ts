// A million runs on the jit leave nothing behind.

import assert from 'node:assert/strict'
import { runChild } from '../support/child.js'

describe('the jit in the long run', () => {
  it('after 20,000 runs, 1,000,000 more leave heap and external within 1 MB, and WebAssembly memory as it was', async () => {
    const { managed, wasm, memories, sum } = JSON.parse(await runChild('long/children/jitRuns.ts', ['20000', '1000000']))
    assert.ok(Number.isFinite(sum) && sum > 0, `outputs add up to ${sum}`)
    assert.ok(memories > 0)
    assert.ok(Math.abs(managed) <= 2 ** 20, `${(managed / 2 ** 20).toFixed(2)} MB`)
    assert.equal(wasm, 0)
  })
})
