// The code blocks of the README and the docs run as they stand, each on its own.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = new URL('../../', import.meta.url)
/** What the package's names are in the sources. */
const entries = { kerafold: 'lib/index.ts', 'kerafold/passes': 'passes/index.ts' } as const
const run = promisify(execFile)

async function documents(): Promise<string[]> {
  const docs = (await readdir(new URL('docs/', root))).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)
  return ['README.md', ...docs]
}

/** What a block's comments say is printed: `console.log(x) // [1, 2]`. */
function expectedOutput(code: string): string[] {
  return [...code.matchAll(/^console\.log\(.*\) \/\/ (\[[^\]]*\])/gm)].map(match => (match[1] as string).replaceAll(' ', ''))
}

describe('code blocks of the documentation', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kerafold-docs-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('run and print what their comments say', async function () {
    this.timeout(120_000)
    let blocks = 0
    for (const document of await documents()) {
      const text = await readFile(new URL(document, root), 'utf8')
      for (const [, code = ''] of text.matchAll(/^```ts\n([\s\S]*?)^```/gm)) {
        const file = join(folder, `block${blocks++}.mts`)
        const linked = Object.entries(entries).reduce(
          (text, [name, path]) => text.replaceAll(`'${name}'`, JSON.stringify(new URL(path, root).href)),
          code,
        )
        await writeFile(file, linked)
        const { stdout } = await run(process.execPath, ['--import', 'tsx', '--conditions=kerafold-source', file], { cwd: root }).catch(
          error => {
            throw new Error(`${document}, block ${blocks}: ${error.stderr}`)
          },
        )
        const printed = stdout.replaceAll(' ', '')
        for (const expected of expectedOutput(code)) assert.ok(printed.includes(expected), `${document}: ${expected} is not in\n${stdout}`)
      }
    }
    assert.ok(blocks >= 5, `only ${blocks} code blocks were found`)
  })

  it('names only files that exist', async () => {
    for (const document of await documents()) {
      const text = await readFile(new URL(document, root), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) await readFile(new URL(target, new URL(document, root)))
    }
  })
})
