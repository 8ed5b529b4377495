// Exported modules in Node alone: as files, as an imported module, and where nothing may be compiled.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { exportModel, loadModel, type NDArray } from '../../lib/index.js'

const run = promisify(execFile)
const example = (name: string): URL => new URL(`../../examples/digits/${name}`, import.meta.url)

describe('exported modules in Node', function () {
  this.timeout(120_000)
  let pixels = new Float32Array()
  let expected: number[] = []
  const folders = { inside: '', beside: '' }

  before(async () => {
    const net = await loadModel<NDArray>(example('digits.keras'))
    pixels = Float32Array.from((await readFile(example('images.bin'))).subarray(0, 64), value => value / 16)
    const exe = await net.lower({ backend: 'jit', numerics: 'strict' })
    expected = [...exe.run(pixels).data]
    for (const weights of ['inside', 'beside'] as const) {
      folders[weights] = await mkdtemp(join(tmpdir(), 'kerafold-node-'))
      const { files } = await exportModel(net, { weights })
      await writeFile(join(folders[weights], 'package.json'), '{"type":"module"}')
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(folders[weights], name), bytes)
      await copyFile(new URL('children/noCompile.mjs', import.meta.url), join(folders[weights], 'noCompile.mjs'))
    }
  })
  after(async () => {
    for (const folder of Object.values(folders)) await rm(folder, { recursive: true, force: true })
  })

  /** Runs a script beside the files, without any of ours, and compares what it prints. */
  const check = async (folder: string, code: string, flags: readonly string[] = []): Promise<void> => {
    const print = `console.log(JSON.stringify([...model.run(${JSON.stringify([...pixels])}).digit]))`
    await writeFile(join(folder, 'main.js'), `${code}\n${print}\n`)
    const { stdout } = await run(process.execPath, [...flags, 'main.js'], { cwd: folder, env: { ...process.env, NODE_OPTIONS: '' } })
    assert.deepEqual(JSON.parse(stdout), expected)
  }

  const forbidden = `
    for (const attempt of [() => new WebAssembly.Module(new Uint8Array(8)), () => eval('1'), () => new Function('')]) {
      try { attempt(); throw 'this should be forbidden' } catch (error) { if (!(error instanceof EvalError)) throw error }
    }`

  for (const weights of ['inside', 'beside'] as const) {
    it(`run by model.js and nothing else, weights ${weights}`, async () => {
      await check(folders[weights], `import { load } from './model.js'\nconst model = await load()`)
      await check(folders[weights], `import { load } from './model.js'\nconst model = await load({ url: './model.wasm' })`)
    })

    it(`run where nothing may be compiled, imported as a module, weights ${weights}`, async () => {
      const code = `import * as instance from './model.wasm'
        import './noCompile.mjs'
        import { load } from './model.js'
        ${forbidden}
        const model = await load({ instance })`
      await check(folders[weights], code, ['--experimental-wasm-modules', '--disallow-code-generation-from-strings'])
    })

    it(`run where nothing may be compiled, from a module that the host compiled, weights ${weights}`, async () => {
      const code = `import { readFileSync } from 'node:fs'
        const module = new WebAssembly.Module(readFileSync('model.wasm'))
        await import('./noCompile.mjs')
        const { load } = await import('./model.js')
        ${forbidden}
        const model = await load({ module })`
      await check(folders[weights], code, ['--disallow-code-generation-from-strings'])
    })
  }

  it('say what is wrong when weights beside are missing or others', async () => {
    const { load } = await import(join(folders.beside, 'model.js'))
    await assert.rejects(load({ weights: new Uint8Array(27072) }), /ModelError: other weights/)
    await rm(join(folders.beside, 'model.weights.bin'))
    await assert.rejects(load(), { name: 'ModelError', message: /model\.weights\.bin/ })
  })
})
