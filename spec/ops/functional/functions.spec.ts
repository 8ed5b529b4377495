// Functions of the functional API that have no golden case, and the backend settings.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type NDArray, ndarray } from '../../../lib/ir/ndarray.js'
import type { TracedTensor } from '../../../lib/ops/builder.js'
import * as K from '../../../lib/ops/functional/index.js'
import { unitNormalize } from '../../../lib/ops/functional/standardisation.js'
import { makeValue, toValue } from '../../../lib/ops/values.js'
import { compute, matrix, tensor } from '../../support/compute.js'
import { assertSame } from '../../support/naive.js'
import { arbShape, arbValue } from '../../support/opCases.js'

const value = (array: NDArray) => toValue(array)

describe('functions without a golden case', () => {
  it('sparsemax lies on the simplex, nearest to its operand', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 6 }), row => {
        const x = makeValue('float32', [row.length], k => (row[k] as number) / 8)
        const y = Array.from(compute([x], a => K.sparsemax(a)).data)
        assert.ok(y.every(p => p >= 0) && Math.abs(y.reduce((a, b) => a + b) - 1) < 1e-9)
        // optimality: x − y is one number τ on the support, and not above it elsewhere
        const gaps = y.map((p, k) => (x.data[k] as number) - p)
        const tau = Math.max(...gaps)
        y.forEach((p, k) => {
          if (p > 1e-9) assert.ok(Math.abs((gaps[k] as number) - tau) < 1e-9)
        })
      }),
    ))

  it('batchDot sums over one axis of each, entry by entry', () =>
    fc.assert(
      fc.property(
        fc
          .constantFrom(1, 2)
          .chain(axis =>
            fc
              .tuple(fc.constant(axis), arbShape(3, 3, 1))
              .chain(([k, shape]) => fc.tuple(fc.constant(k), arbValue('float32', shape, fc.integer({ min: -3, max: 3 })))),
          ),
        ([axis, x]) => {
          const [batch, rows, columns] = x.shape as [number, number, number]
          const result = compute([x, x], (a, b) => K.batchDot(a, b, axis))
          const free = axis === 1 ? columns : rows
          assert.deepEqual(result.shape, [batch, free, free])
          const each = (b: number, i: number, k: number) =>
            x.data[(b * rows + (axis === 1 ? k : i)) * columns + (axis === 1 ? i : k)] as number
          for (let b = 0; b < batch; b++)
            for (let i = 0; i < free; i++)
              for (let j = 0; j < free; j++) {
                let sum = 0
                for (let k = 0; k < (axis === 1 ? rows : columns); k++) sum += each(b, i, k) * each(b, j, k)
                assert.equal((result.data[(b * free + i) * free + j] as number) + 0, sum + 0)
              }
        },
      ),
    ))

  it("batchDot of matrices keeps an axis of 1, as Keras 2's", () => {
    assertSame(
      compute([matrix], x => K.batchDot(x, x, 1)),
      value(ndarray([[14], [77]])),
    )
  })

  it("l2Normalize is Keras 2's: x · rsqrt(max(Σ x², 1e-12))", () => {
    const x = value(
      ndarray([
        [3, 4],
        [0, 0],
      ]),
    )
    assertSame(
      compute([x], a => K.l2Normalize(a, 1)),
      { ...x, data: Float64Array.of(3 * (1 / 5), 4 * (1 / 5), 0, 0) },
    )
    assertSame(
      compute([x], a => K.l2Normalize(a)),
      { ...x, data: Float64Array.of(3 * (1 / 5), 4 * (1 / 5), 0, 0) },
    )
  })

  it('normalize divides by the norm, which counts as epsilon at least; over one axis unitNormalize does the same', () => {
    const ways = [
      (x: TracedTensor, epsilon: number) => K.normalize(x, { axis: [1, 2], epsilon }),
      (x: TracedTensor, epsilon: number) => K.normalize(x, { axis: -1, epsilon }),
      (x: TracedTensor, epsilon: number) => unitNormalize(x, -1, epsilon),
    ]
    for (const epsilon of [1e-12, 1e-3])
      for (const scale of [1, 1e-2, 1e-8, 1e-14, 0]) {
        const rows = [3, 4].map(entry => [entry * scale, -scale])
        const expected = rows.flatMap(row => row.map(entry => entry / Math.max(Math.hypot(...row), epsilon)))
        for (const way of ways) {
          const { data } = compute([value(ndarray(rows.map(row => [row])))], x => way(x, epsilon))
          for (const [k, entry] of expected.entries())
            assert.ok(Math.abs((data[k] as number) - entry) <= 1e-6 * Math.abs(entry), `${epsilon} ${scale}: ${data[k]} for ${entry}`)
        }
      }
  })

  it('repeatVector, batchFlatten and permuteDimensions are those of Keras 2', () => {
    assertSame(
      compute([matrix], x => K.repeatVector(x, 2)),
      value(
        ndarray([
          [
            [1, 2, 3],
            [1, 2, 3],
          ],
          [
            [4, 5, 6],
            [4, 5, 6],
          ],
        ]),
      ),
    )
    assert.deepEqual(K.batchFlatten(tensor(['batch', 2, 3])).type.shape, ['batch', 6])
    assert.deepEqual(K.batchFlatten(tensor(['batch'])).type.shape, ['batch', 1])
    assert.deepEqual(K.batchFlatten(tensor(['batch', 't', 4])).type.shape, ['batch', 'reshape:1'])
    assert.deepEqual(K.permuteDimensions(tensor(['batch', 2, 3]), [0, 2, 1]).type.shape, ['batch', 3, 2])
  })

  it('mirrors on one side only', () => {
    const line = value(ndarray([1, 2, 3]))
    assertSame(
      compute([line], x => K.pad(x, [0, 1], 'reflect')),
      value(ndarray([1, 2, 3, 2])),
    )
    assertSame(
      compute([line], x => K.pad(x, [1, 0], 'symmetric')),
      value(ndarray([1, 1, 2, 3])),
    )
  })

  it('l2Normalize over everything keeps the rank of a scalar', () => {
    assertSame(
      compute([value(ndarray(4))], x => K.l2Normalize(x)),
      value(ndarray(1)),
    )
  })

  it('gather takes entries of a vector', () => {
    assertSame(
      compute([value(ndarray([5, 6]))], x => K.gather(x, 1)),
      value(ndarray(6)),
    )
  })

  it('gather clamps, take counts from the end', () => {
    const rows = ndarray([-1, 5], 'int32')
    assertSame(
      compute([matrix], x => K.gather(x, rows)),
      value(
        ndarray([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ),
    )
    assertSame(
      compute([matrix], x => K.take(x, ndarray([-1, -2], 'int32'), 0)),
      value(
        ndarray([
          [4, 5, 6],
          [1, 2, 3],
        ]),
      ),
    )
  })

  it('shape, intShape and ndim need no graph', () => {
    const x = tensor(['batch', 3])
    assert.deepEqual([K.shape(x), K.intShape(x), K.ndim(x)], [['batch', 3], [null, 3], 2])
  })

  it('clip takes open ends and tensors', () => {
    assertSame(
      compute([matrix], x => K.clip(x, null, 4)),
      value(
        ndarray([
          [1, 2, 3],
          [4, 4, 4],
        ]),
      ),
    )
    assertSame(
      compute([matrix], x => K.clip(x, K.min(x, 1, true), 2.5)),
      value(
        ndarray([
          [1, 2, 2.5],
          [2.5, 2.5, 2.5],
        ]),
      ),
    )
  })

  it('pad takes one pair for all axes, in a list or not', () => {
    const padded = value(
      ndarray([
        [0, 0, 0, 0],
        [0, 1, 2, 3],
        [0, 4, 5, 6],
      ]),
    )
    assertSame(
      compute([matrix], x => K.pad(x, [1, 0])),
      padded,
    )
    assertSame(
      compute([matrix], x => K.pad(x, [[1, 0]])),
      padded,
    )
    assert.throws(
      () =>
        K.pad(tensor([1, 2, 3]), [
          [1, 0],
          [0, 1],
        ] as const),
      { name: 'ArgumentError', message: /for each of 3 axes/ },
    )
  })

  it('isinf finds both infinities', () => {
    assertSame(compute([value(ndarray([1, Infinity, -Infinity, NaN]))], K.isinf), value(ndarray([0, 1, 1, 0], 'bool')))
  })
})

describe('backend settings', () => {
  afterEach(() => K.resetBackend())

  it('start as Keras has them', () => assert.deepEqual([K.epsilon(), K.floatx(), K.imageDataFormat()], [1e-7, 'float32', 'channels_last']))

  it('can be set, within what there is', () => {
    K.setEpsilon(1e-3)
    K.setImageDataFormat('channels_first')
    K.setFloatx('float32')
    assert.deepEqual([K.epsilon(), K.imageDataFormat()], [1e-3, 'channels_first'])
    for (const f of [() => K.setEpsilon(0), () => K.setFloatx('float16'), () => K.setImageDataFormat('NHWC' as K.DataFormat)])
      assert.throws(f, { name: 'ArgumentError' })
  })

  it('epsilon is the default floor of normalize', () => {
    K.setEpsilon(10)
    assertSame(
      compute([value(ndarray([3, 4]))], x => K.normalize(x)),
      { dtype: 'float32', shape: [2], data: Float64Array.of(3 * (1 / 10), 4 * (1 / 10)) },
    )
  })
})
