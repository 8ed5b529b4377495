// The type rule of every op, against what evaluation gives, with known and unknown sizes.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Size, TensorType } from '../../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../../lib/ir/vocabulary.js'
import { evaluateOp } from '../../../lib/ops/evaluate.js'
import { inferType } from '../../../lib/ops/infer.js'
import type { Value } from '../../../lib/ops/op.js'
import { caseOf, evaluatedOps } from '../../support/opCases.js'

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
  const needSizes = new Set<OpName>(['batch_norm', 'random_bits', 'random_uniform', 'random_normal', 'dropout', 'constant', 'iota'])
  for (const op of evaluatedOps.filter(name => !needSizes.has(name))) {
    it(`${op}: what the type rule knows of unknown sizes is true`, () =>
      fc.assert(
        fc.property(caseOf(op), fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), ({ operands, attrs }, mask) => {
          const { dtype, shape } = evaluate(op, operands, attrs)
          const inferred = inferWithout(op, operands, attrs, (k, axis) => (mask[k * 4 + axis] ?? false) && !(op === 'conv' && k === 1))
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
