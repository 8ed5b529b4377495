// Damaged and forged modules: model.js refuses them with an error of its own, or they still compute the right numbers.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { withHeader } from '../../lib/export/description.js'
import { load, ModelError, type Source } from '../../lib/export/shipped/model.js'
import { assertSameBits, type ExportCase, sampleCases } from './cases.js'

describe('model.js on damage', function () {
  this.timeout(120_000)
  let cases: ExportCase[] = []
  before(async () => {
    cases = await sampleCases(3)
  })

  /** Where the custom section begins, which is the last of the module. */
  const sectionAt = (wasm: Uint8Array): number => Buffer.from(wasm).lastIndexOf('{"abi"') - 'kerafold'.length

  const refusedOrRight = async (made: ExportCase, source: Source): Promise<void> => {
    const model = await load(source).catch(error => assert.ok(error instanceof ModelError, `${error}`))
    if (model) assertSameBits(model.run(made.inputs), made)
  }

  it('refuses a custom section with any byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, where, change) => {
        const { wasm } = cases[which % cases.length] as ExportCase
        const bytes = wasm.slice()
        const from = sectionAt(wasm)
        const at = from + (where % (bytes.length - from))
        bytes[at] = (bytes[at] as number) ^ change
        await assert.rejects(load({ bytes }), ModelError)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses a module that ends early, and one without its section', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (which, where) => {
        const { wasm } = cases[which % cases.length] as ExportCase
        await assert.rejects(load({ bytes: wasm.subarray(0, where % wasm.length) }), ModelError)
      }),
      { numRuns: 300 },
    )
    const [{ wasm }] = cases as [ExportCase]
    const renamed = wasm.slice()
    renamed[sectionAt(wasm)] = 'K'.charCodeAt(0)
    await assert.rejects(load({ bytes: renamed }), /damaged description/)
  })

  it('refuses weights that changed, or are those of another model', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, where, change) => {
        const made = cases[which % cases.length] as ExportCase
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(made.wasm))
        const { offset, bytes } = made.description.weights
        if (bytes === 0) return
        const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer)
        const at = offset + (where % bytes)
        memory[at] = (memory[at] as number) ^ change
        await assert.rejects(load({ instance: { ...exports } }), /other weights/)
      }),
      { numRuns: 100 },
    )
  })

  it('refuses or survives any description, even one whose checksum is right', async () => {
    const slot = fc.record({
      name: fc.string(),
      dtype: fc.constantFrom('float32', 'int32', 'bool', 'x'),
      shape: fc.array(fc.integer()),
      offset: fc.integer(),
    })
    const slots = fc.oneof(fc.array(slot), fc.jsonValue())
    const weights = fc.record(
      { offset: fc.integer(), bytes: fc.integer(), checksum: fc.nat(), file: fc.constant(null) },
      { requiredKeys: [] },
    )
    const description = fc.record(
      { abi: fc.constantFrom(1, 1, 1, 2), inputs: slots, outputs: slots, weights: fc.oneof(weights, fc.jsonValue()) },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(fc.oneof(description, fc.jsonValue()), async value => {
        const memory = new WebAssembly.Memory({ initial: 1 })
        new Uint8Array(memory.buffer).set(withHeader(new TextEncoder().encode(JSON.stringify(value))), 64)
        await load({ instance: { memory, run: () => undefined, description: 64 } }).catch(error => assert.ok(error instanceof ModelError))
      }),
    )
  })

  it('refuses what is no module at all, and files that are not there', async () => {
    const foreign = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
    const sources = [
      { bytes: new Uint8Array(9) },
      { module: foreign },
      { instance: {} },
      { url: new URL('gone.wasm', import.meta.url) },
      { url: 'data:,x' },
    ]
    for (const source of sources) await assert.rejects(load(source), ModelError)
  })

  it('takes no values that are not the input, and is as it was afterwards', async () => {
    for (const made of cases) {
      const model = await load({ bytes: made.wasm })
      for (const { name, dtype } of made.description.inputs) {
        const right = made.inputs[name] as ArrayLike<number>
        const wrong = [
          [...Array.from(right), 1],
          Array.from(right).slice(1),
          undefined,
          5,
          ...(dtype === 'int32' ? [Array.from(right, () => 0.5)] : []),
        ]
        for (const value of wrong) assert.throws(() => model.run({ ...made.inputs, [name]: value } as typeof made.inputs), ModelError)
      }
      assertSameBits(model.run(made.inputs), made)
    }
  })

  it('never hangs on a damaged module whose section is whole', async () => {
    const [made] = cases as [ExportCase]
    await refusedOrRight(made, { bytes: Uint8Array.from([...made.wasm, 0, 2, 1, 120]) }) // one more custom section, named x
    await assert.rejects(load({ bytes: Uint8Array.from([...made.wasm, ...made.wasm.subarray(sectionAt(made.wasm) - 4)]) }), ModelError)
  })
})
