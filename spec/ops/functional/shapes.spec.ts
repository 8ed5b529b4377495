// The functional API on unknown sizes, and what it does to shapes: reshape, indexing.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ndarray } from '../../../lib/ir/ndarray.js'
import type { Shape } from '../../../lib/ir/types.js'
import type { TracedTensor } from '../../../lib/ops/builder.js'
import * as K from '../../../lib/ops/functional/index.js'
import { makeValue } from '../../../lib/ops/values.js'
import { compute, matrix, tensor } from '../../support/compute.js'
import { assertSame } from '../../support/naive.js'

describe('unknown sizes', () => {
  const batched = (f: (x: TracedTensor) => TracedTensor) => compute([matrix], f, [['batch', 3]], { batch: 2 })
  const functions: Record<string, (x: TracedTensor) => TracedTensor> = {
    'mean over the batch': x => K.mean(x, 0),
    'var over everything': x => K.variance(x),
    'argmax of everything': x => K.argmax(x, { keepdims: true }),
    'take from the end': x => K.take(x, K.argmin(x, 1), 0),
    'take negative': x => K.take(x, K.negative(K.argmax(x, 1)), 0),
    flip: x => K.flip(x, 0),
    repeat: x => K.repeat(x, 3, 0),
    'repeat all': x => K.repeat(x, 2),
    tile: x => K.tile(x, [2, 2]),
    'getItem of an entry': x => K.getItem(x, -1),
    'getItem backwards': x => K.getItem(x, { step: -1 }),
    'slice to the end': x => K.slice(x, [1, 0], [-1, 2]),
    stack: x => K.stack([x, x], 1),
    concatenate: x => K.concatenate([x, x]),
    'pad mirrored': x =>
      K.pad(
        x,
        [
          [1, 1],
          [0, 2],
        ],
        'reflect',
      ),
    squeeze: x => K.squeeze(K.expandDims(x, [0, -1])),
    'squeeze of an unknown axis': x => K.squeeze(K.getItem(x, { start: 1 }), 0),
    batchFlatten: x => K.batchFlatten(K.expandDims(x, 1)),
    repeatVector: x => K.repeatVector(x, 2),
    reshape: x => K.reshape(x, [null, 1, 3]),
    'reshape by shape()': x => K.reshape(x, [K.shape(x)[0] as string, 3, 1]),
    broadcastTo: x => K.broadcastTo(K.expandDims(x, 1), [K.shape(x)[0] as string, 2, 3]),
    onesLike: x => K.onesLike(x),
    fullLike: x => K.fullLike(x, K.max(x)),
    tensordot: x => K.tensordot(x, K.transpose(x), 1),
    'dot of ranks 3 and 2': x =>
      K.dot(
        K.expandDims(x, 1),
        ndarray([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      ),
    batchDot: x => K.batchDot(x, x, 1),
    'batchDot of rank 3': x => K.batchDot(K.expandDims(x, 1), K.expandDims(x, 2)),
    sparsemax: x => K.sparsemax(x, 0),
    l2Normalize: x => K.l2Normalize(x, 1),
    oneHot: x => K.oneHot(K.argmax(x, 1), 3),
    gather: x => K.gather(x, K.argmax(x, 1)),
  }
  for (const [name, f] of Object.entries(functions)) {
    it(`${name}: the same as with known ones`, () => assertSame(batched(f), compute([matrix], f)))
  }
})

describe('reshape', () => {
  it('knows a lone unknown size again in place of −1', () => {
    const reshaped = (shape: Shape, target: Shape) => K.reshape(tensor(shape), target).type.shape
    assert.deepEqual(reshaped(['batch', 2, 3], [-1, 6]), ['batch', 6])
    assert.deepEqual(reshaped(['batch', 6], [3, -1, 2]), [3, 'batch', 2])
    assert.deepEqual(reshaped(['a', 'b', 4], ['a', 4, -1]), ['a', 4, 'b'])
    assert.deepEqual(reshaped(['batch', 2, 3], [-1, 3]), ['reshape:0', 3])
    assert.deepEqual(reshaped(['a', 'b'], [-1]), ['reshape:0'])
    assert.deepEqual(reshaped(['a', 0], [-1, 0]), ['reshape:0', 0])
    assert.deepEqual(reshaped(['a', 4], ['b', -1]), ['b', 'reshape:1'])
    assert.deepEqual(reshaped([2, 3], [-1]), [6])
    assert.throws(() => reshaped(['batch', 1], [-1, -1]), { name: 'ShapeError', message: /at most one -1/ })
  })
})

describe('getItem', () => {
  it("is JavaScript's slice on one axis, backwards too", () => {
    const bound = fc.option(fc.integer({ min: -7, max: 7 }))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), bound, bound, fc.integer({ min: 1, max: 3 }), (size, start, stop, step) => {
        const list = Array.from({ length: size }, (_, k) => k)
        const x = makeValue('float32', [size], k => k)
        const forward = list.slice(start ?? 0, stop ?? undefined).filter((_, k) => k % step === 0)
        assert.deepEqual(Array.from(compute([x], a => K.getItem(a, { start, stop, step })).data), forward)
        // Python's a[i:j:-s] walks down from i while above j
        const clip = (bound: number, low: number) => Math.max(low, Math.min(size - 1, bound < 0 ? bound + size : bound))
        const [from, to] = [start === null ? size - 1 : clip(start, -1), stop === null ? -1 : clip(stop, -1)]
        const backward: number[] = []
        for (let k = from; k > to; k -= step) backward.push(k)
        assert.deepEqual(Array.from(compute([x], a => K.getItem(a, { start, stop, step: -step })).data), backward)
      }),
    )
  })

  it('refuses what is out of range', () => {
    assert.throws(() => K.getItem(tensor(), 2), { name: 'ShapeError', message: /no entry 2 along axis 0 of size 2/ })
    assert.throws(() => K.getItem(tensor(), [0, 0, 0]), /3 indices for a tensor of rank 2/)
    assert.throws(() => K.getItem(tensor(), ['...', '...']), { name: 'ArgumentError', message: /may stand once/ })
    assert.throws(() => K.getItem(tensor(), { step: 0 }), /is no range/)
  })
})
