// Options that models and functions refuse, and what they take.

import assert from 'node:assert/strict'
import {
  ArgumentError,
  configure,
  graphToDot,
  input,
  K,
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
  ShapeError,
  sequential,
} from '../../lib/index.js'
import { type Anything, vector } from './refused.js'

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
