// The masks of a layer: passed on, dropped with a warning, given, and of tensors of other ranks.

import assert from 'node:assert/strict'
import { ShapeError } from '../../lib/ir/errors.js'
import { ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import { clearSession, configure } from '../../lib/layers/settings.js'
import { toValue } from '../../lib/ops/values.js'
import { applyTo, runLayer } from '../support/runLayer.js'

describe('a layer', () => {
  beforeEach(clearSession)

  describe('masks', () => {
    const masked = (...shape: number[]) => layers.masking().apply(input({ shape }))

    it('pass, end with one warning per call, or are given', () => {
      const warnings: string[] = []
      const before = configure({ warn: message => warnings.push(message) })
      const [dense, flatten] = [layers.dense({ units: 2 }), layers.flatten({ name: 'flat' })]
      const x = masked(4, 3)
      assert.deepEqual(dense.apply(x).mask?.shape, [null, 4])
      assert.equal(flatten.apply(x).mask, null)
      flatten.apply(x)
      assert.equal(warnings.length, 2)
      assert.ok(warnings[0]?.includes('"flat"'))
      assert.deepEqual(
        flatten.calls.map(call => call.dropsMask),
        [true, true],
      )
      assert.equal(dense.apply(x, { mask: null }).mask, null)
      assert.deepEqual(dense.apply(input({ shape: [4, 3] }), { mask: x.mask }).mask?.shape, [null, 4])
      assert.deepEqual(
        dense.calls.map(call => call.masksGiven),
        [false, true, true],
      )
      assert.equal(flatten.apply(x, { mask: null }).mask, null)
      assert.equal(warnings.length, 2)
      configure(before)
    })

    it('of another dtype are true where they are not 0', () => {
      const layer = layers.dense({ units: 1, useBias: false })
      const mask = input({ shape: [2], dtype: 'int32' })
      assert.equal(layer.apply(input({ shape: [2, 1] }), { mask }).mask?.dtype, 'bool')
    })

    it('of merged tensors of other ranks fit by rank or are refused', () => {
      const product = layers.multiply()
      applyTo(product, [{ shape: [null, 2, 2], maskShape: [null, 2] }, { shape: [null, 2] }])
      const values = [
        ndarray([
          [
            [2, 3],
            [4, 5],
          ],
        ]),
        ndarray([[10, 100]]),
      ].map(toValue)
      const { y0, mask0 } = runLayer(product, values, [toValue(ndarray([[true, false]], 'bool')), null]).outputs
      assert.deepEqual([...(y0?.data ?? [])], [20, 300, 10, 100])
      assert.equal(mask0, undefined)
      const raised = layers.multiply()
      applyTo(raised, [{ shape: [null, 2, 2] }, { shape: [null, 2], maskShape: [null] }])
      const kept = runLayer(raised, values, [null, toValue(ndarray([false], 'bool'))]).outputs
      assert.deepEqual([...(kept.y0?.data ?? [])], [20, 300, 40, 500], 'a tensor that is given another axis loses its mask')
      assert.throws(
        () => layers.concatenate({ axis: 0 }).apply([masked(4, 3), input({ shape: [4, 3] })], { mask: [input({ shape: [] }), null] }),
        ShapeError,
      )
      assert.throws(() => layers.multiply().apply([masked(4, 3), masked(4, 3)], { mask: [input({ shape: [] }), null] }), ShapeError)
      assert.throws(() => layers.softmax().apply(masked(3, 3)), ShapeError)
    })
  })
})
