// Exported models with inputs and what the jit gives for them in strict numerics, to be run by other hosts.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type ExportOptions, exportModel } from '../../lib/export/exportModel.js'
import type { Description } from '../../lib/export/shipped/abi.js'
import type { TypedData } from '../../lib/ir/ndarray.js'
import { arbModel, type ModelCase, modelFeeds, modelSizes } from '../support/arbModel.js'
import { arbImageModel } from './arbImageModel.js'

export interface ExportCase {
  readonly wasm: Uint8Array<ArrayBuffer>
  readonly weights: Uint8Array<ArrayBuffer> | undefined
  readonly description: Description
  readonly inputs: Readonly<Record<string, TypedData>>
  /** By output name: what the jit gives. */
  readonly expected: Readonly<Record<string, TypedData>>
}

export async function exportCase(value: ModelCase, options: ExportOptions = {}): Promise<ExportCase> {
  const { net } = value
  const sizes = modelSizes(net.trace(), value)
  const exe = await net.lower({ backend: 'jit', numerics: 'strict', sizes })
  try {
    const feeds = modelFeeds(value, 'real')
    const outputs = exe.runAll(feeds)
    const { files, description } = await exportModel(net, { ...options, sizes })
    return {
      wasm: files['model.wasm'] as Uint8Array<ArrayBuffer>,
      weights: files['model.weights.bin'],
      description,
      inputs: Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data])),
      expected: Object.fromEntries(description.outputs.map(({ name }, k) => [name, outputs[k]?.data as TypedData])),
    }
  } finally {
    exe.dispose()
  }
}

/** The same random models in every run of the suite, `count` of each kind. */
export async function sampleCases(count: number): Promise<ExportCase[]> {
  const cases: ExportCase[] = []
  const sample = (from: fc.Arbitrary<ModelCase>): ModelCase[] => fc.sample(from, { numRuns: count, seed: 5 })
  for (const value of [...sample(arbModel), ...sample(arbImageModel)]) cases.push(await exportCase(value))
  return cases
}

/** A tensor as its 32-bit words in memory, where a bool is 0 or −1 and every NaN is the same. */
export function wordsOf(data: ArrayLike<number>, dtype: 'float32' | 'int32' | 'bool'): Int32Array {
  if (dtype !== 'float32') return Int32Array.from(data, value => (dtype === 'bool' ? -value : value))
  const floats = Float32Array.from(data)
  const words = new Int32Array(floats.buffer)
  floats.forEach((value, k) => {
    if (Number.isNaN(value)) words[k] = 0x7fc00000
  })
  return words
}

/** Asserts that a host gave the jit's bits. */
export function assertSameBits(results: Readonly<Record<string, ArrayLike<number>>>, { description, expected }: ExportCase): void {
  assert.deepEqual(Object.keys(results).sort(), Object.keys(expected).sort())
  for (const { name, dtype } of description.outputs)
    assert.deepEqual(wordsOf(results[name] ?? [], dtype), wordsOf(expected[name] ?? [], dtype), name)
}
