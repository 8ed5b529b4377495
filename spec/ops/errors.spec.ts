// What each primitive and composite refuses, and how it says so.

import assert from 'node:assert/strict'
import type { DType, Shape, TensorType } from '../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import { inferType } from '../../lib/ops/infer.js'

const type = (dtype: DType, ...shape: Shape): TensorType => ({ dtype, shape })
const [f, i, b] = [type('float32', 2, 3), type('int32', 2, 3), type('bool', 2, 3)]
const infer = (op: OpName, operands: readonly TensorType[], attrs: OpAttrs[OpName] = {}) => inferType({ id: op, op, attrs }, operands)

/** Op, operands, attributes, kind of error, message. */
type Refusal = readonly [OpName, readonly TensorType[], OpAttrs[OpName], 'ShapeError' | 'DTypeError' | 'ArgumentError', RegExp]

const refusals: readonly Refusal[] = [
  ['add', [f], {}, 'ShapeError', /add takes 2 operands, got 1/],
  ['add', [f, i], {}, 'DTypeError', /add needs operands of one dtype .*float32\[2,3\] and int32\[2,3\][\s\S]*cast\(\) converts/],
  ['add', [b, b], {}, 'DTypeError', /float32 or int32/],
  ['add', [f, type('float32', 2)], {}, 'ShapeError', /axis -1: 3 against 2/],
  ['divide', [i, i], {}, 'DTypeError', /divide needs float32 operands/],
  ['exp', [i], {}, 'DTypeError', /exp needs float32/],
  ['negate', [b], {}, 'DTypeError', /negate/],
  ['logical_and', [f, f], {}, 'DTypeError', /bool operands/],
  ['logical_not', [i], {}, 'DTypeError', /bool operands/],
  ['shift_right_logical', [f, f], {}, 'DTypeError', /int32 operands/],
  ['select', [f, f, f], {}, 'DTypeError', /select needs a bool condition/],
  ['select', [b, f, i], {}, 'DTypeError', /select needs operands of one dtype/],
  ['select', [b, f, type('float32', 4)], {}, 'ShapeError', /do not broadcast/],
  ['reduce_sum', [b], { axes: [0], keepdims: false }, 'DTypeError', /reduce_sum needs float32 or int32/],
  ['reduce_sum', [f], { axes: [1, 0], keepdims: false }, 'ShapeError', /not ascending axes of rank 2/],
  ['reduce_max', [f], { axes: [2], keepdims: false }, 'ShapeError', /not ascending axes/],
  ['argmax', [f], { axis: 2 }, 'ShapeError', /axis 2 is out of range for rank 2/],
  ['argmax', [type('float32', 0, 2)], { axis: 0 }, 'ShapeError', /axis 0 is empty/],
  ['reshape', [f], { shape: [4] }, 'ShapeError', /cannot turn float32\[2,3\] into \[4\]/],
  ['reshape', [f], { shape: [-2, -3] }, 'ShapeError', /whole numbers ≥ 0/],
  ['broadcast', [f], { shape: [3] }, 'ShapeError', /does not broadcast to \[3\]/],
  ['broadcast', [f], { shape: [3, 3] }, 'ShapeError', /does not broadcast/],
  ['broadcast', [type('float32', 1)], { shape: [-1] }, 'ShapeError', /does not broadcast/],
  ['transpose', [f], { perm: [0, 0] }, 'ShapeError', /no permutation/],
  ['reverse', [f], { axes: [2] }, 'ShapeError', /not ascending axes/],
  ['concat', [], { axis: 0 }, 'ShapeError', /at least one operand/],
  ['concat', [f, i], { axis: 0 }, 'DTypeError', /operands of one dtype/],
  ['concat', [f, type('float32', 2, 4)], { axis: 0 }, 'ShapeError', /all sizes but axis 0 must agree/],
  ['concat', [f, type('float32', 2)], { axis: 0 }, 'ShapeError', /must agree/],
  ['slice', [f], { begin: [0], end: [1], strides: [1] }, 'ShapeError', /each of the 2 axes/],
  ['slice', [f], { begin: [0, 0], end: [1, 1], strides: [1, -1] }, 'ShapeError', /strides ≥ 1/],
  ['pad', [f, f], { low: [0, 0], high: [0, 0] }, 'DTypeError', /scalar fill/],
  ['pad', [f, type('int32')], { low: [0, 0], high: [0, 0] }, 'DTypeError', /scalar fill of its operand's dtype/],
  ['pad', [f, type('float32')], { low: [-1, 0], high: [0, 0] }, 'ShapeError', /low and high ≥ 0/],
  ['gather', [f, f], { axis: 0 }, 'DTypeError', /int32 indices/],
  ['gather', [f, i], { axis: 2 }, 'ShapeError', /axis 2 is out of range/],
  ['gather', [type('float32', 0), i], { axis: 0 }, 'ShapeError', /axis 0 is empty/],
  ['scatter_add', [f, f, f], { axis: 0 }, 'DTypeError', /int32 indices/],
  ['scatter_add', [b, i, b], { axis: 0 }, 'DTypeError', /numbers of one dtype/],
  ['scatter_add', [f, type('int32', 4), f], { axis: 0 }, 'ShapeError', /updates of shape \[4, 3\]/],
  ['matmul', [f, i], {}, 'DTypeError', /numbers of one dtype/],
  ['matmul', [b, b], {}, 'DTypeError', /numbers/],
  ['matmul', [f, type('float32', 3)], {}, 'ShapeError', /rank 2 or more/],
  ['matmul', [f, f], {}, 'ShapeError', /lhs axis -1 \(3\) to equal rhs axis -2 \(2\)/],
  [
    'matmul',
    [type('float32', 2, 1, 3), type('float32', 4, 3, 1)],
    {},
    'ShapeError',
    /leading axes of float32\[2,1,3\] and float32\[4,3,1\]/,
  ],
  ['constant', [], { data: [1, 2], dtype: 'float32', shape: [3] }, 'ArgumentError', /one value or as many/],
  ['iota', [], { axis: 1, dtype: 'int32', shape: [3] }, 'ArgumentError', /axis 1 is out of range/],
  ['random_bits', [f, type('int32')], { shape: [2] }, 'DTypeError', /int32\[2\] key and an int32\[\] counter/],
  ['phase', [f, type('float32', 2, 4)], {}, 'ShapeError', /one type/],
  ['phase', [f, i], {}, 'ShapeError', /one type/],
  ['get', [f], { index: 0 }, 'ShapeError', /no part 0/],
  ['gelu', [i], { approximate: false }, 'DTypeError', /gelu needs float32, got int32/],
  ['relu', [b], {}, 'DTypeError', /relu needs float32 or int32/],
  ['softmax', [f], { axis: 5 }, 'ShapeError', /axis 5 is out of range/],
  ['softmax', [i], { axis: 0 }, 'DTypeError', /softmax needs float32/],
  ['one_hot', [f], { depth: 2, dtype: 'float32' }, 'DTypeError', /int32 classes/],
  ['batch_norm', [f, f, f, f, f], { axis: 1, epsilon: 0 }, 'ShapeError', /gamma to be float32\[3\], got float32\[2,3\]/],
  ['dropout', [f, type('int32', 2), type('int32')], { rate: 0.5, shape: [4] }, 'ShapeError', /does not broadcast to float32\[2,3\]/],
  ['dropout', [f, type('int32', 3), type('int32')], { rate: 0.5, shape: [3] }, 'DTypeError', /int32\[2\] key/],
  ['dropout', [i, type('int32', 2), type('int32')], { rate: 0.5, shape: [3] }, 'DTypeError', /dropout needs float32/],
]

describe('type rules refuse', () => {
  for (const [op, operands, attrs, name, message] of refusals) {
    it(`${op} of (${operands.map(({ dtype, shape }) => `${dtype}[${shape.join(',')}]`).join(', ')}) ${JSON.stringify(attrs)}`, () =>
      assert.throws(() => infer(op, operands, attrs), { name, message }))
  }
})
