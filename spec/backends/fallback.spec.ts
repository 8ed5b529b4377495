// A small CNN gives the same predictions whatever the platform lacks, and says what ran it and why.

import assert from 'node:assert/strict'
import { runChild } from '../support/child.js'

interface Report {
  readonly backend: string
  readonly why: string
  readonly y: readonly number[]
}

const cases: readonly { readonly absent: readonly string[]; readonly backend: string; readonly why: RegExp }[] = [
  { absent: [], backend: 'jit', why: /^jit is the first of jit, wasm, cpu, reference that runs here/ },
  { absent: ['SIMD'], backend: 'wasm', why: /passed over jit: this platform has no WebAssembly SIMD$/ },
  {
    absent: ['WebAssembly'],
    backend: 'cpu',
    why: /passed over jit: this platform has no WebAssembly.*; wasm: there is no WebAssembly here/,
  },
  { absent: ['compiling'], backend: 'cpu', why: /jit: .* or a policy forbids to compile it; wasm: .* or a policy forbids compiling it$/ },
  {
    absent: ['SIMD', 'tfjs'],
    backend: 'reference',
    why: /wasm: the wasm backend cannot be loaded: Cannot find package.*; cpu: the cpu backend cannot be/,
  },
  {
    absent: ['WebAssembly', 'tfjs'],
    backend: 'reference',
    why: /wasm: there is no WebAssembly here.*; cpu: .* it needs the package @tensorflow\/tfjs-backend-cpu$/,
  },
]

async function predict(absent: readonly string[]): Promise<Report> {
  return JSON.parse(await runChild('backends/children/fallback.ts', absent))
}

describe('a small CNN', () => {
  let expected: Report
  before(async () => {
    expected = await predict(['WebAssembly', 'tfjs'])
  })

  for (const { absent, backend, why } of cases) {
    it(`runs on ${backend} where ${absent.join(' and ') || 'nothing'} is missing`, async () => {
      const report = await predict(absent)
      assert.equal(report.backend, backend)
      assert.match(report.why, why)
      assert.equal(report.y.length, 8)
      for (const [k, value] of report.y.entries()) assert.ok(Math.abs(value - (expected.y[k] as number)) < 1e-6, `${value} at ${k}`)
    })
  }
})
