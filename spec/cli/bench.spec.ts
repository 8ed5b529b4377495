// kerafold bench: every layer that computes is in its report, and shares are shares.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sharesBy } from '../../lib/cli/shares.js'
import type { KernelProfile } from '../../lib/runtime/profile.js'
import { digits, golden, kerafold } from './program.js'

interface Reported {
  readonly backend: string
  readonly runUs: number
  readonly slowUs: number
  readonly peakGflops: number | null
  readonly layers: readonly { name: string; us: number; part: number; ofPeak: number | null }[]
  readonly kernels: readonly { name: string; us: number; part: number }[]
}

const quick = ['--seconds', '0.05', '--runs', '1']

describe('kerafold bench', () => {
  it('reports layers and kernels beside the peak', async () => {
    const { code, out, err } = await kerafold(['bench', digits, ...quick, '--json', '--backend', 'jit'])
    assert.deepEqual([code, err], [0, ''])
    const report = JSON.parse(out) as Reported
    assert.ok(report.runUs > 0 && report.slowUs >= report.runUs)
    assert.ok((report.peakGflops ?? 0) > 0.1)
    const named = report.layers.map(({ name }) => name).join(', ')
    for (const layer of ['hidden_1', 'norm_1', 'relu_1', 'hidden_2', 'digit']) assert.ok(named.includes(layer), layer)
    for (const shares of [report.layers, report.kernels]) assert.ok(Math.abs(shares.reduce((sum, { part }) => sum + part, 0) - 1) < 1e-9)
    assert.ok(report.layers.every(({ ofPeak }) => ofPeak !== null && ofPeak < 3))
  })

  it('fits the terminal', async () => {
    const { code, out } = await kerafold(['bench', digits, ...quick, '--batch', '3'], { columns: 60 })
    assert.equal(code, 0)
    for (const line of out.split('\n')) assert.ok(line.length <= 60, line)
    assert.match(out, /^Model "digits" .* on jit\n/)
    assert.match(out, /\npeak [\d.]+ GFLOP\/s\n/)
  })

  it('says which backends have no kernels to time', async () => {
    const { code, out } = await kerafold(['bench', golden('mlp'), ...quick, '--backend', 'reference'])
    assert.equal(code, 0)
    assert.match(out, /cannot time its kernels; --backend jit can/)
  })
})

describe('shares', () => {
  it('lose and repeat nothing', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ kernel: fc.constantFrom('a', 'b', 'c'), us: fc.double({ min: 0.001, max: 10, noNaN: true }), flops: fc.nat(1000) }),
          { minLength: 1 },
        ),
        list => {
          const kernels = list.map(
            (part): KernelProfile => ({
              ...part,
              node: '',
              origin: [],
              calls: 1,
              bytes: 0,
              gbPerS: 0,
              gflopPerS: part.flops / part.us / 1000,
            }),
          )
          const shares = sharesBy(kernels, ({ kernel }) => kernel, 2)
          assert.deepEqual(
            shares.map(({ name }) => name),
            [...new Set(list.map(({ kernel }) => kernel))],
          )
          for (const { name, us, part, gflopPerS, ofPeak } of shares) {
            const own = list.filter(({ kernel }) => kernel === name)
            const time = own.reduce((sum, one) => sum + one.us, 0)
            assert.ok(Math.abs(us - time) < 1e-9 && part > 0 && part <= 1)
            const rate = own.reduce((sum, { flops }) => sum + flops, 0) / time / 1000
            assert.ok(Math.abs(gflopPerS - rate) < 1e-9 && Math.abs((ofPeak ?? Number.NaN) - rate / 2) < 1e-9)
          }
        },
      ),
    ))
})
