// The main job, as `npm start` runs it: every check that it prints holds, those of time apart.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

const root = new URL('../../', import.meta.url)

/** What a program prints, whatever its exit code: a machine under load may fail a check of time. */
function printed(file: string): Promise<string> {
  const argv = ['--import', 'tsx', '--conditions=kerafold-source', fileURLToPath(new URL(file, root))]
  return new Promise(resolve => execFile(process.execPath, argv, { cwd: root }, (_error, stdout) => resolve(stdout)))
}

describe('the main job', () => {
  it('passes its checks', async () => {
    const lines = stripVTControlCharacters(await printed('examples/digits/main.ts')).split('\n')
    const checks = lines.filter(line => /^[✓✗] /.test(line))
    assert.equal(checks.length, 16, lines.join('\n'))
    assert.deepEqual(
      checks.filter(line => line.startsWith('✗') && !/slower|faster/.test(line)),
      [],
    )
  })
})
