// Exported modules compute what the jit computes, bit for bit, and need nothing.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { load } from '../../lib/export/shipped/model.js'
import { assertRoundTrip } from '../backends/jitHarness.js'
import { arbModel, modelRuns } from '../support/arbModel.js'
import { arbImageModel } from './arbImageModel.js'
import { assertSameBits, exportCase } from './cases.js'

const arbAny = fc.oneof({ weight: 2, arbitrary: arbModel }, { weight: 1, arbitrary: arbImageModel })

describe('exported modules', function () {
  this.timeout(120_000)
  it("give the jit's bits, with weights inside and beside", async () => {
    await fc.assert(
      fc.asyncProperty(arbAny, fc.constantFrom('inside', 'beside'), async (value, where) => {
        const made = await exportCase(value, { weights: where })
        const { wasm, weights, inputs } = made
        const model = await load(weights ? { bytes: wasm, weights } : { bytes: wasm })
        assertSameBits(model.run(inputs), made)
        assertSameBits(model.run(inputs), made)
        value.net.dispose()
      }),
      { numRuns: Math.ceil(modelRuns / 3) },
    )
  })

  it('import nothing and export memory, run and description', async () => {
    await fc.assert(
      fc.asyncProperty(arbAny, async value => {
        const { wasm } = await exportCase(value)
        const module = new WebAssembly.Module(wasm)
        assert.deepEqual(WebAssembly.Module.imports(module), [])
        assert.deepEqual(
          WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`),
          ['memory memory', 'function run', 'global description'],
        )
        assertRoundTrip(wasm)
      }),
      { numRuns: Math.ceil(modelRuns / 10) },
    )
  })

  it('are the same bytes for the same model', async () => {
    await fc.assert(
      fc.asyncProperty(arbAny, async value => {
        const [first, second] = [await exportCase(value), await exportCase(value)]
        assert.deepEqual(second.wasm, first.wasm)
      }),
      { numRuns: Math.ceil(modelRuns / 10) },
    )
  })

  it('use no memory that they did not write, and write nothing but what is theirs', async () => {
    await fc.assert(
      fc.asyncProperty(arbAny, async value => {
        const made = await exportCase(value)
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(made.wasm))
        const { memory, run, description } = exports as { memory: WebAssembly.Memory; run: () => void; description: WebAssembly.Global }
        const bytes = new Uint8Array(memory.buffer)
        const { weights } = made.description
        const [first, end] = [weights.offset + weights.bytes, description.value as number]
        bytes.fill(0xa5, first, end - 64) // a NaN in floats, 0 and −1 in no bool
        const { inputs } = await load({ instance: { ...exports } })
        for (const [name, data] of Object.entries(made.inputs)) inputs[name]?.set(wordsAs(data, inputs[name]))
        const [before, behind] = [bytes.slice(0, first), bytes.slice(end - 64)]
        run()
        assert.deepEqual(bytes.subarray(0, first), before, 'weights')
        assert.deepEqual(bytes.subarray(end - 64), behind, 'what lies behind the arena')
        const { outputs } = await load({ instance: { ...exports } })
        const results = made.description.outputs.map(({ name, dtype }) => [
          name,
          dtype === 'bool' ? outputs[name]?.map(v => -v) : outputs[name],
        ])
        assertSameBits(Object.fromEntries(results), made)
      }),
      { numRuns: Math.ceil(modelRuns / 5) },
    )
  })
})

/** Input values as they lie in memory; models under test have no bool inputs. */
function wordsAs(data: ArrayLike<number>, into: Float32Array | Int32Array): ArrayLike<number> {
  return into instanceof Int32Array ? Int32Array.from(data) : data
}
