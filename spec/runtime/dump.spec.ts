// KERAFOLD_DUMP: what passes did to a program that one cannot edit.

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseGraphText } from '../../lib/ir/parser.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { allPasses } from '../../passes/index.js'
import { runChild } from '../support/child.js'

describe('KERAFOLD_DUMP', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dump-'))
  after(() => rmSync(folder, { recursive: true }))

  it('names a folder, made if need be, that gets each graph a pass changed, of every model in turn', async () => {
    const target = join(folder, 'made', 'here')
    await runChild('runtime/children/dump.ts', [], { KERAFOLD_DUMP: target })
    const files = readdirSync(target).sort()
    const texts = files.filter(file => file.endsWith('.txt'))
    assert.ok(texts.length >= 4, files.join(' '))
    const passes = allPasses.map(({ name }) => name).join('|')
    for (const file of files) assert.match(file, new RegExp(`^\\d{3}_(${passes})\\.(txt|patches\\.json)$`))
    assert.deepEqual(
      files.filter(file => file.endsWith('.json')).map(file => file.replace('.patches.json', '.txt')),
      texts,
    )
    const graphs = texts.map(file => readFileSync(join(target, file), 'utf8'))
    for (const text of graphs) verify(parseGraphText(text, opTable))
    assert.ok(
      graphs.some(text => text.includes('first_dense')),
      'the first model is not written over',
    )
    assert.ok(graphs.some(text => text.includes('second_dense')))
    for (const file of files.filter(file => file.endsWith('.json')))
      assert.ok(Array.isArray(JSON.parse(readFileSync(join(target, file), 'utf8'))))
  }).timeout(60_000)

  it('unset or empty writes nothing', async () => {
    const before = readdirSync(folder)
    assert.equal(await runChild('runtime/children/dump.ts', [], { KERAFOLD_DUMP: '' }), '')
    assert.deepEqual(readdirSync(folder), before)
    assert.equal(existsSync(join(folder, 'undefined')), false)
  }).timeout(60_000)
})
