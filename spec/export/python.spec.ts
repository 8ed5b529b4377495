// Exported modules in wasmtime, from Python.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { exportModel, loadModel } from '../../lib/index.js'
import { skipBecause } from '../support/skip.js'
import { assertSameBits, sampleCases } from './cases.js'

const run = promisify(execFile)
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

describe('exported modules in wasmtime', function () {
  this.timeout(300_000)
  let folder = ''
  let python = ''

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'kerafold-python-'))
    python = join(folder, 'venv', 'bin', 'python')
    try {
      await run('python3', ['-m', 'venv', join(folder, 'venv')])
      await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', at('examples/python/requirements.txt')])
    } catch (error) {
      skipBecause(this, `wasmtime cannot be installed: ${String(error).split('\n')[0]}`)
    }
  })
  after(() => rm(folder, { recursive: true }))

  it("give the jit's bits", async () => {
    const cases = await sampleCases(15)
    const home = join(folder, 'cases')
    for (const [k, { wasm, description, inputs }] of cases.entries()) {
      await mkdir(join(home, String(k)), { recursive: true })
      await writeFile(join(home, String(k), 'model.wasm'), wasm)
      for (const [i, { name }] of description.inputs.entries()) await writeFile(join(home, String(k), `in.${i}`), inputs[name] ?? [])
    }
    await run(python, [at('spec/export/children/run_modules.py'), home])
    for (const [k, made] of cases.entries()) {
      const results: Record<string, ArrayLike<number>> = {}
      for (const [i, { name, dtype }] of made.description.outputs.entries()) {
        const { buffer, byteOffset, byteLength } = await readFile(join(home, String(k), `out.${i}`))
        const bytes = buffer.slice(byteOffset, byteOffset + byteLength)
        results[name] = dtype === 'float32' ? new Float32Array(bytes) : new Int32Array(bytes)
      }
      assertSameBits(results, made)
    }
  })

  for (const weights of ['inside', 'beside'] as const) {
    it(`recognise digits as Keras does, weights ${weights} the module`, async () => {
      const { files } = await exportModel(await loadModel(at('examples/digits/digits.keras')), { weights })
      const home = await mkdtemp(join(folder, 'digits-'))
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(home, name), bytes)
      const { stdout } = await run(python, [at('examples/python/digits.py'), home])
      const [, accuracy, difference] = /accuracy ([\d.]+), largest difference from Keras (\S+)/.exec(stdout) ?? []
      assert.ok(Number(accuracy) >= 0.965 && Number(difference) <= 1e-5, stdout)
    })
  }
})
