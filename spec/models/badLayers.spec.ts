// Mistakes when a layer is made or called: each a typed error that names the layer, what was expected, what came; and nothing changed.

import assert from 'node:assert/strict'
import { ArgumentError, clearSession, input, layers, ndarray, ShapeError, TraceError, UnknownNameError } from '../../lib/index.js'
import type { Layer } from '../../lib/layers/layer.js'
import { deepFreeze } from '../support/deepFreeze.js'
import { type Anything, assertRefused, type ErrorType, steps, untyped, vector } from './refused.js'

describe('options that are refused when the layer is made', () => {
  const cases: readonly (readonly [layer: string, options: Anything, message: RegExp, type?: ErrorType])[] = [
    ['dense', { units: 0 }, /^Dense: units should be a whole number ≥ 1, got 0/],
    ['dense', { units: 2.5 }, /^Dense: units should be a whole number ≥ 1, got 2\.5/],
    ['dense', { units: '3' }, /^Dense: units should be a whole number ≥ 1, got "3"/],
    ['dense', { units: Number.NaN }, /got NaN/],
    ['dense', { units: Number.POSITIVE_INFINITY }, /got Infinity/],
    ['dense', { units: null }, /got null/],
    ['dense', {}, /^Dense needs the option units/],
    ['dense', undefined, /^Dense/],
    ['dense', null, /^Dense takes an object of options, got null/],
    ['dense', 3, /^Dense takes an object of options, got 3/],
    ['dense', { units: 3, activaton: 'relu' }, /^Dense has no option "activaton"\n {2}hint: its options are units/],
    ['dense', { units: 3, use_bias: false }, /^Dense has no option "use_bias"\n {2}hint: did you mean useBias\?/],
    ['dense', { units: 3, units_: 3 }, /no option/],
    ['dense', { units: 3, useBias: 'no' }, /^Dense: useBias should be true or false, got "no"/],
    ['dense', { units: 3, activation: 'rleu' }, /there is no activation "rleu"\n {2}hint: known are/, UnknownNameError],
    ['dense', { units: 3, activation: '__proto__' }, /there is no activation "__proto__"/, UnknownNameError],
    ['dense', { units: 3, activation: 'toString' }, /there is no activation "toString"/, UnknownNameError],
    ['dense', { units: 3, kernelInitializer: 'constructor' }, /there is no initializer "constructor"/, UnknownNameError],
    ['dense', { units: 3, kernelRegularizer: 'l3' }, /there is no regularizer "l3"/, UnknownNameError],
    ['dense', { units: 3, name: '' }, /name should be non-empty and without "\/", got ""/],
    ['dense', { units: 3, name: 'a/b' }, /without "\/", got "a\/b"/],
    ['dense', { units: 3, name: 5 }, /^Dense: name should be a string, got 5/],
    ['dense', { units: 3, trainable: 1 }, /^Dense: trainable should be true or false, got 1/],
    ['dense', { units: 3, dtype: 'float16' }, /^Dense: dtype should be one of float32, int32, bool, got "float16"\n {2}hint/],
    ['reshape', { targetShape: [-1, -1] }, /^Reshape: targetShape should have at most one -1, got \[-1, -1\]/],
    ['reshape', { targetShape: [-2] }, /^Reshape: targetShape\[0\] should be a whole number ≥ -1, got -2/],
    ['reshape', { targetShape: 'ab' }, /^Reshape: targetShape should be a list, got "ab"/],
    [
      'permute',
      { dims: [1, 1] },
      /^Permute: dims should be a permutation of 1 to 2, got \[1, 1\]\n {2}hint: the batch axis is not counted/,
    ],
    ['permute', { dims: [0, 1] }, /^Permute: dims should be a permutation/],
    ['permute', { dims: [2] }, /permutation of 1 to 1/],
    ['permute', { dims: [1.5, 2] }, /dims\[0\] should be a whole number, got 1\.5/],
    ['dropout', { rate: -0.1 }, /^Dropout: rate should be a number from 0 to 1, got -0\.1/],
    ['dropout', { rate: 1.1 }, /got 1\.1/],
    ['dropout', { rate: Number.NaN }, /got NaN/],
    ['dropout', { rate: '0.5' }, /got "0\.5"/],
    ['dropout', { rate: 0.5, seed: 1.5 }, /seed should be a whole number ≥ 0, got 1\.5/],
    ['spatialDropout1d', { rate: 2 }, /^SpatialDropout1D: rate should be a number from 0 to 1, got 2/],
    ['repeatVector', { n: 0 }, /^RepeatVector: n should be a whole number ≥ 1, got 0/],
    ['batchNormalization', { axis: 1.5 }, /^BatchNormalization: axis should be a whole number, got 1\.5/],
    ['batchNormalization', { momentum: Number.NaN }, /momentum should be a number, got NaN/],
    ['inputLayer', { shape: [-1] }, /^input: sizes should be whole numbers ≥ 0 or null, got -1/],
    ['inputLayer', { shape: [1.5] }, /got 1\.5/],
    ['inputLayer', { shape: 3 }, /shape should be a list of sizes, got 3\n {2}hint: write shape: \[3\]/],
    ['inputLayer', {}, /^input needs a shape\n {2}hint/],
    ['inputLayer', { shape: [2], batchShape: [1, 2] }, /one of shape and batchShape, got shape and batchShape/],
  ]
  for (const [layer, options, message, type = ArgumentError] of cases) {
    it(`${layer}(${JSON.stringify(options) ?? 'undefined'})`, () => {
      const make = untyped[layer]
      assert.ok(make)
      clearSession()
      assertRefused(() => make(deepFreeze(options)), type, message)
    })
  }

  it('input(), input(null)', () => {
    for (const options of [undefined, null, 3])
      assertRefused(() => input(options as never), ArgumentError, /^input takes an object of options/)
  })
})

describe('calls that are refused: the layer stays as it was', () => {
  const cases: readonly (readonly [what: string, make: () => Layer, on: () => Anything, type: ErrorType, message: RegExp])[] = [
    [
      'data',
      () => layers.dense({ units: 2, name: 'd' }),
      () => [[1, 2]],
      TraceError,
      /^Layer "d" \(Dense\): apply\(\) takes Keras tensors, got an array\n {2}hint: .*input\(/,
    ],
    ['a typed array', () => layers.dense({ units: 2 }), () => new Float32Array(4), TraceError, /got Float32Array/],
    ['an NDArray', () => layers.dense({ units: 2 }), () => ndarray([[1]]), TraceError, /got NDArray/],
    ['nothing', () => layers.dense({ units: 2 }), () => undefined, TraceError, /got undefined/],
    ['a layer', () => layers.dense({ units: 2 }), () => layers.reLU(), TraceError, /got ReLU/],
    [
      'two tensors',
      () => layers.dense({ units: 2, name: 'd' }),
      () => [vector(), vector()],
      ShapeError,
      /^Layer "d" \(Dense\): expected 1 input, got 2\n {2}input 0: float32\[batch,4\]/,
    ],
    ['no tensors', () => layers.dense({ units: 2 }), () => [], ShapeError, /expected 1 input, got 0/],
    [
      'a scalar per row',
      () => layers.dense({ units: 2 }),
      () => input({ shape: [] }),
      ShapeError,
      /\(Dense\): needs an input of rank 2 or more\n {2}input: float32\[batch\]/,
    ],
    [
      'an unknown number of features',
      () => layers.dense({ units: 2 }),
      () => input({ shape: [null] }),
      ShapeError,
      /axis -1 of the input must be known/,
    ],
    [
      'one tensor to merge',
      () => layers.add({ name: 'a' }),
      vector,
      ShapeError,
      /^Layer "a" \(Add\) should be called on a list of tensors\n {2}hint: write apply\(\[x, y\]\)/,
    ],
    [
      'sizes that do not merge',
      () => layers.add(),
      () => [vector(), input({ shape: [5] })],
      ShapeError,
      /do not broadcast \(axis -1: 4 against 5\)/,
    ],
    ['three to subtract', () => layers.subtract(), () => [vector(), vector(), vector()], ShapeError, /exactly 2 tensors, got 3/],
    [
      'sizes that do not join',
      () => layers.concatenate({ axis: 1 }),
      () => [steps(), input({ shape: [3, 5] })],
      ShapeError,
      /all sizes but axis 1 must agree/,
    ],
    [
      'an axis out of range',
      () => layers.concatenate({ axis: 7 }),
      () => [vector(), vector()],
      ShapeError,
      /axis 7 is out of range for rank 2/,
    ],
    ['an axis out of range', () => layers.batchNormalization({ axis: 5 }), vector, ShapeError, /axis 5 is out of range for rank 2/],
    ['an unknown axis', () => layers.batchNormalization({ axis: 1 }), steps, ShapeError, /axis 1 of the input must be known/],
    [
      'another number of elements',
      () => layers.reshape({ targetShape: [3] }),
      vector,
      ShapeError,
      /\(Reshape\): reshape: cannot turn float32\[batch,4\] into \[batch, 3\]/,
    ],
    ['elements that do not divide', () => layers.reshape({ targetShape: [3, -1] }), vector, ShapeError, /4 is not divisible by 3/],
    ['another rank', () => layers.permute({ dims: [2, 1, 3] }), steps, ShapeError, /\(Permute\): needs an input of rank 4\n {2}input/],
    ['another rank', () => layers.repeatVector({ n: 2 }), steps, ShapeError, /\(RepeatVector\): needs an input of rank 2/],
    ['another rank', () => layers.spatialDropout1d({ rate: 0.5 }), vector, ShapeError, /\(SpatialDropout1D\): needs an input of rank 3/],
    [
      'noise of another shape',
      () => layers.dropout({ rate: 0.5, noiseShape: [null, 3] }),
      vector,
      ShapeError,
      /does not broadcast to the input/,
    ],
    [
      'weights that do not fit',
      () => layers.dense({ units: 1, weights: [[[1]], [1]] }),
      vector,
      ArgumentError,
      /weight .*kernel \(float32\[4, 1\]\) cannot be set to float32\[1, 1\]/,
    ],
  ]
  for (const [what, make, on, type, message] of cases) {
    it(`${make().className} on ${what}`, () => {
      const layer = make()
      const config = layer.getConfig()
      const operands = on()
      assertRefused(() => layer.apply(operands), type, message)
      assert.deepEqual([layer.built, layer.calls.length, layer.weights.length], [false, 0, 0])
      assert.deepEqual(layer.getConfig(), config)
    })
  }

  it('leaves a layer that was refused one tensor free to be called on another', () => {
    const dense = layers.dense({ units: 2 })
    assert.throws(() => dense.apply(input({ shape: [null] })), ShapeError)
    assert.deepEqual(dense.apply(input({ shape: [7] })).shape, [null, 2])
    assertRefused(
      () => dense.apply(vector()),
      ShapeError,
      /expected axis -1 of the input to be 7, got 4\n {2}input: float32\[batch,4\]\n {2}hint: .*new layer/,
    )
    assert.deepEqual([dense.calls.length, dense.weights[0]?.shape], [1, [7, 2]])
  })

  it('sets no weight when one of several does not fit', () => {
    const dense = layers.dense({ units: 1, name: 'd' })
    dense.apply(vector())
    const before = dense.getWeights()
    const bad: readonly (readonly [Anything, RegExp])[] = [
      [[], /^Layer "d" \(Dense\) has 2 weights, got 0\n {2}hint: they are d\/kernel/],
      [null, /^Layer "d" \(Dense\): setWeights\(\) takes a list/],
      [
        [
          [[1], [2], [3], [4]],
          [1, 2],
        ],
        /weight d\/bias \(float32\[1\]\) cannot be set to float32\[2\]/,
      ],
      [[[[1], [2], [3]], [1]], /weight d\/kernel/],
      [[null, [1]], /weight d\/kernel .*got null/],
      [[new Float64Array(4), [1]], /weight d\/kernel .*got Float64Array/],
      [[new Int32Array(4), [1]], /cannot be set to int32\[4\]/],
      [[[['a'], [1], [1], [1]], [1]], /weight d\/kernel .*got a/],
    ]
    for (const [weights, message] of bad) {
      const versions = dense.weights.map(({ version }) => version)
      assertRefused(() => dense.setWeights(deepFreeze(weights)), ArgumentError, message)
      assert.deepEqual(
        dense.weights.map(({ version }) => version),
        versions,
      )
    }
    assert.deepEqual(dense.getWeights(), before)
  })
})
