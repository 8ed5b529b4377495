// Checks products with multiply-add; run as a program by an engine that has it.

import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import { gemm } from '../../backends/jit/gemm/index.js'
import { filler, naivePacked } from './jitGemmCases.js'
import { runKernel } from './jitGemmHost.js'

/** Every element is within a rounding per multiply-add of the float64 sum; whole numbers are exact. */
export function assertFused(): void {
  for (const [m, k, n] of [
    [1, 40, 19],
    [4, 33, 8],
    [9, 64, 21],
  ] as const) {
    for (const whole of [false, true]) {
      const fill = filler(m * k, whole)
      const [a, b] = [fill(m * k), fill(k * n)]
      const found = runKernel(gemm({ m, k, n, fma: true }), new Float32Array(m * n), [a, naivePacked(b, { k, n })])
      found.forEach((value, flat) => {
        let [sum, size] = [0, 0]
        for (let step = 0; step < k; step++) {
          const product = (a[Math.floor(flat / n) * k + step] as number) * (b[step * n + (flat % n)] as number)
          sum += product
          size += Math.abs(product)
        }
        assert.ok(Math.abs(value - sum) <= (whole ? 0 : k * 2 ** -23 * size), `${m}×${k}×${n}: ${value}, not ${sum}`)
      })
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) assertFused()
