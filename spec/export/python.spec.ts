// Exported modules in wasmtime, from Python.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { exportModel, input, layers, loadModel, model } from '../../lib/index.js'
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

  it('refuse damage and wrong values with an error of their own, before anything is written', async () => {
    const x = input({ shape: [2], name: 'real' })
    const count = input({ shape: [2], dtype: 'int32', name: 'count' })
    const flag = input({ shape: [2], dtype: 'bool', name: 'flag' })
    const kept = [layers.identity({ name: 'same_count' }).apply(count), layers.identity({ name: 'same_flag' }).apply(flag)]
    const net = model({ inputs: [count, flag, x], outputs: [layers.dense({ units: 3, name: 'out' }).apply(x), ...kept] })
    const { files } = await exportModel(net, { weights: 'beside' })
    const [wasm, weights] = [files['model.wasm'] as Uint8Array, files['model.weights.bin'] as Uint8Array]
    const grown = (by: number): Uint8Array => Buffer.concat([weights, new Uint8Array(by)])
    const flipped = weights.slice()
    flipped[5] = (flipped[5] as number) ^ 1
    const wrongSize = (by: number) =>
      new RegExp(`the weights of this model are ${weights.length} bytes, but .* has ${weights.length + by}$`)
    const foreign = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    const ends = (length: number) => [wasm.subarray(0, length), weights, /is no WebAssembly module that runs by itself/] as const
    const damage: Readonly<Record<string, readonly [wasm: Uint8Array, weights: Uint8Array | undefined, told: RegExp]>> = {
      ...{ 'one byte short': ends(wasm.length - 1), half: ends(wasm.length >> 1) },
      text: [Buffer.from('hello'), weights, /is no WebAssembly module that runs by itself/],
      empty: [new Uint8Array(), weights, /is no WebAssembly module that runs by itself/],
      foreign: [foreign, weights, /is no module that Kerafold exported/],
      'weights missing': [wasm, undefined, /the weights cannot be read/],
      'weights 4 bytes short': [wasm, weights.subarray(4), wrongSize(-4)],
      'weights 4 bytes long': [wasm, grown(4), wrongSize(4)],
      'weights 10 MB long': [wasm, grown(10_000_000), wrongSize(10_000_000)],
      'weights changed': [wasm, flipped, /the weights are not those of this model/],
    }
    const home = join(folder, 'damaged')
    const write = async (at: string, module: Uint8Array, beside: Uint8Array | undefined): Promise<void> => {
      await mkdir(at, { recursive: true })
      await writeFile(join(at, 'model.wasm'), module)
      if (beside) await writeFile(join(at, 'model.weights.bin'), beside)
    }
    for (const [name, [module, beside]] of Object.entries(damage)) await write(join(home, name), module, beside)
    await write(join(folder, 'sound'), wasm, weights)
    const { stdout } = await run(python, [at('spec/export/children/run_damaged.py'), home, join(folder, 'sound')])
    const lines = new Map(stdout.split('\n').map(line => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]))
    for (const [name, [, , told]] of Object.entries(damage))
      assert.match(lines.get(name) ?? '', new RegExp(`^ModelError: .*${told.source}`), `${name} in ${stdout}`)
    for (const what of ['nothing', 'too few', 'strings', 'no list', 'a fraction', 'a large number', 'raw bytes']) {
      assert.match(lines.get(what) ?? '', /^ModelError: input '(real|count)' takes 2 values/, `${what} in ${stdout}`)
      assert.equal(lines.get(`${what}, memory`), 'accepted', `${what} in ${stdout}`)
    }
    assert.equal(lines.get('right'), 'accepted')
  })
})
