// The shell transcripts of the README and the docs: each command is run, and prints what stands below it.

import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import type { Io } from '../../lib/cli/io.js'
import { main } from '../../lib/cli/main.js'
import { nodeIo } from '../../lib/cli/nodeIo.js'
import { NDArray } from '../../lib/index.js'
import { writeNpy } from '../../lib/saving/npy.js'

const root = new URL('../../', import.meta.url)

interface Transcript {
  readonly command: string
  /** What it prints; a line of … stands for any lines, … in a line for any part of it. */
  readonly output: string
}

/** The commands of the `console` blocks, which begin with `$ kerafold`. */
function transcriptsOf(text: string): Transcript[] {
  return [...text.matchAll(/^```console\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map(part => {
        const end = part.indexOf('\n')
        return { command: part.slice(0, end), output: part.slice(end + 1).trimEnd() }
      }),
  )
}

function matches(actual: string, expected: string): boolean {
  const lines = expected.split('\n').map(line => {
    if (line === '…') return '[\\s\\S]*?'
    return line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '[^\\n]*')
  })
  return new RegExp(`^${lines.join('\\n')}$`).test(actual.trimEnd())
}

/** Files that are made on the way; the digits for the network, and the same gone wrong. */
function files(): Map<string, Uint8Array> {
  const images = (value: number) => writeNpy(new NDArray(new Float32Array(64).fill(value), [1, 64]))
  return new Map([
    ['pixels.npy', images(0.5)],
    ['nan.npy', images(Number.NaN)],
  ])
}

describe('shell transcripts of the documentation', () => {
  it('are what the commands print', async () => {
    const docs = (await readdir(new URL('docs/', root))).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)
    let count = 0
    for (const document of ['README.md', ...docs]) {
      const made = files()
      for (const { command, output } of transcriptsOf(await readFile(new URL(document, root), 'utf8'))) {
        count++
        const [program, ...argv] = command.replace(/ \|\| .*$/, '').split(/\s+/)
        assert.equal(program, 'kerafold', `${document}: ${command}`)
        const printed = await run(argv, made)
        assert.ok(matches(printed, output), `${document}: ${command}\n${printed}`)
      }
    }
    assert.ok(count >= 8, `only ${count} transcripts were found`)
  }).timeout(120_000)

  it('would be seen to differ', () => {
    assert.ok(matches('a\nb\nc 1.5\n', 'a\n…\nc …'))
    assert.ok(!matches('a\nb\n', 'a'))
    assert.ok(!matches('a.b', 'a+b'))
  })
})

const real = nodeIo()

/** Runs from the root of the repository, with files in memory; gives both streams as a terminal shows them. */
async function run(argv: readonly string[], made: Map<string, Uint8Array>): Promise<string> {
  let text = ''
  const write = (part: string): void => {
    text += part
  }
  const io: Io = {
    ...{ columns: 80, color: false, live: false, version: real.version, out: write, err: write },
    readFile: async path => made.get(path) ?? real.readFile(new URL(path, root).pathname),
    writeFile: async (path, content) => {
      made.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content)
    },
  }
  await main(
    argv.map(word => (word.startsWith('examples/') ? new URL(word, root).pathname : word)),
    io,
  )
  return text.replaceAll(root.pathname, '')
}
