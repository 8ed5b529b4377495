// What a page with a small network downloads: only what it names and what its network needs.

import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { bundle, exampleEntry } from '../bench/bundle.js'
import { algebra } from '../passes/algebra.js'

/** Nothing of this belongs on a page that only runs dense layers on the jit. */
const strangers: readonly RegExp[] = [
  /^passes\/(examples|rules)\//,
  new RegExp(`^passes/(algebra|rewrite|match|analyses|${Object.keys(algebra).join('|')})\\.ts$`),
  /^backends\/tfjs\/(?!tfjs|fusible|problem)/,
  /^backends\/jit\/(print|profile|conv\/|kernels\/window|lowerings\/(conv|windows|spatial|movement|reductions|random|scan)|scalar\/functions|math\/(log|power|trig|erf|sigmoid))/,
  /^(backends\/reference\/program|lib\/ops\/(evaluat|rareOps|table|(composites|primitives)\/(windows|resize|standardise|conv|indexing)))/,
  /^lib\/(saving|debug)\//,
  /^lib\/layers\/(lambda|merge|dropout|batchNormalization|registry)/,
  /^lib\/models\/fromConfig/,
  /h5wasm|viz-js|tensorflow/,
]

describe('the page of examples/browser/mlp.ts', () => {
  it('downloads less than 81.5 kB of JavaScript in few chunks, and nothing that its network does not need', async () => {
    const { gzipped, chunks, sources } = await bundle(exampleEntry)
    const found = Object.keys(sources).filter(source => strangers.some(stranger => stranger.test(source)))
    assert.deepEqual(found, [])
    assert.ok(gzipped < 81_500, `${gzipped} bytes`)
    assert.ok(chunks <= 12, `${chunks} chunks: parts on demand should build upon backends/jit/common.ts`)
  })

  it('evaluates by definition once it has downloaded that, and says so before', async () => {
    const contents = `
      import { input, ndarray, sequential } from './lib/index.js'
      import { dense } from './lib/layers/index.js'
      const backend = 'reference'
      const net = sequential({ layers: [input({ shape: [1] }), dense({ units: 1, activation: 'relu' })] })
      net.setWeights([ndarray([[2]]), ndarray([1])])
      const first = (exe, x) => exe.run(new Float32Array([x])).data[0]
      export const told = () => { try { net.lowerSync({ backend }) } catch (error) { return error.message } }
      export const before = async () => first(await net.lower({ backend }), 3)
      export const after = () => first(net.lowerSync({ backend }), -3)`
    const { sources } = await bundle({
      stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
      use: `
        const told = page.told(), results = [await page.before(), page.after()].join()
        if (!told.includes('reference has not loaded its evaluation of ops yet')) throw new Error(told)
        if (results !== '7,0') throw new Error(results)`,
    })
    assert.ok('lib/ops/evaluation/table.ts' in sources)
  })

  it('knows the rare ops of the layers that it names, whichever they are', async () => {
    const contents = `
      import { input, sequential } from './lib/index.js'
      import * as L from './lib/layers/index.js'
      const backend = 'jit'
      const pictures = sequential({ layers: [input({ shape: [4, 4, 2] }), L.zeroPadding2D(), L.conv2D({ filters: 2, kernelSize: 3 }),
        L.maxPooling2D(), L.upSampling2D(), L.averagePooling2D(), L.batchNormalization(), L.layerNormalization(), L.dropout({ rate: 0.5 }),
        L.gaussianNoise({ stddev: 1 }), L.flatten()] })
      const words = sequential({ layers: [input({ shape: [2], dtype: 'int32' }), L.embedding({ inputDim: 3, outputDim: 2 }), L.unitNormalization()] })
      export const run = async () => [
        (await pictures.lower({ backend })).run(new Float32Array(32)).data.length,
        (await pictures.lower({ backend, training: true })).run(new Float32Array(32)).data.length,
        (await words.lower({ backend })).run(new Int32Array(2)).data.length,
      ].join()`
    const { sources } = await bundle({
      stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
      use: "const sizes = await page.run(); if (sizes !== '8,8,4') throw new Error(sizes)",
    })
    assert.ok('lib/ops/rareOps.ts' in sources)
  })

  it('is measured by what it loads when it runs: a network that needs more counts more', async () => {
    await assert.rejects(bundle({ ...exampleEntry, use: "throw new Error('seen')" }), /seen/)
    const contents = `
      import { input, sequential } from './lib/index.js'
      import { batchNormalization, dense } from './lib/layers/index.js'
      export const run = async () => {
        const net = sequential({ layers: [input({ shape: [4] }), dense({ units: 3, activation: 'tanh' }), batchNormalization()] })
        return (await net.lower({ backend: 'jit' })).run(new Float32Array(4))
      }`
    const more = { stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) } }
    const [page, used] = [await bundle(more), await bundle({ ...more, use: 'await page.run()' })]
    assert.equal('lib/ir/errors.ts' in page.sources, true, 'what an entry imports is in a chunk that others share')
    assert.equal('passes/foldAffine.ts' in page.sources, false)
    assert.equal('passes/foldAffine.ts' in used.sources, true)
    assert.ok(used.gzipped > page.gzipped + 10_000, `${used.gzipped} and ${page.gzipped} bytes`)
  })
})
