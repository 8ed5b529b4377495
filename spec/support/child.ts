// Runs a script of the tests in a Node process of its own: clean memory, clean engines, an environment of its own.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What the script, named relative to `spec/`, prints to its standard output. */
export async function runChild(script: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url))
  const options = ['--import=tsx', '--conditions=kerafold-source', '--expose-gc']
  const { stdout } = await run(process.execPath, [...options, path, ...args], { env: { ...process.env, NODE_OPTIONS: '', ...env } })
  return stdout
}
