// Reductions and matmul against their definitions by index.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { OpAttrs, OpName } from '../../../lib/ir/vocabulary.js'
import { evaluateOp } from '../../../lib/ops/evaluate.js'
import type { Value } from '../../../lib/ops/op.js'
import { makeValue } from '../../../lib/ops/values.js'
import { assertSame, at, fromIndices, indicesOf } from '../../support/naive.js'
import { arbShape, arbValue, opCases } from '../../support/opCases.js'

const small = fc.integer({ min: -8, max: 8 })
const evaluate = (op: OpName, operands: readonly Value[], attrs: OpAttrs[OpName] = {}) => evaluateOp(op, operands, attrs)

describe('reductions', () => {
  const folds = {
    reduce_sum: { start: 0, f: (a: number, b: number) => a + b },
    reduce_prod: { start: 1, f: (a: number, b: number) => a * b },
    reduce_max: { start: -Infinity, f: Math.max },
    reduce_min: { start: Infinity, f: Math.min },
  } as const
  const arbCase = arbShape().chain(shape =>
    fc.tuple(arbValue('float32', shape, small), fc.subarray(shape.map((_, axis) => axis)), fc.boolean()),
  )

  for (const [op, { start, f }] of Object.entries(folds)) {
    it(`${op} folds the elements that share the kept index`, () =>
      fc.assert(
        fc.property(arbCase, ([x, axes, keepdims]) => {
          const result = evaluate(op as OpName, [x], { axes, keepdims })
          const kept = x.shape.map((_, axis) => axis).filter(axis => !axes.includes(axis))
          const expected = new Map<string, number>()
          for (const index of indicesOf(kept.map(axis => x.shape[axis] as number))) expected.set(String(index), start)
          for (const index of indicesOf(x.shape)) {
            const to = String(kept.map(axis => index[axis]))
            expected.set(to, f(expected.get(to) as number, at(x, index)))
          }
          assert.deepEqual(
            Array.from(result.data, v => v + 0),
            [...expected.values()].map(v => v + 0),
          )
        }),
      ))

    it(`${op} over several axes is ${op} over one after another`, () =>
      fc.assert(
        fc.property(arbCase, ([x, axes]) => {
          const step = [...axes].reverse().reduce((y, axis) => evaluate(op as OpName, [y], { axes: [axis], keepdims: false }), x)
          assertSame(evaluate(op as OpName, [x], { axes, keepdims: false }), step)
        }),
      ))
  }

  it('sum and product of int32 wrap', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 6 }), list => {
        const x = makeValue('int32', [list.length], k => list[k] as number)
        const fold = (f: (a: bigint, b: bigint) => bigint, start: bigint) => Number(BigInt.asIntN(32, list.map(BigInt).reduce(f, start)))
        assert.equal(
          evaluate('reduce_sum', [x], { axes: [0], keepdims: false }).data[0],
          fold((a, b) => a + b, 0n),
        )
        assert.equal(
          evaluate('reduce_prod', [x], { axes: [0], keepdims: false }).data[0],
          fold((a, b) => a * b, 1n),
        )
      }),
    ))

  it('argmax gives the first of the greatest, and the first NaN before all', () =>
    fc.assert(
      fc.property(opCases.argmax, ({ operands: [x], attrs: { axis } }) => {
        const source = x as Value
        const where = (axis + source.shape.length) % source.shape.length
        const result = evaluate('argmax', [source], { axis })
        const kept = result.shape
        for (const index of indicesOf(kept)) {
          const line = Array.from({ length: source.shape[where] as number }, (_, k) =>
            at(source, [...index.slice(0, where), k, ...index.slice(where)]),
          )
          const nan = line.findIndex(Number.isNaN)
          assert.equal(at(result, index), nan >= 0 ? nan : line.indexOf(Math.max(...line)))
        }
      }),
    ))

  it('of several NaN the first is the extreme', () => {
    const x = makeValue('float32', [5], k => [1, NaN, 3, NaN, -1][k] as number)
    for (const op of ['argmax', 'argmin'] as const) assert.equal(evaluate(op, [x], { axis: 0 }).data[0], 1)
  })

  it('argmin is argmax of the negative', () =>
    fc.assert(
      fc.property(
        arbShape(1, 3, 1).chain(shape => arbValue('float32', shape)),
        x => {
          const attrs = { axis: -1 }
          assertSame(evaluate('argmin', [x], attrs), evaluate('argmax', [evaluate('negate', [x])], attrs))
        },
      ),
    ))
})

describe('matmul', () => {
  it('sums products over the shared axis of each pair of matrices', () =>
    fc.assert(
      fc.property(opCases.matmul, ({ operands: [x, y] }) => {
        const [a, b] = [x as Value, y as Value].map(v => ({
          ...v,
          data: v.data.map(e => (Number.isFinite(e) ? Math.sign(e) * 3 : 0)) as Value['data'],
        })) as [Value, Value]
        const result = evaluate('matmul', [a, b])
        const inner = a.shape.at(-1) as number
        const expected = fromIndices(a.dtype, result.shape, index => {
          const [row, column] = index.slice(-2) as [number, number]
          const lead = index.slice(0, -2)
          let sum = 0
          for (let k = 0; k < inner; k++) {
            const matrix = (v: Value, i: number, j: number) => {
              const own = lead.slice(lead.length - (v.shape.length - 2)).map((n, axis) => (v.shape[axis] === 1 ? 0 : n))
              return at(v, [...own, i, j])
            }
            sum += matrix(a, row, k) * matrix(b, k, column)
          }
          return sum
        })
        assertSame(result, expected)
      }),
    ))

  it('of int32 wraps', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer(), fc.integer()), { minLength: 1, maxLength: 5 }), pairs => {
        const row = makeValue('int32', [1, pairs.length], k => pairs[k]?.[0] as number)
        const column = makeValue('int32', [pairs.length, 1], k => pairs[k]?.[1] as number)
        const exactly = pairs.reduce((sum, [a, b]) => sum + BigInt(a) * BigInt(b), 0n)
        assert.equal(evaluate('matmul', [row, column]).data[0], Number(BigInt.asIntN(32, exactly)))
      }),
    ))
})
