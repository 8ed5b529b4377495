// The products of the JIT with relaxed SIMD's multiply-add, which Node 20 has behind a flag only.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { FunctionAssembler } from '../../backends/jit/assembler.js'
import { hasRelaxedSimd } from '../../backends/jit/features.js'
import { type GemmSpec, gemm } from '../../backends/jit/gemm/index.js'
import { naivePacked } from './jitGemmCases.js'
import { assertFused, assertFusedWindows } from './jitGemmFused.js'
import { runKernel } from './jitGemmHost.js'

describe('fused multiply-add', () => {
  it('is used where it is asked for, by the product or by the module, and not where strictness is', () => {
    const count = (spec: GemmSpec, fma: boolean): number => {
      const { op } = FunctionAssembler.prototype
      let fused = 0
      FunctionAssembler.prototype.op = function (name, ...rest) {
        if (name === 'f32x4.relaxed_madd') fused++
        op.call(this, name, ...rest)
      }
      try {
        runKernel(gemm(spec), new Float32Array(4), [new Float32Array(2), naivePacked(new Float32Array(8), { k: 2, n: 4 })], [], fma)
      } catch {
        // this engine does not know the instruction
      } finally {
        FunctionAssembler.prototype.op = op
      }
      return fused
    }
    const shape = { m: 1, k: 2, n: 4 }
    assert.equal(count(shape, false), 0)
    assert.ok(count(shape, true) > 0)
    assert.ok(count({ ...shape, fma: true }, false) > 0)
    assert.equal(count({ ...shape, fma: false }, true), 0)
  })

  it('differs by a rounding per product at most', () => {
    if (hasRelaxedSimd()) {
      assertFused()
      assertFusedWindows()
      return
    }
    const flags = ['--experimental-wasm-relaxed-simd', '--import', 'tsx', '--conditions=kerafold-source']
    const { status, stderr } = spawnSync(process.execPath, [...flags, fileURLToPath(new URL('./jitGemmFused.ts', import.meta.url))], {
      encoding: 'utf8',
    })
    assert.equal(status, 0, stderr)
  })
})
