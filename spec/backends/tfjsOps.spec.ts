// Every op on both tfjs backends computes what the reference computes, whatever its operands are.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Compiler } from '../../backends/backend.js'
import { fastNormalCdf } from '../../backends/tfjs/normalCdf.js'
import { entryOf } from '../../backends/tfjs/table.js'
import { cpu, wasm } from '../../backends/tfjs/tfjs.js'
import type { Value } from '../../lib/ops/op.js'
import { normalCdf } from '../../lib/ops/scalar.js'
import { applicationsOf, type ValueOp, valueOps } from './arbOp.js'
import type { Range } from './arbValue.js'
import { assertNearReference, evaluateOn, graphOf, type LeafKind } from './programs.js'

/** The sum of the sizes of all finite elements. */
function mass({ data }: Value): number {
  let sum = 0
  for (const x of data) if (Number.isFinite(x)) sum += Math.abs(x)
  return sum
}

/** A kernel adds up in float32, so it rounds relative to the terms; the reference rounds the sum once. */
const summed = (operands: readonly Value[]) => 2 ** -23 * operands.reduce((product, x) => product * mass(x), 1)

/** Errors beyond the rounding of each result. tfjs' erf is off by 1.5e-7 at any size of the result, as the table says. */
const extra: Partial<Record<ValueOp, (operands: readonly Value[]) => number>> = {
  erf: () => 2e-7,
  reduce_sum: summed,
  reduce_mean: summed,
  matmul: summed,
  conv: summed,
  avg_pool: summed,
}

/** Ops whose kernels differ on odd values, where the table says how. */
const ranges = (op: ValueOp): readonly Range[] => {
  const entry = entryOf(op)
  return entry && 'lower' in entry && entry.differs && op !== 'erf' ? ['plain'] : ['plain', 'odd']
}

describe("the normal distribution's function in a loop", () => {
  it('is within 1.2e-7 of its value, also where that is tiny', () => {
    for (let x = -14; x < 10; x += 1 / 64) {
      const error = Math.abs(fastNormalCdf(x) / normalCdf(x) - 1)
      assert.ok(error <= 1.2e-7, `${x}: ${error}`)
    }
    assert.deepEqual([NaN, Infinity, -Infinity].map(fastNormalCdf), [NaN, 1, 0])
  })
})

for (const backend of [wasm, cpu]) {
  describe(`every op on ${backend.name}`, () => {
    let compiler: Compiler
    before(async () => {
      compiler = await backend.load()
    })

    for (const op of valueOps) {
      for (const range of ranges(op)) {
        it(`${op} of ${range} values`, () => {
          const kinds = fc.array(fc.constantFrom<LeafKind>('input', 'variable', 'constant'), { minLength: 5, maxLength: 5 })
          const check = fc.property(applicationsOf(op, range), kinds, ({ operands, attrs }, kind) => {
            const leaves = operands.map((value, k) => ({ kind: kind[k] ?? 'input', value }))
            const { graph, feeds } = graphOf(leaves, (b, tensors) => [b.emitAny(op, tensors, attrs)])
            assertNearReference(evaluateOn(compiler, graph, feeds), graph, feeds, extra[op]?.(operands))
          })
          fc.assert(check, { numRuns: 150 })
        })
      }
    }
  })
}
