// The functional API's conventions: operands, promotion, options by position and by name, unknown sizes, errors.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type NDArray, ndarray } from '../../lib/ir/ndarray.js'
import type { DType, Shape } from '../../lib/ir/types.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import * as K from '../../lib/ops/functional/index.js'
import type { Value } from '../../lib/ops/op.js'
import { specialise } from '../../lib/ops/specialise.js'
import { SymbolicTensor } from '../../lib/ops/symbolic.js'
import { makeValue, toValue } from '../../lib/ops/values.js'
import { verify } from '../../lib/ops/verify.js'
import { assertSame } from '../support/naive.js'
import { arbShape, arbValue } from '../support/opCases.js'

/** Traces `f` over inputs of the given types. */
function trace(types: readonly { dtype: DType; shape: Shape }[], f: (...xs: TracedTensor[]) => TracedTensor) {
  const builder = new GraphBuilder('test')
  const output = f(...types.map((type, k) => builder.input(`x${k}`, type)))
  return verify(builder.build({ outputs: [{ name: 'y', value: output }] }))
}

/** What `f` computes on values. */
function compute(values: readonly Value[], f: (...xs: TracedTensor[]) => TracedTensor, declared?: readonly Shape[], bindings = {}): Value {
  const types = values.map(({ dtype, shape }, k) => ({ dtype, shape: declared?.[k] ?? shape }))
  const graph = verify(specialise(trace(types, f), bindings))
  const inputs = Object.fromEntries(values.map((value, k) => [`x${k}`, value]))
  return evaluateGraph(graph, { inputs, variables: {} }).outputs.y as Value
}

const tensor = (shape: Shape = [2, 3], dtype: DType = 'float32') => new GraphBuilder('test').input('x', { dtype, shape })
const value = (array: NDArray) => toValue(array)
const matrix = value(
  ndarray([
    [1, 2, 3],
    [4, 5, 6],
  ]),
)

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
    assert.deepEqual(K.permuteDimensions(tensor(['batch', 2, 3]), [0, 2, 1]).type.shape, ['batch', 3, 2])
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
    ['batchDot over the batch', () => K.batchDot(x(), x(), 0), 'ShapeError', /batch axis/],
  ]
  for (const [name, f, error, message] of cases) it(`${name}: ${error}`, () => assert.throws(f, { name: error, message }))
})
