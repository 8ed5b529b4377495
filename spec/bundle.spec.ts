// What a page with a small network downloads: only what it names and what its network needs.

import assert from 'node:assert/strict'
import { bundle, exampleEntry } from '../bench/bundle.js'

/** Nothing of this belongs on a page that only runs dense layers on the jit. */
const strangers: readonly RegExp[] = [
  /^passes\/examples\//,
  /^backends\/tfjs\/(?!tfjs|fusible|problem)/,
  /^backends\/jit\/(profile|conv\/|kernels\/window|lowerings\/(conv|windows|spatial|movement|reductions|random|scan)|scalar\/functions|math\/(log|power|trig|erf|sigmoid))/,
  /^lib\/(saving|debug)\//,
  /^lib\/layers\/(lambda|merge|dropout|batchNormalization|registry)/,
  /^lib\/models\/fromConfig/,
  /h5wasm|viz-js|tensorflow/,
]

describe('the page of examples/browser/mlp.ts', () => {
  it('downloads less than 105 kB of JavaScript, and nothing that its network does not need', async () => {
    const { gzipped, sources } = await bundle(exampleEntry)
    const found = Object.keys(sources).filter(source => strangers.some(stranger => stranger.test(source)))
    assert.deepEqual(found, [])
    assert.ok(gzipped < 105_000, `${gzipped} bytes`)
  })
})
