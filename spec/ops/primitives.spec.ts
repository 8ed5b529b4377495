// Properties of every primitive: its type rule, its broadcasting, and its value against a definition by index.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Size, TensorType } from '../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import { evaluateOp } from '../../lib/ops/evaluate.js'
import { inferType } from '../../lib/ops/infer.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'
import { assertSame, at, broadcastAt, fromIndices, indicesOf, onScalars } from '../support/naive.js'
import { arbShape, arbValue, caseOf, evaluatedOps, opCases } from '../support/opCases.js'

const small = fc.integer({ min: -8, max: 8 })
const evaluate = (op: OpName, operands: readonly Value[], attrs: OpAttrs[OpName] = {}) => evaluateOp(op, operands, attrs)

const typeOf = ({ dtype, shape }: Value): TensorType => ({ dtype, shape })

/** The type rule's answer for operands of which some sizes are unknown. */
function inferWithout(op: OpName, types: readonly TensorType[], attrs: OpAttrs[OpName], hidden: (k: number, axis: number) => boolean) {
  const veiled = types.map(({ dtype, shape }, k) => ({
    dtype,
    shape: shape.map((size, axis): Size => (hidden(k, axis) ? `s${k}_${axis}` : size)),
  }))
  return inferType({ id: op, op, attrs }, veiled) as TensorType
}

describe('every op', () => {
  for (const op of evaluatedOps) {
    it(`${op}: the type rule says what evaluation gives`, () =>
      fc.assert(
        fc.property(caseOf(op), ({ operands, attrs }) => {
          const { dtype, shape, data } = evaluate(op, operands, attrs)
          assert.deepEqual(inferType({ id: op, op, attrs }, operands.map(typeOf)), { dtype, shape })
          assert.equal(
            data.length,
            shape.reduce((a, b) => a * b, 1),
          )
        }),
      ))
  }

  // Ops whose attributes or operands must repeat a size that is hidden here.
  const needSizes = new Set<OpName>(['batch_norm', 'random_bits', 'dropout', 'constant', 'iota'])
  for (const op of evaluatedOps.filter(name => !needSizes.has(name))) {
    it(`${op}: what the type rule knows of unknown sizes is true`, () =>
      fc.assert(
        fc.property(caseOf(op), fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), ({ operands, attrs }, mask) => {
          const { dtype, shape } = evaluate(op, operands, attrs)
          const inferred = inferWithout(op, operands, attrs, (k, axis) => mask[k * 4 + axis] ?? false)
          assert.equal(inferred.dtype, dtype)
          assert.equal(inferred.shape.length, shape.length)
          inferred.shape.forEach((size, axis) => {
            const hidden = typeof size === 'string' ? /^s(\d)_(\d)$/.exec(size) : null
            const known = hidden ? operands[Number(hidden[1])]?.shape[Number(hidden[2])] : size
            if (typeof known === 'number') assert.equal(known, shape[axis])
          })
        }),
      ))
  }
})

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
    assert.ok(Number.isNaN(value('power', -2, 0.5)))
    assert.ok(Number.isNaN(value('power', 2, NaN)))
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

describe('data movement', () => {
  const arbAny = arbShape().chain(shape => arbValue('float32', shape, small))

  it('transpose puts axis perm[k] at k, and its inverse undoes it', () =>
    fc.assert(
      fc.property(opCases.transpose, ({ operands: [x], attrs: { perm } }) => {
        const source = x as Value
        const result = evaluate('transpose', [source], { perm })
        const moved = fromIndices(
          source.dtype,
          perm.map(axis => source.shape[axis] as number),
          index =>
            at(
              source,
              perm.map((_, axis) => index[perm.indexOf(axis)] as number),
            ),
        )
        assertSame(result, moved)
        assertSame(evaluate('transpose', [result], { perm: perm.map((_, k) => perm.indexOf(k)) }), source)
      }),
    ))

  it('reshape keeps the order of the elements', () =>
    fc.assert(
      fc.property(opCases.reshape, ({ operands: [x], attrs }) => {
        const source = x as Value
        const result = evaluate('reshape', [source], attrs)
        assert.deepEqual(Array.from(result.data), Array.from(source.data))
        assertSame(evaluate('reshape', [result], { shape: source.shape }), source)
      }),
    ))

  it('reshape infers −1 from any sizes, and knows a lone symbol again', () => {
    const infer = (shape: Size[], target: Size[]) =>
      (inferType({ id: 'r', op: 'reshape', attrs: { shape: target } }, [{ dtype: 'float32', shape }]) as TensorType).shape
    assert.deepEqual(infer(['batch', 2, 3], ['batch', -1]), ['batch', 6])
    assert.deepEqual(infer(['batch', 2, 3], [-1, 6]), ['batch', 6])
    assert.deepEqual(infer(['batch', 2, 3], [-1, 3]), ['r:0', 3])
    assert.deepEqual(infer(['a', 'b'], [-1]), ['r:0'])
    assert.deepEqual(infer(['a', 'b', 4], ['a', 4, -1]), ['a', 4, 'b'])
    assert.deepEqual(infer([0, 3], [5, 0]), [5, 0])
    assert.deepEqual(infer([0, 3], [0, -1]), [0, 3])
    assert.throws(() => infer([2, 3], [4]), /numbers of elements differ/)
    assert.throws(() => infer([2, 3], [4, -1]), /6 is not divisible by 4/)
    assert.throws(() => infer([2, 3], [-1, -1]), /at most one -1/)
  })

  it('broadcast repeats', () =>
    fc.assert(
      fc.property(opCases.broadcast, ({ operands: [x], attrs: { shape } }) => {
        const source = x as Value
        assertSame(
          evaluate('broadcast', [source], { shape }),
          fromIndices(source.dtype, shape, index => broadcastAt(source, index)),
        )
      }),
    ))

  it('reverse counts from the end, and undoes itself', () =>
    fc.assert(
      fc.property(opCases.reverse, ({ operands: [x], attrs: { axes } }) => {
        const source = x as Value
        const result = evaluate('reverse', [source], { axes })
        const expected = fromIndices(source.dtype, source.shape, index =>
          at(
            source,
            index.map((k, axis) => (axes.includes(axis) ? (source.shape[axis] as number) - 1 - k : k)),
          ),
        )
        assertSame(result, expected)
        assertSame(evaluate('reverse', [result], { axes }), source)
      }),
    ))

  it("slice is JavaScript's slice with a stride, on every axis", () =>
    fc.assert(
      fc.property(opCases.slice, ({ operands: [x], attrs: { begin, end, strides } }) => {
        const source = x as Value
        const picks = source.shape.map((size, axis) =>
          Array.from({ length: size }, (_, k) => k)
            .slice(begin[axis], end[axis] ?? undefined)
            .filter((_, k) => k % (strides[axis] as number) === 0),
        )
        assertSame(
          evaluate('slice', [source], { begin, end, strides }),
          fromIndices(
            source.dtype,
            picks.map(list => list.length),
            index =>
              at(
                source,
                index.map((k, axis) => picks[axis]?.[k] as number),
              ),
          ),
        )
      }),
    ))

  it('slices of a concatenation are its parts', () =>
    fc.assert(
      fc.property(opCases.concat, ({ operands, attrs }) => {
        const whole = evaluate('concat', operands, attrs)
        const axis = (attrs.axis + whole.shape.length) % whole.shape.length
        let start = 0
        for (const part of operands) {
          const stop = start + (part.shape[axis] as number)
          const only = (bound: number, other: number | null) => whole.shape.map((_, k) => (k === axis ? bound : other))
          const cut = { begin: only(start, 0) as number[], end: only(stop, null), strides: whole.shape.map(() => 1) }
          assertSame(evaluate('slice', [whole], cut), part)
          start = stop
        }
        assert.equal(start, whole.shape[axis])
      }),
    ))

  it('pad surrounds its operand with the fill', () =>
    fc.assert(
      fc.property(opCases.pad, ({ operands: [x, fill], attrs: { low, high } }) => {
        const [source, value] = [x as Value, (fill as Value).data[0] as number]
        const shape = source.shape.map((size, axis) => size + (low[axis] as number) + (high[axis] as number))
        const expected = fromIndices(source.dtype, shape, index => {
          const inner = index.map((k, axis) => k - (low[axis] as number))
          return inner.every((k, axis) => k >= 0 && k < (source.shape[axis] as number)) ? at(source, inner) : value
        })
        assertSame(evaluate('pad', [source, fill as Value], { low, high }), expected)
      }),
    ))

  it('gather takes entries, clamping indices', () =>
    fc.assert(
      fc.property(opCases.gather, ({ operands: [x, indices], attrs }) => {
        const [source, picks] = [x as Value, indices as Value]
        const axis = (attrs.axis + source.shape.length) % source.shape.length
        const last = (source.shape[axis] as number) - 1
        const result = evaluate('gather', [source, picks], attrs)
        const rank = picks.shape.length
        const expected = fromIndices(source.dtype, result.shape, index => {
          const pick = at(picks, index.slice(axis, axis + rank))
          return at(source, [...index.slice(0, axis), Math.max(0, Math.min(last, pick)), ...index.slice(axis + rank)])
        })
        assertSame(result, expected)
      }),
    ))

  it('scatter_add is the transpose of gather: ⟨gather(x), u⟩ = ⟨x, scatter_add(0, u)⟩', () =>
    fc.assert(
      fc.property(opCases.scatter_add, fc.infiniteStream(small), ({ operands: [x, indices, updates], attrs }, stream) => {
        const next = () => stream.next().value as number
        const like = (value: Value) => makeValue('float32', value.shape, next)
        const [source, picks, change] = [like(x as Value), indices as Value, like(updates as Value)]
        const inner = (a: Value, b: Value) => Array.from(a.data).reduce((sum, value, k) => sum + value * (b.data[k] as number), 0)
        const zeros = makeValue('float32', source.shape)
        assert.equal(
          inner(evaluate('gather', [source, picks], attrs), change),
          inner(source, evaluate('scatter_add', [zeros, picks, change], attrs)),
        )
        const added = evaluate('scatter_add', [source, picks, change], attrs)
        assertSame(added, evaluate('add', [source, evaluate('scatter_add', [zeros, picks, change], attrs)]))
      }),
    ))

  it('identity attributes move nothing', () =>
    fc.assert(
      fc.property(arbAny, x => {
        const axes = x.shape.map((_, axis) => axis)
        const zeros = x.shape.map(() => 0)
        assertSame(evaluate('transpose', [x], { perm: axes }), x)
        assertSame(evaluate('reverse', [x], { axes: [] }), x)
        assertSame(evaluate('broadcast', [x], { shape: x.shape }), x)
        assertSame(evaluate('slice', [x], { begin: zeros, end: x.shape.map(() => null), strides: x.shape.map(() => 1) }), x)
      }),
    ))
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
