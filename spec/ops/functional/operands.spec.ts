// Operands of the functional API: promotion, numbers and arrays beside tensors, options by position and by name.

import assert from 'node:assert/strict'
import { type NDArray, ndarray } from '../../../lib/ir/ndarray.js'
import type { DType } from '../../../lib/ir/types.js'
import { GraphBuilder, type TracedTensor } from '../../../lib/ops/builder.js'
import * as K from '../../../lib/ops/functional/index.js'
import { SymbolicTensor } from '../../../lib/ops/symbolic.js'
import { toValue } from '../../../lib/ops/values.js'
import { compute, matrix, tensor } from '../../support/compute.js'
import { assertSame } from '../../support/naive.js'

const value = (array: NDArray) => toValue(array)

describe('promotion', () => {
  // Source: keras.backend.result_type of Keras 3.15.1 on JAX; a JavaScript number is Python's int if whole, else float.
  const operands: Record<string, (builder: GraphBuilder) => K.Operand> = {
    bool: builder => builder.constant([1], { dtype: 'bool', shape: [] }),
    int32: builder => builder.constant([1], { dtype: 'int32', shape: [] }),
    float32: builder => builder.constant([1], { dtype: 'float32', shape: [] }),
    true: () => true,
    '2': () => 2,
    '0.5': () => 0.5,
    NaN: () => Number.NaN,
    '3e9': () => 3e9,
    'NDArray int32': () => ndarray([1, 2], 'int32'),
    'NDArray float32': () => ndarray([1, 2]),
  }
  const table: Record<string, Record<string, DType>> = {
    bool: { bool: 'bool', int32: 'int32', float32: 'float32', true: 'bool', 2: 'int32', 0.5: 'float32', NaN: 'float32', '3e9': 'float32' },
    int32: { int32: 'int32', float32: 'float32', true: 'int32', 2: 'int32', 0.5: 'float32', '3e9': 'float32', 'NDArray int32': 'int32' },
    float32: {
      float32: 'float32',
      true: 'float32',
      2: 'float32',
      0.5: 'float32',
      'NDArray int32': 'float32',
      'NDArray float32': 'float32',
    },
  }
  for (const [left, row] of Object.entries(table)) {
    for (const [right, wanted] of Object.entries(row)) {
      it(`${left} with ${right} is ${wanted}, either way round`, () => {
        const builder = new GraphBuilder('test')
        const [a, b] = [operands[left], operands[right]].map(make => make?.(builder)) as [K.Operand, K.Operand]
        assert.equal(K.maximum(a, b).dtype, wanted)
        assert.equal(K.maximum(b, a).dtype, wanted)
      })
    }
  }

  it('of bools: logic where there is any, numbers where not, and a refusal where neither makes sense', () => {
    const builder = new GraphBuilder('test')
    const [a, b] = [0, 1].map(k => builder.input(`x${k}`, { dtype: 'bool', shape: [2] })) as [TracedTensor, TracedTensor]
    assert.deepEqual(
      [K.add(a, b), K.multiply(a, b), K.divide(a, b), K.floorDivide(a, b), K.mod(a, b), K.power(a, b), K.square(a), K.sum(a), K.abs(a)].map(
        y => y.dtype,
      ),
      ['bool', 'bool', 'float32', 'int32', 'int32', 'int32', 'int32', 'int32', 'bool'],
    )
    for (const f of [() => K.subtract(a, b), () => K.negative(a), () => K.sign(a)])
      assert.throws(f, { name: 'DTypeError', message: /no meaning for bool/ })
  })

  it('makes floats of integers where only floats have a meaning', () => {
    const x = tensor([4], 'int32')
    for (const f of [K.exp, K.sqrt, K.sigmoid, K.mean, K.std, K.softmax, K.floor, K.gelu, K.reciprocal]) assert.equal(f(x).dtype, 'float32')
    for (const f of [K.relu, K.square, K.sum, K.max, K.round, K.hardTanh, K.negative]) assert.equal(f(x).dtype, 'int32')
  })
})

describe('operands', () => {
  it('may be numbers, booleans and NDArrays beside a tensor, on either side', () => {
    assertSame(
      compute([matrix], x => K.subtract(1, K.add(x, ndarray([10, 20, 30])))),
      value(
        ndarray([
          [-10, -21, -32],
          [-13, -24, -35],
        ]),
      ),
    )
    assertSame(
      compute([matrix], x => K.where(K.greater(x, 2), true, false)),
      value(
        ndarray(
          [
            [0, 0, 1],
            [1, 1, 1],
          ],
          'bool',
        ),
      ),
    )
  })

  it('must include a tensor of a trace', () => {
    class Outside extends SymbolicTensor {
      protected override describe() {
        return 'KerasTensor "x"'
      }
    }
    assert.throws(() => K.add(1, 2), { name: 'ArgumentError', message: /add needs at least one Keras tensor/ })
    assert.throws(() => K.mean(ndarray([1])), { name: 'ArgumentError', message: /mean needs at least one Keras tensor/ })
    assert.throws(() => K.relu(new Outside({ dtype: 'float32', shape: [1] })), {
      name: 'TraceError',
      message: /relu: <KerasTensor "x".*outside a trace/,
    })
    assert.throws(() => K.add(tensor(), JSON.parse('[1, 2]') as number), /got an array \(make an NDArray of it/)
    assert.throws(() => K.add(tensor(), tensor()), { name: 'TraceError', message: /tensor of another trace/ })
  })

  it('stay as they are where a cast would change nothing', () => {
    const x = tensor()
    assert.equal(K.cast(x, 'float32'), x)
    assert.throws(() => K.cast(x, 'float16' as DType), { name: 'ArgumentError', message: /no dtype "float16"/ })
  })
})

describe('options', () => {
  const spelled: [string, (x: TracedTensor) => TracedTensor, (x: TracedTensor) => TracedTensor][] = [
    ['mean', x => K.mean(x, 1, true), x => K.mean(x, { axis: 1, keepdims: true })],
    ['sum of axes', x => K.sum(x, [0, -1]), x => K.sum(x, { axis: [0, -1] })],
    ['argmax', x => K.argmax(x, 0, true), x => K.argmax(x, { axis: 0, keepdims: true })],
    ['relu', x => K.relu(x, 0.1, 5, 1), x => K.relu(x, { negativeSlope: 0.1, maxValue: 5, threshold: 1 })],
    ['relu of Keras 2', x => K.relu(x, 0.1), x => K.relu(x, { alpha: 0.1 })],
    ['leakyRelu of Keras 2', x => K.leakyRelu(x, 0.3), x => K.leakyRelu(x, { alpha: 0.3 })],
    ['softmax', x => K.softmax(x, 0), x => K.softmax(x, { axis: 0 })],
    ['softmax of all', x => K.softmax(x, null), x => K.softmax(x, { axis: null })],
    ['normalize', x => K.normalize(x, 0, 1, 0.1), x => K.normalize(x, { axis: 0, order: 1, epsilon: 0.1 })],
    ['oneHot', x => K.oneHot(K.cast(x, 'int32'), 4, 0, 'bool'), x => K.oneHot(K.cast(x, 'int32'), 4, { axis: 0, dtype: 'bool' })],
    ['pad', x => K.pad(x, 1, 'constant', 7), x => K.pad(x, 1, { constantValues: 7 })],
    ['take', x => K.take(x, 1, 0), x => K.take(x, 1, { axis: 0 })],
    ['repeat', x => K.repeat(x, 2, 1), x => K.repeat(x, 2, { axis: 1 })],
    ['transpose', x => K.transpose(x, [1, 0]), x => K.transpose(x, { axes: [1, 0] })],
    ['tensordot', x => K.tensordot(x, x, [[1], [1]]), x => K.tensordot(x, x, { axes: [1, 1] })],
    ['round', x => K.round(x, -1), x => K.round(x, { decimals: -1 })],
  ]
  for (const [name, byPosition, byName] of spelled) {
    it(`of ${name} by position and by name are the same`, () => assertSame(compute([matrix], byPosition), compute([matrix], byName)))
  }

  it('that do not exist are refused, with those that do', () => {
    const options = { axis: 1, keepDims: true }
    assert.throws(() => K.mean(tensor(), options), { name: 'ArgumentError', message: /mean has no option "keepDims"[\s\S]*axis, keepdims/ })
  })

  it('given as undefined count as left out', () => {
    assertSame(
      compute([matrix], x => K.mean(x, { axis: 0, ...{ keepdims: undefined } } as { axis: number })),
      compute([matrix], x => K.mean(x, 0)),
    )
  })
})
