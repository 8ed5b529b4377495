// Installs the peers into bench/node_modules on the first run; without a network the rows still run, beside nobody.

import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { firstLine } from './peer.js'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Install scripts are not run: ONNX Runtime's would download GPU libraries, and its CPU library is in the package. */
export function installPeers(): void {
  const [lock, installed] = [`${folder}package-lock.json`, `${folder}node_modules/.package-lock.json`]
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
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
