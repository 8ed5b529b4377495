// kerafold bench: every layer that computes is in its report, and shares are shares.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fastestOf, sharesBy } from '../../lib/debug/shares.js'
import type { KernelProfile } from '../../lib/runtime/profile.js'
import { digits, golden, kerafold } from './program.js'

interface Reported {
  readonly backend: string
  readonly runUs: number
  readonly slowUs: number
  readonly peakGflops: number | null
  readonly layers: readonly { name: string; us: number; part: number; ofPeak: number; gflopPerS: number }[]
  readonly kernels: readonly { name: string; us: number; part: number; ofPeak: number; gflopPerS: number }[]
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
    assert.ok(report.layers.every(({ ofPeak, gflopPerS }) => ofPeak <= 1 && ofPeak > 0 === gflopPerS > 0))
  })

  it('has no kernel above the peak, and shares that are of it', async () => {
    const { out } = await kerafold(['bench', digits, ...quick, '--batch', '64', '--json', '--backend', 'jit'])
    const { peakGflops, kernels } = JSON.parse(out) as Reported
    const products = kernels.filter(({ name }) => name.startsWith('gemm 64x64x'))
    assert.ok(products.length > 0)
    for (const { gflopPerS, ofPeak } of products) {
      assert.ok(gflopPerS <= (peakGflops ?? 0), `${gflopPerS} of ${peakGflops}`)
      assert.ok(ofPeak > 0.02 && Math.abs(ofPeak - gflopPerS / (peakGflops ?? 0)) < 1e-9, `${ofPeak}`)
    }
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
            assert.ok(Math.abs(gflopPerS - rate) < 1e-9 && Math.abs(ofPeak - Math.min(1, rate / 2)) < 1e-9)
          }
        },
      ),
    ))

  it('know what is fastest: the kernel that computes most in its time, not one that moves data and is hidden by noise', () => {
    const kernel = (flops: number, bytes: number, gflopPerS: number): KernelProfile => ({
      ...{ flops, bytes, gflopPerS, us: flops / gflopPerS / 1000 },
      ...{ kernel: 'a', node: '', origin: [], calls: 1, gbPerS: 0 },
    })
    assert.equal(fastestOf([]), 0)
    assert.equal(fastestOf([kernel(2e6, 1e5, 30), kernel(4e6, 1e5, 34), kernel(100, 400, 900), kernel(0, 400, 0)]), 34)
  })
})
