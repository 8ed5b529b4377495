// Properties of every composite: its decomposition has its type; stable at the edges; right where mathematics says so.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Size, TensorType } from '../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import { definitionOf } from '../../lib/ops/definitions.js'
import { evaluateOp, type Precision } from '../../lib/ops/evaluate.js'
import { inferType } from '../../lib/ops/infer.js'
import type { Emitter, Value } from '../../lib/ops/op.js'
import { erf, normalCdf } from '../../lib/ops/scalar.js'
import { isComposite } from '../../lib/ops/table.js'
import { makeValue } from '../../lib/ops/values.js'
import { assertSame, indicesOf } from '../support/naive.js'
import { arbShape, arbValue, caseOf, evaluatedOps } from '../support/opCases.js'

/** Emits types only: what a decomposition would build. */
const typeEmitter: Emitter<TensorType> = {
  emit: (op, operands, attrs) => inferType({ id: op, op, attrs }, operands) as TensorType,
  typeOf: type => type,
}

function decomposedType(op: OpName, types: readonly TensorType[], attrs: OpAttrs[OpName]): TensorType {
  const definition = definitionOf(op)
  if (!('decompose' in definition)) throw new Error(`${op} is no composite`)
  return definition.decompose(typeEmitter, types, attrs)
}

const vector = (...values: number[]): Value => makeValue('float32', [values.length], k => Math.fround(values[k] as number))
const apply = (op: OpName, x: Value, attrs: OpAttrs[OpName] = {}, precision: Precision = 'float32') => evaluateOp(op, [x], attrs, precision)
const list = ({ data }: Value) => Array.from(data)
const axis0 = { axes: [0], keepdims: false }

/** Their key has a known size. */
const drawn: ReadonlySet<OpName> = new Set<OpName>(['dropout', 'random_uniform', 'random_normal'])

describe('every composite', () => {
  for (const op of evaluatedOps.filter(isComposite)) {
    it(`${op} decomposes into its own type, with unknown sizes too`, () =>
      fc.assert(
        fc.property(caseOf(op), fc.boolean(), ({ operands, attrs }, unknown) => {
          // the leading size is unknown, as a batch is; a vector's own size must be known
          const hide = unknown && (op !== 'batch_norm' || (operands[0] as Value).shape.length > 1) && !drawn.has(op)
          const types = operands.map(({ dtype, shape }, k) => ({
            dtype,
            shape: shape.map((size, axis): Size => (hide && k === 0 && axis === 0 ? 'batch' : size)),
          }))
          const batched = hide && op === 'batch_norm' && (attrs as OpAttrs['batch_norm']).axis % (operands[0] as Value).shape.length === 0
          if (batched) return
          assert.deepEqual(decomposedType(op, types, attrs), inferType({ id: op, op, attrs }, types))
        }),
      ))
  }
})

describe('activations at the edges', () => {
  const same = (op: OpName, xs: number[], wanted: number[], attrs: OpAttrs[OpName] = {}) =>
    assertSame(apply(op, vector(...xs), attrs), vector(...wanted))

  it('softplus neither overflows nor loses its tail', () => {
    same('softplus', [1000, -1000, Infinity, -Infinity, NaN], [1000, 0, Infinity, 0, NaN])
    assert.ok(Math.abs((apply('softplus', vector(-20)).data[0] as number) / Math.exp(-20) - 1) < 1e-6)
  })
  it('sigmoid saturates', () => same('sigmoid', [1000, -1000, Infinity, -Infinity], [1, 0, 1, 0]))
  it('elu and selu do not overflow on the side they do not take', () => {
    same('elu', [1000, -1000], [1000, -1], { alpha: 1 })
    assert.ok(list(apply('selu', vector(1000, -1000))).every(Number.isFinite))
  })
  it('gelu is x at the right and 0 at the left', () => {
    for (const approximate of [true, false]) same('gelu', [100, -100, 1e10], [100, 0, 1e10], { approximate })
  })
  it('the exact gelu keeps its left tail, as Keras does', () => {
    // Source: keras.activations.gelu of Keras 3.15.1 on JAX, which rounds x / √2 before it takes erfc
    const keras = [
      [-1, -0.15865527093410492],
      [-3, -0.0040496960282325745],
      [-5, -1.4332579212350538e-6],
      [-5.5, -1.044426980456592e-7],
      [-5.536700248718262, -8.53273220968731e-8],
      [-8, -4.976777233459953e-15],
      [-12, -2.1317951516675062e-32],
      [-13, -7.95237495075658e-38],
    ] as const
    for (const precision of ['float32', 'float64'] as const) {
      for (const [x, wanted] of keras) {
        const found = apply('gelu', vector(x), { approximate: false }, precision).data[0] as number
        assert.ok(Math.abs(found / wanted - 1) < 2e-5, `gelu(${x}) = ${found}, ${wanted} in Keras`)
      }
    }
  })
  it('relu, relu6 and clip let NaN through', () => {
    same('relu', [NaN, -1, 2], [NaN, 0, 2])
    same('relu6', [NaN, -1, 7], [NaN, 0, 6])
    same('clip', [NaN, -5, 5], [NaN, -1, 1], { min: -1, max: 1 })
  })
  it('mish and silu vanish at the left', () => {
    same('mish', [-1000, 1000], [0, 1000])
    same('silu', [-1000, 1000], [0, 1000])
  })
  it('softsign and hard_sigmoid are bounded', () => {
    same('softsign', [1e30, -1e30, 0], [1, -1, 0])
    same('hard_sigmoid', [3, -3, 100, -100, 0], [1, 0, 1, 0, 0.5])
  })
})

describe('softmax and its kin', () => {
  const arbRow = fc.array(
    fc.integer({ min: -4000, max: 4000 }).map(n => n / 4),
    { minLength: 1, maxLength: 6 },
  )

  it('softmax sums to 1 and does not move with its operand', () =>
    fc.assert(
      fc.property(arbRow, fc.integer({ min: -1000, max: 1000 }), (row, shift) => {
        const result = apply('softmax', vector(...row), { axis: 0 }, 'float64')
        assert.ok(Math.abs(list(result).reduce((a, b) => a + b, 0) - 1) < 1e-12)
        const moved = apply('softmax', vector(...row.map(x => x + shift)), { axis: 0 }, 'float64')
        for (const [k, value] of list(moved).entries()) assert.ok(Math.abs(value - (result.data[k] as number)) < 1e-9)
      }),
    ))

  it('softmax of huge and of equal values is finite', () => {
    assert.deepEqual(list(apply('softmax', vector(3e38, 3e38), { axis: 0 })), [0.5, 0.5])
    assert.deepEqual(list(apply('softmax', vector(1000, 0), { axis: 0 })), [1, 0])
    assert.deepEqual(list(apply('softmax', vector(-Infinity, 0), { axis: 0 })), [0, 1])
  })

  it('log_softmax is the log of softmax where that is not 0, and x − logsumexp', () =>
    fc.assert(
      fc.property(arbRow, row => {
        const x = vector(...row)
        const logs = list(apply('log_softmax', x, { axis: 0 }, 'float64'))
        const total = apply('logsumexp', x, axis0, 'float64').data[0] as number
        for (const [k, value] of logs.entries()) assert.ok(Math.abs(value - ((row[k] as number) - total)) < 1e-9)
        assert.ok(logs.every(Number.isFinite))
      }),
    ))

  it('softmax along an axis is softmax of each line', () =>
    fc.assert(
      fc.property(
        arbShape(2, 2, 1).chain(shape => arbValue('float32', shape, fc.integer({ min: -4, max: 4 }))),
        x => {
          const [rows, columns] = x.shape as [number, number]
          const result = apply('softmax', x, { axis: -1 }, 'float64')
          for (let row = 0; row < rows; row++) {
            const line = vector(...list(x).slice(row * columns, (row + 1) * columns))
            assert.deepEqual(list(result).slice(row * columns, (row + 1) * columns), list(apply('softmax', line, { axis: 0 }, 'float64')))
          }
        },
      ),
    ))

  it('logsumexp of infinities is theirs', () => {
    const total = (...xs: number[]) => apply('logsumexp', vector(...xs), axis0).data[0]
    assert.equal(total(-Infinity, -Infinity), -Infinity)
    assert.equal(total(Infinity, 1), Infinity)
    assert.equal(total(Infinity, -Infinity), Infinity)
    assert.equal(total(NaN, 1), NaN)
    assert.equal(total(), -Infinity)
  })
})

describe('other composites', () => {
  it('l2_normalize has norm 1, or 0 for zeros', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 6 }), row => {
        const result = list(apply('l2_normalize', vector(...row), { axis: 0, epsilon: 1e-12 }, 'float64'))
        const norm = Math.sqrt(result.reduce((sum, x) => sum + x * x, 0))
        assert.ok(Math.abs(norm - (row.some(x => x !== 0) ? 1 : 0)) < 1e-12)
      }),
    ))

  it('reduce_mean of nothing is NaN, of integers exact', () => {
    assert.deepEqual(list(apply('reduce_mean', vector(), axis0)), [NaN])
    assert.deepEqual(list(apply('reduce_mean', vector(1, 2, 6), axis0)), [3])
  })

  it('one_hot is 1 at the class and 0 elsewhere, for classes in range', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -2, max: 6 }), { maxLength: 5 }), fc.integer({ min: 0, max: 5 }), (classes, depth) => {
        const x = makeValue('int32', [classes.length], k => classes[k] as number)
        const hot = evaluateOp('one_hot', [x], { depth, dtype: 'float32' })
        const expected = indicesOf([classes.length, depth]).map(([row, k]) => (classes[row as number] === k ? 1 : 0))
        assert.deepEqual(list(hot), expected)
      }),
    ))

  it('batch_norm with the moments of its operand gives mean beta and deviation gamma', () => {
    const x = makeValue('float32', [4, 2], k => [1, 10, 2, 20, 3, 30, 4, 40][k] as number)
    const [gamma, beta, mean, variance] = [vector(2, 3), vector(5, 7), vector(2.5, 25), vector(1.25, 125)]
    const result = evaluateOp('batch_norm', [x, gamma, beta, mean, variance], { axis: 1, epsilon: 0 })
    for (const [column, center, spread] of [
      [0, 5, 2],
      [1, 7, 3],
    ] as const) {
      const values = [0, 1, 2, 3].map(row => result.data[row * 2 + column] as number)
      const average = values.reduce((a, b) => a + b) / 4
      assert.ok(Math.abs(average - center) < 1e-12)
      assert.ok(Math.abs(Math.sqrt(values.reduce((sum, v) => sum + (v - average) ** 2, 0) / 4) - spread) < 1e-12)
    }
  })
})

describe('erf', () => {
  // Source: Python 3.11 math.erf.
  const table = [
    [0, 0],
    [1e-300, 1.1283791670955126e-300],
    [1e-10, 1.1283791670955126e-10],
    [0.001, 0.0011283787909692365],
    [0.1, 0.1124629160182849],
    [0.25, 0.2763263901682369],
    [0.5, 0.5204998778130465],
    [0.75, 0.7111556336535151],
    [1, 0.8427007929497149],
    [1.25, 0.9229001282564582],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [2.9, 0.9999589021219005],
    [2.999999, 0.999977909363748],
    [3, 0.9999779095030014],
    [3.000001, 0.9999779096422541],
    [3.5, 0.9999992569016276],
    [4, 0.9999999845827421],
    [5, 0.9999999999984626],
    [5.9, 0.9999999999999999],
    [6, 1],
    [20, 1],
  ] as const

  it('agrees with libm to 8 units in the last place, and is odd', () => {
    for (const [x, wanted] of table) {
      assert.ok(Math.abs(erf(x) - wanted) <= 8 * 2 ** -52 * wanted, `erf(${x}) = ${erf(x)}`)
      assert.equal(erf(-x), -erf(x))
    }
  })

  it('keeps NaN and the sign of zero, and ends at ±1', () => {
    assert.deepEqual([NaN, -0, Infinity, -Infinity].map(erf), [NaN, -0, 1, -1])
  })

  it('never falls', () =>
    fc.assert(
      fc.property(fc.double({ min: -7, max: 7, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (x, d) =>
        assert.ok(erf(x + d) >= erf(x) - 2 ** -52),
      ),
    ))
})

describe('normalCdf', () => {
  // Source: Python 3.11, math.erfc(−x / √2) / 2.
  const table = [
    [-14, 7.793536819192799e-45],
    [-8, 6.220960574271819e-16],
    [-5, 2.866515718791946e-7],
    [-3, 0.0013498980316300957],
    [-2.83, 0.0023274002067315545],
    [-2.82, 0.0024011824741892547],
    [-2, 0.02275013194817922],
    [-1, 0.15865525393145707],
    [-0.1, 0.460172162722971],
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [1, 0.8413447460685429],
    [2, 0.9772498680518208],
    [3, 0.9986501019683699],
    [5, 0.9999997133484281],
    [9, 1.0],
  ] as const

  it('agrees with libm to 1e-12 of its value, also where that is tiny', () => {
    for (const [x, wanted] of table) assert.ok(Math.abs(normalCdf(x) / wanted - 1) < 1e-12, `normalCdf(${x}) = ${normalCdf(x)}`)
    assert.deepEqual([NaN, -0, Infinity, -Infinity].map(normalCdf), [NaN, 0.5, 1, 0])
  })
})
