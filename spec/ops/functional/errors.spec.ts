// What the functional API refuses, and how it says so.

import assert from 'node:assert/strict'
import { ndarray } from '../../../lib/ir/ndarray.js'
import * as K from '../../../lib/ops/functional/index.js'
import { tensor } from '../../support/compute.js'

describe('errors of the functional API', () => {
  const x = () => tensor([2, 3])
  const cases: [string, () => unknown, string, RegExp][] = [
    ['an axis out of range', () => K.sum(x(), 2), 'ShapeError', /sum: axis 2 is out of range for rank 2[\s\S]*axes go from -2 to 1/],
    ['an axis given twice', () => K.mean(x(), [0, -2]), 'ShapeError', /mean: an axis is given twice in \[0, -2\]/],
    ['shapes that do not broadcast', () => K.add(x(), ndarray([1, 2])), 'ShapeError', /add: shapes of .* do not broadcast/],
    ['inner sizes that differ', () => K.matmul(x(), ndarray([1, 2])), 'ShapeError', /matmul needs lhs axis -1 \(3\) to equal/],
    ['a scalar in matmul', () => K.matmul(x(), 2), 'ShapeError', /rank 1 or more[\s\S]*multiply/],
    ['the greatest of nothing', () => K.max(tensor([0, 2]), 0), 'ShapeError', /max over no values/],
    ['float classes', () => K.oneHot(x(), 3), 'DTypeError', /oneHot needs whole indices/],
    ['float indices', () => K.take(x(), 0.5, 0), 'DTypeError', /take needs whole indices/],
    ['squeezing an axis of 2', () => K.squeeze(x(), 0), 'ShapeError', /squeeze: axis 0 has size 2, not 1/],
    ['stacking different ranks', () => K.stack([x(), 1]), 'ShapeError', /stack needs operands of one shape/],
    ['an uneven split', () => K.split(x(), 2, 1), 'ShapeError', /size 3 does not divide into 2/],
    ['an odd glu', () => K.glu(x()), 'ShapeError', /even size along axis 1, got 3/],
    ['a slice beyond the end', () => K.slice(x(), [1, 0], [2, 1]), 'ShapeError', /1 \+ 2 goes beyond axis 0 of size 2/],
    ['a negative pad', () => K.pad(x(), -1), 'ArgumentError', /padWidth -1/],
    ['a mirror that is too long', () => K.pad(x(), 2, 'reflect'), 'ShapeError', /cannot mirror 2 cells of axis 0/],
    ['an unknown mode', () => K.pad(x(), 1, 'wrap' as K.PadMode), 'ArgumentError', /no mode "wrap"/],
    ['a broadcast to −1', () => K.broadcastTo(x(), [-1, 3]), 'ShapeError', /broadcast: .* does not broadcast/],
    ['an endless arange', () => K.arange(0, 1, 0), 'ArgumentError', /cannot count from 0 to 1 by 0/],
    ['unstacking an unknown axis', () => K.unstack(tensor(['batch', 2])), 'ShapeError', /size of axis 0 is unknown/],
    [
      'tensordot of two unknown axes',
      () => K.tensordot(tensor(['a', 'b', 3]), ndarray([1, 2, 3]), 1),
      'ShapeError',
      /more than one of the axes/,
    ],
    ['tensordot of axes that do not pair up', () => K.tensordot(x(), x(), [[0, 1], [0]]), 'ShapeError', /do not pair up/],
    [
      'tensordot over one axis twice',
      () =>
        K.tensordot(x(), x(), [
          [0, 0],
          [0, 1],
        ]),
      'ShapeError',
      /do not pair up/,
    ],
    ['batchFlatten of a scalar', () => K.batchFlatten(tensor([])), 'ShapeError', /needs a batch axis/],
    ['gather from a scalar', () => K.gather(tensor([]), 0), 'ShapeError', /gather: axis 0 is out of range for rank 0/],
    ['batchDot over the batch of one', () => K.batchDot(x(), x(), [1, 0]), 'ShapeError', /batch axis/],
    ['batchDot over the batch', () => K.batchDot(x(), x(), 0), 'ShapeError', /batch axis/],
  ]
  for (const [name, f, error, message] of cases) it(`${name}: ${error}`, () => assert.throws(f, { name: error, message }))
})
