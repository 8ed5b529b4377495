// Elementwise primitives and leaves: broadcasting, wrapping, rounding, edges.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { OpAttrs, OpName } from '../../../lib/ir/vocabulary.js'
import { evaluateOp } from '../../../lib/ops/evaluate.js'
import type { Value } from '../../../lib/ops/op.js'
import { makeValue } from '../../../lib/ops/values.js'
import { assertSame, broadcastAt, fromIndices, onScalars } from '../../support/naive.js'
import { caseOf, opCases } from '../../support/opCases.js'

const evaluate = (op: OpName, operands: readonly Value[], attrs: OpAttrs[OpName] = {}) => evaluateOp(op, operands, attrs)

describe('elementwise primitives', () => {
  const elementwise = [
    'add',
    'subtract',
    'multiply',
    'divide',
    'floor_divide',
    'mod',
    'power',
    'maximum',
    'minimum',
    'logical_and',
    'logical_or',
    'shift_right_logical',
    'equal',
    'not_equal',
    'less',
    'less_equal',
    'greater',
    'greater_equal',
    'select',
    'negate',
    'tanh',
    'is_nan',
    'cast',
  ] as const
  for (const op of elementwise) {
    it(`${op} applies its scalar function to broadcast elements`, () =>
      fc.assert(
        fc.property(caseOf(op), ({ operands, attrs }) => {
          const result = evaluate(op, operands, attrs)
          const expected = fromIndices(result.dtype, result.shape, index =>
            onScalars(
              op,
              operands,
              attrs,
              operands.map(x => broadcastAt(x, index)),
            ),
          )
          assertSame(result, expected)
        }),
      ))
  }

  const wrapping = {
    add: (x, y) => x + y,
    subtract: (x, y) => x - y,
    multiply: (x, y) => x * y,
    power: (x, y) => x ** y,
  } satisfies Partial<Record<OpName, (x: bigint, y: bigint) => bigint>>
  for (const [op, f] of Object.entries(wrapping)) {
    it(`${op} of int32 wraps as two's complement`, () =>
      fc.assert(
        fc.property(
          fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
          op === 'power' ? fc.integer({ min: 0, max: 40 }) : fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
          (x, y) => {
            const [a, b] = [x, y].map(value => makeValue('int32', [], () => value)) as [Value, Value]
            assert.equal(evaluate(op as OpName, [a, b]).data[0], Number(BigInt.asIntN(32, f(BigInt(x), BigInt(y)))))
          },
        ),
      ))
  }

  const value = (op: OpName, ...xs: number[]) =>
    evaluate(
      op,
      xs.map(x => makeValue('float32', [], () => x)),
    ).data[0] as number

  it("power is C's, not JavaScript's", () => {
    for (const y of [NaN, Infinity, -Infinity, 0, 3]) assert.equal(value('power', 1, y), 1)
    assert.equal(value('power', -1, Infinity), 1)
    assert.equal(value('power', NaN, 0), 1)
    assert.deepEqual([value('power', -1, 3), value('power', 2, Infinity), value('power', 0.5, Infinity)], [-1, Infinity, 0])
    assert.ok(Number.isNaN(value('power', -2, 0.5)))
    assert.ok(Number.isNaN(value('power', 2, NaN)))
  })

  it('power of int32 to a negative one is the whole part of the quotient', () => {
    const power = (x: number, y: number) =>
      evaluate(
        'power',
        [x, y].map(n => makeValue('int32', [], () => n)),
      ).data[0]
    const cases = [
      [1, -5, 1],
      [-1, -2, 1],
      [-1, -3, -1],
      [2, -1, 0],
      [-7, -2, 0],
    ] as const
    for (const [x, y, wanted] of cases) assert.equal(power(x, y), wanted)
  })

  it('floor_divide and mod belong together, with the divisor’s sign', () =>
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -50, max: 50 }), (x, y) => {
        fc.pre(y !== 0)
        for (const dtype of ['int32', 'float32'] as const) {
          const [a, b] = [x, y].map(n => makeValue(dtype, [], () => n)) as [Value, Value]
          const [quotient, rest] = [evaluate('floor_divide', [a, b]).data[0] as number, evaluate('mod', [a, b]).data[0] as number]
          assert.equal(quotient * y + rest, x)
          assert.ok(rest === 0 || Math.sign(rest) === Math.sign(y))
          assert.ok(Math.abs(rest) < Math.abs(y))
        }
      }),
    ))

  it('shift_right_logical by 32 or more, or by less than nothing, leaves 0', () => {
    const shift = (x: number, by: number) =>
      evaluate(
        'shift_right_logical',
        [x, by].map(n => makeValue('int32', [], () => n)),
      ).data[0]
    assert.deepEqual(
      [0, 1, 31, 32, 33, 64, -1, -32].map(by => shift(-1, by)),
      [-1, 2 ** 31 - 1, 1, 0, 0, 0, 0, 0],
    )
  })

  it('round goes to the even neighbour from a half', () =>
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), n => {
        const half = value('round', n + 0.5)
        assert.ok(half % 2 === 0 && Math.abs(half - (n + 0.5)) === 0.5)
        assert.ok(value('round', n + 0.25) === n && value('round', n - 0.25) === n)
      }),
    ))

  it('cast truncates, saturates and takes NaN to 0', () => {
    const cast = (x: number) => evaluate('cast', [makeValue('float32', [], () => x)], { dtype: 'int32' }).data[0]
    assert.deepEqual([2.9, -2.9, NaN, 3e9, -3e9, Infinity].map(cast), [2, -2, 0, 2147483647, -2147483648, 2147483647])
    const bool = (x: number) => evaluate('cast', [makeValue('float32', [], () => x)], { dtype: 'bool' }).data[0]
    assert.deepEqual([0, -0, 0.1, NaN].map(bool), [0, 0, 1, 1])
  })
})

describe('leaves', () => {
  it('iota counts along its axis', () =>
    fc.assert(
      fc.property(opCases.iota, ({ attrs }) =>
        assertSame(
          evaluate('iota', [], attrs),
          fromIndices(attrs.dtype, attrs.shape, index => index[attrs.axis] as number),
        ),
      ),
    ))

  it('one value fills a constant', () => {
    const filled = evaluate('constant', [], { data: [3], dtype: 'int32', shape: [2, 2] })
    assert.deepEqual(Array.from(filled.data), [3, 3, 3, 3])
  })
})
