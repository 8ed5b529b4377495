// Mistakes when a model is made: each a typed error that names the layer, what was expected, what came; and nothing changed.

import assert from 'node:assert/strict'
import {
  ArgumentError,
  clearSession,
  configure,
  GraphError,
  graphToDot,
  input,
  K,
  KerafoldError,
  layerClasses,
  layerFromConfig,
  layers,
  loadModel,
  model,
  modelFromConfig,
  modelFromJSON,
  modelFromObject,
  modelToDot,
  NDArray,
  ndarray,
  ShapeError,
  sequential,
  TraceError,
  UnknownNameError,
} from '../../lib/index.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { Layer } from '../../lib/layers/layer.js'
import { uniqueName } from '../../lib/layers/settings.js'
import { deepFreeze } from '../support/deepFreeze.js'

type ErrorType = new (...args: never[]) => KerafoldError

/** Runs a mistake twice, as deep a stack as V8 keeps by default: the message begins at the mistake, the stack leads to this file. */
function assertRefused(mistake: () => unknown, type: ErrorType, message: RegExp): void {
  const asUsers = () => {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 10 // mocha keeps all frames
    try {
      mistake()
    } finally {
      Error.stackTraceLimit = limit
    }
  }
  for (let k = 0; k < 2; k++) {
    assert.throws(asUsers, (error: Error) => {
      assert.ok(error instanceof type, `${error.name}: ${error.message}`)
      assert.match(error.message, message)
      assert.match(error.stack ?? '', /badInput\.spec/, 'thrown where the line of the user is')
      return true
    })
  }
}

const vector = () => input({ shape: [4], name: 'vector' })
const steps = () => input({ shape: [null, 4], name: 'steps' })
// biome-ignore lint/suspicious/noExplicitAny: what no compiler would let through
type Anything = any
const untyped = layers as Record<string, (options?: Anything) => Layer>

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

describe('models that are refused', () => {
  const onto = (x: KerasTensor, name: string) => layers.dense({ units: 4, name }).apply(x)
  it('for what they are made of', () => {
    const [x, s] = [vector(), steps()]
    const cases: readonly (readonly [Anything, ErrorType, RegExp])[] = [
      [
        { inputs: x, outputs: onto(s, 'd') },
        GraphError,
        /^model: the output "d" depends on input "steps", which is not among the inputs \(graph disconnected\)\n {2}hint: add it/,
      ],
      [
        { inputs: x, outputs: onto(onto(x, 'same'), 'same'), name: 'net' },
        GraphError,
        /^model "net": two layers are named "same" \(Dense and Dense\)\n {2}hint/,
      ],
      [{ inputs: [x, x], outputs: onto(x, 'd') }, GraphError, /input "vector" is given twice/],
      [{ inputs: x, outputs: layers.dense({ units: 2 }) }, ArgumentError, /outputs should be Keras tensors, got Object|got Dense/],
      [{ inputs: x }, ArgumentError, /outputs should be Keras tensors, got undefined/],
      [{ inputs: x, outputs: [] }, ArgumentError, /outputs should not be empty/],
      [{ inputs: x, outputs: {} }, ArgumentError, /outputs should not be empty/],
      [{ inputs: [], outputs: x }, ArgumentError, /inputs should not be empty/],
      [{ inputs: null, outputs: x }, ArgumentError, /inputs should be Keras tensors, got null/],
      [{ input: x, outputs: x }, ArgumentError, /./],
    ]
    for (const [options, type, message] of cases) assertRefused(() => model(Object.freeze(options)), type, message)
  })

  it('for two inputs of one name', () => {
    const [a, b] = [vector(), vector()]
    assertRefused(() => model({ inputs: [a, b], outputs: layers.add().apply([a, b]) }), GraphError, /two layers are named "vector"/)
  })

  it('as stacks: what does not fit is not added', () => {
    const first = layers.dense({ units: 3, name: 'first' })
    const net = sequential({ name: 'net', layers: [vector(), first] })
    const cases: readonly (readonly [Anything, ErrorType, RegExp])[] = [
      [first, GraphError, /"net" \(Sequential\): there is already a layer named "first"/],
      [layers.dense({ units: 1, name: 'first' }), GraphError, /already a layer named "first"/],
      [layers.reshape({ targetShape: [5] }), ShapeError, /cannot turn float32\[batch,3\]/],
      [vector(), GraphError, /an input must come first, and only once/],
      ['dense', ArgumentError, /add\(\) takes a layer, got dense/],
      [undefined, ArgumentError, /got undefined/],
    ]
    for (const [given, type, message] of cases) assertRefused(() => net.add(given), type, message)
    assert.deepEqual(net.layers, [first])
    assert.deepEqual(net.outputShape, [null, 3])
  })

  it('when a stack is used before it knows its input', () => {
    const net = sequential([layers.dense({ units: 1 })])
    for (const use of [() => net.trace(), () => net.inputs, () => net.lowerSync()]) {
      assertRefused(use, GraphError, /does not know the shape of its input yet\n {2}hint: add input/)
    }
  })

  it('when a layer is asked for that is not there', () => {
    const net = sequential({ name: 'net', layers: [vector(), layers.dense({ units: 1, name: 'only' })] })
    assertRefused(() => net.getLayer('other'), GraphError, /"net" \(Sequential\) has no layer "other"\n {2}hint: its layers are only/)
    assertRefused(() => net.getLayer(5), GraphError, /has no layer at 5/)
  })
})

describe('options of models and functions', () => {
  const stack = () => sequential({ name: 's', layers: [vector(), layers.dense({ units: 2, name: 'd' })] })
  const rows = [[1, 2, 3, 4]]
  const file = 'examples/digits/digits.keras'

  /** Each is wrong, and says so: what it is about, what was expected, what came. */
  const cases: Readonly<Record<string, readonly [mistake: () => unknown, message: RegExp]>> = {
    'model()': [
      () => model(undefined as Anything),
      /^model takes an object of options, got undefined\n {2}hint: its options are inputs, outputs/,
    ],
    'model(null)': [() => model(null as Anything), /^model takes an object of options, got null/],
    'model(3)': [() => model(3 as Anything), /^model takes an object of options, got 3/],
    'model({ nmae })': [
      () => model({ nmae: 3 } as Anything),
      /^model has no option "nmae"\n {2}hint: its options are inputs, outputs, name/,
    ],
    'model({ name: 3 })': [() => model({ name: 3 } as Anything), /^model: name should be a string, got 3/],
    'model({ strictMasking })': [() => model({ strictMasking: 'x' } as Anything), /^model: strictMasking should be true or false, got "x"/],
    'model({ strict_masking })': [() => model({ strict_masking: true } as Anything), /hint: did you mean strictMasking\?/],
    'sequential(null)': [() => sequential(null as Anything), /^sequential takes an object of options, got null/],
    'sequential(3)': [() => sequential(3 as Anything), /^sequential takes an object of options, got 3/],
    'sequential({ layers: null })': [() => sequential({ layers: null } as Anything), /^sequential: layers should be a list, got null/],
    'sequential({ strictMasking })': [
      () => sequential({ strictMasking: 'x' } as Anything),
      /strictMasking should be true or false, got "x"/,
    ],
    'sequential({ layer })': [
      () => sequential({ layer: [] } as Anything),
      /^sequential has no option "layer"\n {2}hint: its options are layers, name/,
    ],
    'build()': [
      () => sequential().build(undefined as Anything),
      /\(Sequential\): build\(\) takes a list of sizes, got undefined\n {2}hint/,
    ],
    'apply(x, null)': [() => layers.reLU().apply(vector(), null as Anything), /apply\(\) takes an object of options, got null/],
    'apply(x, { maks })': [
      () => layers.reLU().apply(vector(), { maks: null } as Anything),
      /apply\(\) has no option "maks"\n {2}hint: its options are mask/,
    ],
    'lower(null)': [() => stack().lowerSync(null as Anything), /^Model "s" \(Sequential\): lower\(\) takes an object of options, got null/],
    'lower({ sizes: null })': [() => stack().lowerSync({ sizes: null } as Anything), /lower\(\): sizes should be an object, got null/],
    'lower({ sizes: { b } })': [() => stack().lowerSync({ sizes: { b: 1 } }), /no size named "b"\n {2}hint: its unknown sizes are batch$/],
    'lower({ instruments: 3 })': [
      () => stack().lowerSync({ instruments: 3 } as Anything),
      /instruments should be a list of instruments.*, got 3/,
    ],
    'lower({ instruments: [3] })': [
      () => stack().lowerSync({ instruments: [3] } as Anything),
      /instruments should be a list of instruments/,
    ],
    'lower({ training })': [
      () => stack().lowerSync({ training: 'yes' } as Anything),
      /lower\(\): training should be true or false, got "yes"/,
    ],
    'lower({ numerics })': [
      () => stack().lowerSync({ numerics: 'loose' } as Anything),
      /numerics should be one of "fast", "strict", got "loose"/,
    ],
    'run({ training })': [() => stack().run(rows, { training: 'yes' } as Anything), /run\(\): training should be true or false, got "yes"/],
    'run({ backend: null })': [() => stack().run(rows, { backend: null } as Anything), /run\(\): backend should be a string, got null/],
    'predict(null options)': [() => stack().predict(rows, null as Anything), /predict\(\) takes an object of options, got null/],
    'predict({ verbose: 7 })': [
      () => stack().predict(rows, { verbose: 7 } as Anything),
      /verbose should be one of 0, 1, false, true, got 7/,
    ],
    'losses({ foo })': [
      () => stack().losses(rows, { foo: 1 } as Anything),
      /losses\(\) has no option "foo"\n {2}hint: its options are backend/,
    ],
    'summary({ foo })': [() => stack().summary({ foo: 3 } as Anything), /summary\(\) has no option "foo"/],
    'summary({ printFn })': [() => stack().summary({ printFn: 3 } as Anything), /printFn should be a function, got 3/],
    'summary({ layerRange })': [() => stack().summary({ layerRange: ['(', 'd'] }), /layerRange holds "\(", which is no regular expression/],
    'modelToDot(null)': [() => modelToDot(null as Anything), /^modelToDot\(\) takes a model, got null/],
    'modelToDot({ rankdir })': [() => modelToDot(stack(), { rankdir: 'up' } as Anything), /rankdir should be one of "TB"/],
    'graphToDot(null)': [() => graphToDot(null as Anything), /^graphToDot\(\) takes a graph, got null\n {2}hint/],
    'graphToDot({ titel })': [() => graphToDot(stack().trace().graph, { titel: '' } as Anything), /no option "titel"/],
    'loadModel(file, null)': [() => loadModel(file, null as Anything), /^loadModel\(\) takes an object of options, got null/],
    'loadModel({ customObject })': [() => loadModel(file, { customObject: {} } as Anything), /^loadModel\(\) has no option "customObject"/],
    'loadModel({ customObjects: 3 })': [
      () => loadModel(file, { customObjects: 3 } as Anything),
      /customObjects should be an object of classes and functions, got 3/,
    ],
    'layerFromConfig(null)': [() => layerFromConfig('Dense', null as Anything), /^Dense\.fromConfig\(\) takes a config object, got null/],
    'layerFromConfig of a Lambda': [
      () => layerFromConfig('Lambda', [] as Anything),
      /^Lambda\.fromConfig\(\) takes a config object, got an array/,
    ],
    'modelFromJSON(3)': [() => modelFromJSON(3 as Anything), /^modelFromJSON: the text should be a string, got 3/],
    'modelFromObject({ foo })': [() => modelFromObject({}, { foo: 1 } as Anything), /no option "foo"/],
    'modelFromConfig(null)': [() => modelFromConfig(null as Anything), /^modelFromConfig: the config should be an object, got null/],
    'Sequential.fromConfig': [() => (stack().constructor as Anything).fromConfig({}), /hint: modelFromConfig\(config\) makes models/],
    'configure(null)': [() => configure(null as Anything), /^configure\(\) takes an object of options, got null/],
    'configure({ strictMaskin })': [
      () => configure({ strictMaskin: true } as Anything),
      /no option "strictMaskin"\n {2}hint: its options are strictMasking, warn/,
    ],
    'configure({ strictMasking })': [
      () => configure({ strictMasking: 'yes' } as Anything),
      /strictMasking should be true or false, got "yes"/,
    ],
    'configure({ warn })': [() => configure({ warn: 3 } as Anything), /warn should be a function, got 3/],
    'new NDArray(data, 3)': [
      () => new NDArray(new Float32Array(3), 3 as Anything),
      /^NDArray: the shape should be a list of sizes, got 3\n {2}hint: write \[3\]/,
    ],
    'input({ batch_shape })': [
      () => input({ batch_shape: [1, 2] } as Anything),
      /^input has no option "batch_shape"\n {2}hint: did you mean batchShape\?/,
    ],
    'input({ foo })': [() => input({ foo: 1 } as Anything), /hint: its options are shape, batchShape, .*name, dtype, sparse, tensor/],
    'input({ tensor: typed array })': [
      () => input({ tensor: new Float32Array(3), shape: [3] } as Anything),
      /^input: tensor should be an NDArray or nested arrays, got Float32Array\n {2}hint/,
    ],
    'input({ tensor: ragged })': [() => input({ tensor: [[1, 2], [3]] }), /^input: tensor: nested array: expected 2 entries/],
    'a layer with a name': [
      () => layers.dense({ units: 0, name: 'd1' }),
      /^Layer "d1" \(Dense\): units should be a whole number ≥ 1, got 0/,
    ],
    'what every layer takes': [
      () => layers.dense({ units: 1, foo: 2 } as Anything),
      /hint: its options are units, .*, name, .*inputShape, .*weights$/,
    ],
    'a missing option': [() => layers.dense({} as Anything), /^Dense needs the option units\n {2}hint: write \{ units: … \}/],
    'predict(Date)': [
      () => stack().predict(new Date() as Anything),
      /^Model "s" \(Sequential\): input "vector" should be .*, got Date\n {2}hint/,
    ],
    'predict(Map)': [() => stack().predict(new Map() as Anything), /got Map\n {2}hint/],
    'predict(Promise)': [() => stack().predict(Promise.resolve(rows) as Anything), /got Promise\n {2}hint: await it first/],
    'predict(ArrayBuffer)': [
      () => stack().predict(new ArrayBuffer(16) as Anything),
      /got ArrayBuffer\n {2}hint: wrap it: new Float32Array/,
    ],
    'predict(5 values)': [
      () => stack().predict(new Float32Array(5)),
      /^Model "s" \(Sequential\): input "vector" needs a multiple of 4 values, got 5\n.*\n {2}hint/,
    ],
  }
  for (const [what, [mistake, message]] of Object.entries(cases)) {
    it(what, () =>
      assert.rejects(
        async () => mistake(),
        (error: Error) => {
          assert.ok(error instanceof ArgumentError || error instanceof ShapeError, String(error.stack))
          assert.match(error.message, message)
          return true
        },
      ),
    )
  }

  it('a setting that is refused leaves the others as they were', () => {
    const before = configure({})
    assert.throws(() => configure({ strictMasking: !before.strictMasking, warn: 3 as Anything }), ArgumentError)
    assert.deepEqual(configure({}), before)
  })

  it('true shows the progress bar', async () => {
    const written: string[] = []
    await stack().predict(rows, { verbose: true, write: text => written.push(text) })
    assert.match(written.join(''), /1\/1/)
  })
})

describe('what is right', () => {
  it('fromConfig of a class and modelFromConfig give what getConfig was taken from', () => {
    const dense = layerClasses.Dense.fromConfig(layers.dense({ units: 3, name: 'd' }).getConfig())
    assert.ok(dense instanceof layerClasses.Dense)
    assert.deepEqual([dense.name, dense.getConfig().units], ['d', 3])
    const x = vector()
    const nets = [model({ inputs: x, outputs: dense.apply(x) }), sequential({ layers: [vector(), layers.reLU({ name: 'r' })] })]
    for (const net of nets) {
      for (const again of [modelFromConfig(net.getConfig()), modelFromConfig(net.toObject())]) {
        assert.equal(again.constructor, net.constructor)
        assert.equal(again.toJSON(), net.toJSON())
      }
    }
  })

  it('K.l2_normalize is K.l2Normalize', () => assert.equal(K.l2_normalize, K.l2Normalize))
})

describe('what does not fit into memory', () => {
  for (const backend of ['jit', 'wasm']) {
    it(`a tensor of a run on ${backend}`, async () => {
      const net = sequential({ name: 'big', layers: [vector(), layers.repeatVector({ n: 1e9, name: 'r' })] })
      const mistake = net.predict([[1, 2, 3, 4]], { backend })
      await assert.rejects(mistake, (error: Error) => {
        assert.ok(error instanceof ShapeError, String(error.stack))
        assert.match(error.message, /^Model "big" \(Sequential\): the tensor "r.*" needs 16000000000 bytes, more than can be allocated\n/)
        return true
      })
    })
  }

  it('a weight', () => {
    const dense = layers.dense({ units: 2e9, name: 'wide' })
    dense.apply(input({ shape: [1000] }))
    assert.throws(() => dense.getWeights(), { name: 'ShapeError', message: /^variable "wide\/kernel" needs 8000000000000 bytes/ })
  })
})

describe('what mistakes do not use up', () => {
  it('automatic names: a refused layer takes none', () => {
    clearSession()
    for (const options of [{}, { units: 0 }, { units: 2, activation: 'rleu' }, { units: 2, nome: 'x' }] as Anything[]) {
      assert.throws(() => layers.dense(options), KerafoldError)
    }
    assert.throws(() => input({ shape: [-1] }), KerafoldError)
    assert.equal(uniqueName('dense'), 'dense')
    assert.equal(input({ shape: [1] }).name, 'input_layer')
  })

  it('options and arrays: they may be frozen, and are as they were', () => {
    const options = deepFreeze({
      units: 2,
      kernelInitializer: { class_name: 'Constant', config: { value: 2 } },
      inputShape: [3],
      weights: [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [0, 0],
      ],
    })
    const text = JSON.stringify(options)
    const net = sequential(
      Object.freeze({ layers: Object.freeze([layers.dense(options as Anything), layers.reshape(deepFreeze({ targetShape: [2, -1] }))]) }),
    )
    assert.deepEqual(net.outputShape, [null, 2, 1])
    assert.equal(JSON.stringify(options), text)
    const shape = [3, null]
    const x = input({ shape })
    shape[0] = 7
    assert.deepEqual(x.shape, [null, 3, null], 'what the user changes later is not seen')
  })

  it('names the layer that a size known only at run time does not fit', async () => {
    const x = input({ shape: [null, null, 1] })
    const net = model({ inputs: x, outputs: layers.conv2d({ filters: 2, kernelSize: 5, name: 'wide' }).apply(x) })
    const small = new NDArray(new Float32Array(9), [1, 3, 3, 1])
    await assert.rejects(
      async () => net.predict(small),
      (error: Error) => error instanceof ShapeError && /^Layer "wide": conv: no position for a window of 5 cells/.test(error.message),
    )
  })
})
