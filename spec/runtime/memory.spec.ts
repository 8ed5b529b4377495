// Predicting leaves nothing behind.

import assert from 'node:assert/strict'
import { backends } from '../../backends/select.js'
import { runChild } from '../support/child.js'

const megabyte = 2 ** 20

describe('memory', () => {
  for (const backend of Object.keys(backends)) {
    it(`after 1,000 predicts on ${backend}, 10,000 more leave heap and external within 1 MB`, async () => {
      const grown: number = JSON.parse(await runChild('runtime/children/memory.ts', [backend, '1000', '10000']))
      assert.ok(Math.abs(grown) <= megabyte, `${(grown / megabyte).toFixed(2)} MB`)
    }).timeout(60_000)
  }

  for (const backend of Object.keys(backends).filter(name => name !== 'reference')) {
    it(`programs evicted on ${backend} leave nothing behind either`, async () => {
      const shapes = Array.from({ length: 20 }, (_, k) => String(k + 1)) // more than the cache holds: each predict compiles
      const grown: number = JSON.parse(await runChild('runtime/children/memory.ts', [backend, '100', '200', ...shapes]))
      assert.ok(Math.abs(grown) <= megabyte, `${(grown / megabyte).toFixed(2)} MB`)
    }).timeout(60_000)
  }
})
