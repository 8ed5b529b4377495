// The selector: which backend is chosen where, what it says, and that choosing late costs nothing early.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backend, Compiler, Platform } from '../../backends/backend.js'
import { backends, selectBackend, selectBackendSync, tfjsBackend } from '../../backends/index.js'
import { ArgumentError, BackendError } from '../../lib/ir/errors.js'
import { platform } from '../../lib/platform/capabilities.js'
import { dumpWriter } from '../../lib/platform/node.js'
import { graphFromText } from './tfjsGraphs.js'

const everything = { webAssembly: true, simd: true } satisfies Platform
const noWasm = { webAssembly: false, simd: false } satisfies Platform

/** The backends that this file is about. */
const withoutJit = { wasm: backends.wasm, cpu: backends.cpu, reference: backends.reference }

/** A tfjs backend whose package is not there. */
function absent(name: 'wasm' | 'cpu'): Backend {
  return tfjsBackend(name, async () => Promise.reject(new Error('Cannot find package')))
}

/** Runs `body` while a property of WebAssembly, or all of it, is something else. */
function withWebAssembly(changes: Partial<typeof WebAssembly> | undefined, body: () => void): void {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly')
  assert.ok(original)
  const value = changes && {
    ...Object.fromEntries(Object.getOwnPropertyNames(WebAssembly).map(key => [key, Reflect.get(WebAssembly, key)])),
    ...changes,
  }
  try {
    Object.defineProperty(globalThis, 'WebAssembly', { value, configurable: true, writable: true })
    body()
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', original)
  }
}

describe('platform()', () => {
  it('finds what this platform has', () => assert.deepEqual(platform(), everything))

  it('notices that there is no WebAssembly', () => withWebAssembly(undefined, () => assert.deepEqual(platform(), noWasm)))

  it('notices that there is no SIMD', () => {
    const { validate } = WebAssembly
    withWebAssembly({ validate: bytes => validate(bytes) && new Uint8Array(bytes as ArrayBuffer).length <= 8 }, () =>
      assert.deepEqual(platform(), { webAssembly: true, simd: false }),
    )
  })

  it('notices a policy that forbids compiling', () => {
    const forbidden = function Module(): never {
      throw new WebAssembly.CompileError('blocked by Content Security Policy')
    }
    withWebAssembly({ Module: forbidden as never }, () => assert.deepEqual(platform(), noWasm))
  })
})

describe('dumpWriter()', () => {
  it('writes into the folder that KERAFOLD_DUMP names, and is absent without it', () => {
    const before = process.env.KERAFOLD_DUMP
    const folder = mkdtempSync(join(tmpdir(), 'kerafold-'))
    try {
      delete process.env.KERAFOLD_DUMP
      assert.equal(dumpWriter(), undefined)
      process.env.KERAFOLD_DUMP = join(folder, 'a', 'b')
      dumpWriter()?.('000_fuse.txt', 'graph {}')
      assert.equal(readFileSync(join(folder, 'a', 'b', '000_fuse.txt'), 'utf8'), 'graph {}')
    } finally {
      if (before === undefined) delete process.env.KERAFOLD_DUMP
      else process.env.KERAFOLD_DUMP = before
      rmSync(folder, { recursive: true })
    }
  })
})

describe('selectBackend', () => {
  it('chooses wasm where it can compile', async () => {
    const { backend, why } = await selectBackend('auto', { platform: everything }, withoutJit)
    assert.equal(backend, backends.wasm)
    assert.match(why, /^wasm is the first of .* that runs here: TensorFlow\.js' WebAssembly kernels \(XNNPACK\)$/)
  })

  it('chooses wasm without SIMD too', async () => {
    const { backend } = await selectBackend('auto', { platform: { webAssembly: true, simd: false } }, withoutJit)
    assert.equal(backend, backends.wasm)
  })

  it('passes over wasm where nothing may compile, and says why', async () => {
    const { backend, why } = await selectBackend('auto', { platform: noWasm }, withoutJit)
    assert.equal(backend, backends.cpu)
    assert.match(why, /^cpu is the first .*; passed over wasm: there is no WebAssembly here, or a policy forbids compiling it$/)
  })

  it('falls back to the reference when packages are missing, and says so', async () => {
    const table = { ...withoutJit, wasm: absent('wasm'), cpu: absent('cpu') }
    const { backend, compiler, why } = await selectBackend('auto', { platform: everything }, table)
    assert.equal(backend, backends.reference)
    assert.equal(compiler, backends.reference.loaded())
    assert.match(
      why,
      /passed over wasm: the wasm backend cannot be loaded: Cannot find package; hint: .*tfjs-backend-wasm; cpu: the cpu backend/,
    )
  })

  it('passes over WebAssembly where the weights are more than it can address', async () => {
    const shape = [2 ** 15, 2 ** 15 + 1]
    const graph = graphFromText(
      `var "k" : float32[${shape}] weight`,
      `%k = variable() {name: "k"} : float32[${shape}]`,
      '%y = reduce_sum(%k) {axes: [0, 1], keepdims: false} : float32[]',
      'output "y" = %y',
    )
    const { backend, why } = await selectBackend('auto', { platform: everything, graph })
    assert.equal(backend, backends.cpu)
    assert.match(why, /passed over jit: its weights take 4\.0 GiB and WebAssembly addresses 4 GiB; wasm: its weights/)
    assert.throws(() => selectBackendSync('jit', { platform: everything, graph }), /jit: its weights take 4\.0 GiB/)
  })

  it('takes the backend that is named', async () => {
    for (const name of ['wasm', 'cpu', 'reference'] as const) {
      const { backend, why } = await selectBackend(name, { platform: everything })
      assert.equal(backend, backends[name])
      assert.equal(why, `${name} was asked for by name`)
    }
  })

  it('fails when the backend that is named cannot run', async () => {
    await assert.rejects(selectBackend('wasm', { platform: noWasm }), (error: Error) => {
      assert.ok(error instanceof BackendError)
      assert.match(error.message, /^backend wasm cannot run here\n {2}wasm: there is no WebAssembly here.*\n {2}hint: .*'auto'/)
      return true
    })
    await assert.rejects(
      selectBackend('cpu', { platform: everything }, { ...backends, cpu: absent('cpu') }),
      /cpu: the cpu backend cannot be loaded/,
    )
  })

  it('knows no other names', async () => {
    await assert.rejects(
      selectBackend('webgl', { platform: everything }),
      (error: Error) => error instanceof ArgumentError && /webgl.*\n.*auto, .*wasm, cpu, reference/.test(error.message),
    )
    assert.throws(() => selectBackendSync('webgl', { platform: everything }), ArgumentError)
  })
})

describe('selectBackendSync', () => {
  const waiting: Backend = { ...backends.wasm, loaded: () => undefined }

  it('passes over what is not loaded yet', () => {
    const { backend, why } = selectBackendSync(
      'auto',
      { platform: everything },
      {
        wasm: waiting,
        cpu: { ...waiting, name: 'cpu' },
        reference: backends.reference,
      },
    )
    assert.equal(backend, backends.reference)
    assert.match(why, /passed over wasm: it is not loaded yet; await lower\(\) once/)
    assert.throws(() => selectBackendSync('wasm', { platform: everything }, { ...backends, wasm: waiting }), /wasm: it is not loaded yet/)
  })

  it('takes what has been loaded', async () => {
    const compiler: Compiler = await backends.wasm.load()
    const selection = selectBackendSync('auto', { platform: everything }, withoutJit)
    assert.equal(selection.backend, backends.wasm)
    assert.equal(typeof compiler.compile, typeof selection.compiler.compile)
  })
})

describe('backends/index.ts', () => {
  it('evaluates no tfjs and no bundler until a backend is loaded', () => {
    const script = `
      import { register } from 'node:module'
      const seen = []
      const { port1, port2 } = new MessageChannel()
      port1.on('message', url => seen.push(url))
      port1.unref()
      const hooks = 'export async function initialize({ port }) { globalThis.port = port }' +
        'export async function load(url, context, next) { globalThis.port.postMessage(url); return next(url, context) }'
      register('data:text/javascript,' + encodeURIComponent(hooks), { data: { port: port2 }, transferList: [port2] })
      const { backends } = await import(${JSON.stringify(new URL('../../backends/index.ts', import.meta.url))})
      await new Promise(resolve => setTimeout(resolve, 100))
      const early = seen.filter(url => /tensorflow|esbuild|^data:text.javascript;base64/.test(url)).length
      await backends.cpu.load()
      await new Promise(resolve => setTimeout(resolve, 100))
      const late = seen.filter(url => /esbuild|^data:text.javascript;base64/.test(url)).length
      console.log(seen.length > 10, early, late > 0)`
    const options = [...process.execArgv, '--input-type=module', '--eval', script]
    const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' })
    assert.equal(stdout.trim(), 'true 0 true', stderr)
  })
})
