// docs/passes.md says what the rules say.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { page, passesPage } from '../../scripts/passesDoc.js'

describe('docs/passes.md', () => {
  it('is up to date with the rules', () => {
    assert.equal(readFileSync(page, 'utf8'), passesPage(), 'run npm run docs')
  })
})
