// The real terminal and files: what Node gives the command line.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { FileError } from '../ir/errors.js'
import type { Io } from './io.js'

/** The process' own streams; a reader that has gone ends the output quietly, as `| head` expects. */
export function nodeIo(): Io {
  const { stdout, stderr, env } = process
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit()
    })
  }
  return {
    out: text => stdout.write(text),
    err: text => stderr.write(text),
    columns: stdout.isTTY ? stdout.columns : undefined,
    // https://no-color.org: any value that is not empty
    color: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    live: stderr.isTTY === true && env.TERM !== 'dumb',
    readFile: path =>
      attempt(path, 'read', async () => {
        const { buffer, byteOffset, byteLength } = await readFile(path)
        return new Uint8Array(buffer, byteOffset, byteLength)
      }),
    writeFile: (path, content) =>
      attempt(path, 'written', async () => {
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, content)
      }),
    version,
  }
}

/** Names the file in whatever goes wrong with it. */
async function attempt<T>(path: string, what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new FileError(`${path}: there is no such file`)
    throw new FileError(`${path} cannot be ${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** From package.json, which stands above lib/ in the sources and above dist/ in the package. */
async function version(): Promise<string> {
  for (const above of ['../../package.json', '../../../package.json']) {
    const text = await readFile(new URL(above, import.meta.url), 'utf8').catch(() => undefined)
    if (text !== undefined) return (JSON.parse(text) as { readonly version: string }).version
  }
  throw new Error('internal: the package has no package.json')
}
