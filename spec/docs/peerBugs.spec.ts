// What docs/from-tensorflowjs.md says is right here and wrong in TensorFlow.js 4.22.0.

import assert from 'node:assert/strict'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import { model } from '../../lib/models/model.js'

const vector = () => input({ shape: [6] })
const shapeOf = (tensor: { readonly shape: readonly (number | null)[] }) => tensor.shape

describe('what TensorFlow.js has wrong', () => {
  it('Reshape checks and resolves sizes when the model is made', () => {
    assert.throws(() => layers.reshape({ targetShape: [3, 3] }).apply(vector()), { name: 'ShapeError' })
    assert.deepEqual(shapeOf(layers.reshape({ targetShape: [3, -1] }).apply(vector())), [null, 3, 2])
  })
  it('Permute takes ten axes and more', () => {
    const dims = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    const x = input({ shape: dims.map((_, k) => k + 1) })
    assert.deepEqual(shapeOf(layers.permute({ dims }).apply(x)), [null, ...dims])
  })
  it('RepeatVector refuses counts that are none', () => {
    for (const n of [2.5, 0]) assert.throws(() => layers.repeatVector({ n }), { name: 'ArgumentError' })
  })
  it('Dropout checks its rate; rate 1 gives zeros in training', async () => {
    assert.throws(() => layers.dropout({ rate: 1.5 }), { name: 'ArgumentError' })
    const x = vector()
    const y = await model({ inputs: x, outputs: layers.dropout({ rate: 1 }).apply(x) }).run([[1, 2, 3, 4, 5, 6]], { training: true })
    assert.deepEqual([...y.data], [0, 0, 0, 0, 0, 0])
  })
  it('Flatten takes rank 2 and unknown sizes', () => {
    assert.deepEqual(shapeOf(layers.flatten().apply(vector())), [null, 6])
    assert.deepEqual(shapeOf(layers.flatten().apply(input({ shape: [null, 3] }))), [null, null])
  })
  it('Masking with an infinite value gives no NaN', async () => {
    const x = input({ shape: [2, 1] })
    const y = await model({ inputs: x, outputs: layers.masking({ maskValue: Infinity }).apply(x) }).predict([[[Infinity], [2]]])
    assert.deepEqual([...y.data], [0, 2])
  })
  it('a mask reaches only the layers behind its own branch', () => {
    const [a, b] = [input({ shape: [2, 1] }), input({ shape: [2, 1] })]
    const masked = layers.activation({ activation: 'relu' }).apply(layers.masking().apply(a))
    const other = layers.activation({ activation: 'relu' }).apply(b)
    assert.deepEqual([masked.mask !== null, other.mask], [true, null])
  })
  it('options are never changed', () => {
    const targetShape = [3, -1]
    layers.reshape({ targetShape }).apply(vector())
    assert.deepEqual(targetShape, [3, -1])
  })
  it('an activity regularizer works on every layer', async () => {
    const x = vector()
    const net = model({ inputs: x, outputs: layers.activation({ activation: 'linear', activityRegularizer: 'l1' }).apply(x) })
    const [penalty] = await net.losses([[1, 1, 1, 1, 1, 1]])
    assert.ok(Math.abs((penalty?.value ?? 0) - 0.06) < 1e-6)
  })
  it('kernels start as glorotUniform', () => {
    const { kernel_initializer: initializer } = layers.dense({ units: 1 }).getConfig()
    assert.equal((initializer as { class_name: string }).class_name, 'GlorotUniform')
  })
})
