// A hundred thousand predicts leave nothing behind.

import assert from 'node:assert/strict'
import { backends } from '../../backends/select.js'
import { runChild } from '../support/child.js'

describe('memory in the long run', () => {
  for (const backend of Object.keys(backends)) {
    it(`after 2,000 predicts on ${backend}, 100,000 more leave heap and external within 1 MB`, async () => {
      const grown: number = JSON.parse(await runChild('runtime/children/memory.ts', [backend, '2000', '100000']))
      assert.ok(Math.abs(grown) <= 2 ** 20, `${(grown / 2 ** 20).toFixed(2)} MB`)
    })
  }
})
