// Installs the peers into bench/node_modules on the first run; without a network the rows still run, beside nobody.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { firstLine } from './peer.js'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Install scripts are not run: ONNX Runtime's would download GPU libraries, and its CPU library is in the package. */
export function installPeers(): void {
  if (areInstalled()) return
  console.error('installing the peers into bench/node_modules (once, about 500 MB)')
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    })
  } catch (error) {
    console.error(`the peers could not be installed: ${firstLine(error)}`)
  }
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>
}

/** Whether npm's own list of what it installed names every package of the lock file, in its version; optional ones may be for other machines. */
function areInstalled(): boolean {
  const [wanted, found] = ['package-lock.json', 'node_modules/.package-lock.json'].map(readLock)
  if (!wanted || !found) return false
  return Object.entries(wanted.packages).every(
    ([path, { version, optional }]) => path === '' || optional || found.packages[path]?.version === version,
  )
}

function readLock(name: string): Lock | undefined {
  try {
    return JSON.parse(readFileSync(`${folder}${name}`, 'utf8')) as Lock
  } catch {
    return undefined
  }
}
