// What loading costs in memory beyond the file's own buffer, measured in a process that does nothing else.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from '../support/child.js'

/** Peak bytes beyond the file buffer, over the bytes of the weights. */
const limit = 2.5

describe('loading a model of 38 MB', function () {
  this.timeout(120_000)
  let folder: string
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kerafold-'))
    await runChild('saving/support/memoryChild.ts', ['make', folder])
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const format of ['.keras', '.h5', '.weights.h5', 'model.json']) {
    it(`as ${format} takes at most ${limit} times its weights beyond the file`, async () => {
      const printed = await runChild('saving/support/memoryChild.ts', ['load', folder, format])
      const { peak, weights } = JSON.parse(printed) as { peak: number; weights: number }
      assert.ok(weights > 30e6, `only ${weights} bytes of weights`)
      assert.ok(peak <= limit * weights, `${(peak / weights).toFixed(2)} times`)
      assert.ok(peak >= 0.5 * weights, `${(peak / weights).toFixed(2)} times: the measure is broken`)
    })
  }
})
