import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type * as load from '../../lib/models/loadModel.js'
import type * as h5library from '../../lib/saving/h5library.js'
import { goldenBytes, goldenMembers } from './support/archives.js'

type Bundle = typeof load & typeof h5library

describe('loadModel in a bundle for browsers', function () {
  this.timeout(120_000)
  let folder: string
  let bundle: Bundle

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kerafold-'))
    const resolveDir = new URL('../../lib/saving', import.meta.url).pathname
    const { warnings } = await build({
      stdin: { contents: `export * from '../models/loadModel.js'; export * from './h5library.js'`, resolveDir, sourcefile: 'entry.ts' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'browser',
      conditions: ['kerafold-source', 'browser'],
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      external: ['esbuild'], // only for running from the source tree
      logLevel: 'silent',
    })
    assert.deepEqual(warnings, [])
    bundle = await import(pathToFileURL(join(folder, 'stdin.mjs')).href)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('needs nothing of Node and nothing outside the bundle', async () => {
    const model = await bundle.loadModel(goldenBytes('mlp'))
    assert.equal(model.layers.length, 4)
  })

  it('takes strings as addresses', () =>
    assert.rejects(bundle.loadModel('/no/such/path.keras'), { name: 'FileError', message: /path\.keras cannot be read/ }))

  it('says so when the one copy of the HDF5 library is broken', async () => {
    const weights = goldenMembers('mlp')['model.weights.h5'] as Uint8Array
    const broken = bundle.withFile(weights, 'x.h5', () => {
      throw new WebAssembly.RuntimeError('unreachable')
    })
    await assert.rejects(broken, { name: 'FileError', message: /x\.h5: the HDF5 library cannot cope/ })
    await assert.rejects(bundle.loadModel(readFileSync(new URL('../golden/legacy/stack.h5', import.meta.url))), {
      name: 'FileError',
      message: /cannot be started again here\n\s+hint: reload the page/,
    })
    assert.equal((await bundle.loadModel(goldenBytes('mlp'))).layers.length, 4) // which needs no library
  })
})
