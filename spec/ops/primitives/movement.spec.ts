// Data movement against its definitions by index.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Size, TensorType } from '../../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../../lib/ir/vocabulary.js'
import { evaluateOp } from '../../../lib/ops/evaluate.js'
import { inferType } from '../../../lib/ops/infer.js'
import type { Value } from '../../../lib/ops/op.js'
import { makeValue } from '../../../lib/ops/values.js'
import { assertSame, at, broadcastAt, fromIndices } from '../../support/naive.js'
import { arbShape, arbValue, opCases } from '../../support/opCases.js'

const small = fc.integer({ min: -8, max: 8 })
const evaluate = (op: OpName, operands: readonly Value[], attrs: OpAttrs[OpName] = {}) => evaluateOp(op, operands, attrs)

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

  it('reshape infers −1, unknown and empty sizes cancelling', () => {
    const infer = (shape: Size[], target: Size[]) =>
      (inferType({ id: 'r', op: 'reshape', attrs: { shape: target } }, [{ dtype: 'float32', shape }]) as TensorType).shape
    assert.deepEqual(infer(['batch', 2, 3], ['batch', -1]), ['batch', 6])
    assert.deepEqual(infer(['batch', 2, 3], [-1, 6]), ['r:0', 6])
    assert.deepEqual(infer(['batch', 2, 3], [-1, 3]), ['r:0', 3])
    assert.deepEqual(infer(['a', 'b'], [-1]), ['r:0'])
    assert.deepEqual(infer(['a', 'b', 4], ['a', 4, -1]), ['a', 4, 'r:2'])
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
