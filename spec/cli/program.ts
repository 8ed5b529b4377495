// The command line run in this process, on a terminal made of strings.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Io } from '../../lib/cli/io.js'
import { main } from '../../lib/cli/main.js'
import { nodeIo } from '../../lib/cli/nodeIo.js'

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

export type Terminal = Partial<Pick<Io, 'columns' | 'color' | 'live'>>

/** Runs `kerafold` with these words. */
export async function kerafold(argv: readonly string[], terminal: Terminal = {}): Promise<Outcome> {
  let [out, err] = ['', '']
  const { readFile, writeFile, version } = files
  const io: Io = {
    ...{ columns: undefined, color: false, live: false, ...terminal },
    ...{ readFile, writeFile, version },
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
  }
  return { code: await main(argv, io), out, err }
}

const files = nodeIo()

/** The path of a golden model. */
export const golden = (name: string): string => new URL(`../golden/models/${name}.keras`, import.meta.url).pathname

export const digits = new URL('../../examples/digits/digits.keras', import.meta.url).pathname

/** A folder for files that is gone after the suite. */
export function scratch(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'kerafold-cli-'))
  after(() => rmSync(folder, { recursive: true }))
  return name => join(folder, name)
}
