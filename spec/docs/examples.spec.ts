// The code blocks of the README and the docs run as they stand, each on its own.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'

const root = new URL('../../', import.meta.url)
/** What the package's names are in the sources. */
const entries = { kerafold: 'lib/index.ts', 'kerafold/passes': 'passes/index.ts' } as const
const run = promisify(execFile)

async function documents(): Promise<string[]> {
  const docs = (await readdir(new URL('docs/', root))).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)
  return ['README.md', ...docs]
}

interface Block {
  readonly document: string
  readonly code: string
  /** Where it stands, reading the sources as the package. */
  readonly file: string
}

async function writeBlocks(folder: string): Promise<Block[]> {
  const blocks: Block[] = []
  for (const document of await documents()) {
    const text = await readFile(new URL(document, root), 'utf8')
    for (const [, code = ''] of text.matchAll(/^```ts\n([\s\S]*?)^```/gm)) {
      const file = join(folder, `block${blocks.length}.mts`)
      const linked = Object.entries(entries).reduce(
        (text, [name, path]) => text.replaceAll(`'${name}'`, JSON.stringify(fileURLToPath(new URL(path, root)))),
        code,
      )
      await writeFile(file, linked)
      blocks.push({ document, code, file })
    }
  }
  return blocks
}

/** What a block's comments say is printed: `console.log(x) // [1, 2]`. */
function expectedOutput(code: string): string[] {
  return [...code.matchAll(/^console\.log\(.*\) \/\/ (\[[^\]]*\])/gm)].map(match => (match[1] as string).replaceAll(' ', ''))
}

/** The mistakes that TypeScript finds in the files themselves, as strict as it is with the library. */
function typeErrorsOf(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(fileURLToPath(new URL('tsconfig.json', root)), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, fileURLToPath(root))
  const program = ts.createProgram([...files], {
    ...options,
    noEmit: true,
    allowImportingTsExtensions: true,
    typeRoots: [fileURLToPath(new URL('node_modules/@types', root))],
  })
  return files.flatMap(file =>
    program
      .getSemanticDiagnostics(program.getSourceFile(file))
      .map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`),
  )
}

describe('code blocks of the documentation', () => {
  let folder = ''
  let blocks: Block[] = []
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kerafold-docs-'))
    blocks = await writeBlocks(folder)
    assert.ok(blocks.length >= 5, `only ${blocks.length} code blocks were found`)
  })
  after(() => rm(folder, { recursive: true }))

  it('run and print what their comments say', async function () {
    this.timeout(120_000)
    for (const { document, code, file } of blocks) {
      const { stdout } = await run(process.execPath, ['--import', 'tsx', '--conditions=kerafold-source', file], { cwd: root }).catch(
        error => {
          throw new Error(`${document}, ${file}: ${error.stderr}`)
        },
      )
      const printed = stdout.replaceAll(' ', '')
      for (const expected of expectedOutput(code)) assert.ok(printed.includes(expected), `${document}: ${expected} is not in\n${stdout}`)
    }
  })

  it('are typed as strictly as the library', () => {
    assert.deepEqual(typeErrorsOf(blocks.map(({ file }) => file)), [])
  }).timeout(120_000)

  it('names only files that exist', async () => {
    for (const document of await documents()) {
      const text = await readFile(new URL(document, root), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) await readFile(new URL(target, new URL(document, root)))
    }
  })
})
