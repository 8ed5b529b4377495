// Checks products and convolutions with multiply-add; run as a program by an engine that has it.

import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import { gemm } from '../../backends/jit/gemm/index.js'
import { sizeOf } from '../../lib/ir/types.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import { filler, naivePacked } from './jitGemmCases.js'
import { runKernel } from './jitGemmHost.js'
import { watchedSession } from './jitHarness.js'
import { graphOf, runProgram } from './programs.js'

/** Convolutions of whole numbers are exact, whatever the roundings. */
export function assertFusedWindows(): void {
  for (const [perGroup, groups] of [
    [5, 1],
    [1, 7],
  ] as const) {
    const fill = filler(groups, true)
    const value = (shape: readonly number[]) => ({ dtype: 'float32' as const, shape, data: Float64Array.from(fill(sizeOf(shape))) })
    const { graph, feeds } = graphOf(
      [
        { kind: 'input', value: value([1, 6, 9, perGroup * groups]) },
        { kind: 'variable', value: value([3, 3, perGroup, groups === 1 ? 11 : groups]) },
      ],
      (b, xs) => [b.emitAny('conv', xs, { strides: [1, 1], padding: 'same', inputDilation: [1, 1], kernelDilation: [1, 1], groups })],
    )
    const { session } = watchedSession({ fma: true })
    const found = runProgram(session.compile(graph), graph, feeds).outputs.y0
    assert.deepEqual([...(found?.data ?? [])], [...(evaluateGraph(graph, feeds).outputs.y0?.data ?? [])])
  }
}

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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  assertFused()
  assertFusedWindows()
}
