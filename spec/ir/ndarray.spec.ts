// NDArray: nested arrays in and out, its checks, its text.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { allocate, dtypeOf, NDArray, type Nested, ndarray } from '../../lib/ir/ndarray.js'
import { dtypes } from '../../lib/ir/types.js'
import { toNDArray, toValue } from '../../lib/ops/values.js'
import { arbShape, arbValue } from '../support/opCases.js'

describe('ndarray', () => {
  it('reads back as the nested arrays it was made of', () =>
    fc.assert(
      fc.property(fc.constantFrom(...dtypes), arbShape(0, 4), (dtype, shape) => {
        let count = 0
        const nest = (axis: number): Nested => {
          if (axis === shape.length) return dtype === 'bool' ? count++ % 3 === 0 : count++
          return Array.from({ length: shape[axis] as number }, () => nest(axis + 1))
        }
        const values = nest(0)
        const array = ndarray(values, dtype)
        assert.equal(array.dtype, dtype)
        // below an axis of size 0 there is nothing to tell the shape from
        const seen = shape.includes(0) ? shape.slice(0, shape.indexOf(0) + 1) : shape
        assert.deepEqual(array.shape, seen)
        assert.deepEqual(array.toArray(), values)
      }),
    ))

  it('converts numbers to the dtype asked for', () => {
    assert.deepEqual(ndarray([0.1, 2], 'float32').data, Float32Array.of(0.1, 2))
    assert.deepEqual(ndarray([true, 2.9, -1], 'int32').data, Int32Array.of(1, 2, -1))
    assert.deepEqual(ndarray([0, -0, 0.5, NaN, true, false], 'bool').data, Uint8Array.of(0, 0, 1, 1, 1, 0))
    assert.deepEqual(ndarray(5).shape, [])
  })

  it('refuses ragged nesting and what is no number', () => {
    assert.throws(() => ndarray([[1, 2], [3]]), { name: 'ArgumentError', message: /expected 2 entries at depth 1, got an array of 1/ })
    assert.throws(() => ndarray([[1], 2]), /expected 1 entries at depth 1, got 2/)
    assert.throws(() => ndarray([1, [2]]), /expected a number at depth 1, got an array of 1/)
    assert.throws(() => ndarray(JSON.parse('["1"]') as Nested), /expected a number at depth 1, got 1/)
  })
})

describe('NDArray', () => {
  it('checks the number of elements, the sizes and the storage', () => {
    assert.throws(() => new NDArray(Float32Array.of(1, 2, 3), [2, 2]), /needs 4 values, got 3/)
    assert.throws(() => new NDArray(Float32Array.of(1), [-1]), /whole sizes ≥ 0/)
    assert.throws(() => new NDArray(Float32Array.of(1), [0.5]), /whole sizes ≥ 0/)
    assert.throws(() => new NDArray(Float32Array.of(1), [1], 'int32'), /a Float32Array holds float32, got dtype int32/)
  })

  it('keeps the data it is given, but its own shape', () => {
    const [data, shape] = [Float32Array.of(1, 2), [2]]
    const array = new NDArray(data, shape)
    shape[0] = 7
    assert.equal(array.data, data)
    assert.deepEqual(array.shape, [2])
  })

  it('is a value and back', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...dtypes).chain(dtype => arbShape().chain(shape => arbValue(dtype, shape))),
        value => {
          const array = toNDArray(value)
          assert.equal(dtypeOf(array.data), value.dtype)
          assert.deepEqual(Array.from(toNDArray(toValue(array)).data), Array.from(array.data))
          assert.deepEqual(array.shape, value.shape)
        },
      ),
    ))

  it('prints its type and its first values', () => {
    assert.equal(String(ndarray([1.5, -2])), 'float32[2] [1.5, -2]')
    assert.equal(String(ndarray([[1, 2, 3, 4, 5, 6, 7]], 'int32')), 'int32[1,7] [1, 2, 3, 4, 5, 6, …]')
    assert.equal(String(ndarray(0.1)), 'float32[] [0.1]')
  })

  it('allocates zeros of each dtype', () => {
    for (const dtype of dtypes) {
      const data = allocate(dtype, 3)
      assert.equal(dtypeOf(data), dtype)
      assert.deepEqual(Array.from(data), [0, 0, 0])
    }
  })
})
