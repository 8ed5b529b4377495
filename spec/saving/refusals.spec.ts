import assert from 'node:assert/strict'
import type { Json } from '../../lib/layers/schema.js'
import { loadModel } from '../../lib/models/loadModel.js'
import { altered, archive, goldenBytes, goldenMembers, type H5File, hdf5, refusal, withConfig } from './support/archives.js'
import { externalStorage, shapeBomb, virtualDataset } from './support/hostileHdf5.js'

const metadata = '{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}'
const garbage = new Uint8Array(100)

const layer = (className: string, config: Record<string, Json>, nodes?: Json): Json => ({
  module: 'keras.layers',
  class_name: className,
  config,
  registered_name: null,
  ...(nodes === undefined ? {} : { name: config.name as Json, inbound_nodes: nodes }),
})
const inputLayer = (name: string, shape: Json, nodes?: Json) => layer('InputLayer', { name, batch_shape: shape, dtype: 'float32' }, nodes)
const tensor = (name: string, call = 0, output = 0): Json => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 3], dtype: 'float32', keras_history: [name, call, output] },
})
const node = (...args: Json[]): Json => ({ args, kwargs: {} })
const operation = (className: string, name: string, config: Record<string, Json>, ...nodes: Json[]): Json => ({
  module: 'keras.src.ops.numpy',
  class_name: className,
  config: { name, ...config },
  registered_name: className,
  name,
  inbound_nodes: nodes,
})

const sequential = (...layers: Json[]): Json => ({
  module: 'keras',
  class_name: 'Sequential',
  config: { name: 'net', layers },
  registered_name: null,
})
const functional = (outputs: Json, ...layers: Json[]): Json => ({
  module: 'keras.src.models.functional',
  class_name: 'Functional',
  config: { name: 'net', layers: [inputLayer('x', [null, 3], []), ...layers], input_layers: ['x', 0, 0], output_layers: outputs },
  registered_name: 'Functional',
})
const file = (config: Json | string, weights: Uint8Array = garbage) =>
  archive({
    'metadata.json': metadata,
    'config.json': typeof config === 'string' ? config : JSON.stringify(config),
    'model.weights.h5': weights,
  })

/** Three features to four units, whose weights are `layers/dense/vars/0` (3, 4) and `/1` (4,). */
const threeToFour = sequential(inputLayer('x', [null, 3]), layer('Dense', { name: 'four', units: 4 }))
const denseWeights = (kernel: readonly number[], bias: readonly number[], more: (file: H5File) => void = () => {}, container = 'layers') =>
  hdf5(h5 => {
    for (const group of ['vars', container, `${container}/dense`, `${container}/dense/vars`]) h5.create_group(group)
    const zeros = (shape: readonly number[]) => new Float32Array(shape.reduce((a, b) => a * b, 1))
    h5.create_dataset({ name: `${container}/dense/vars/0`, data: zeros(kernel), shape: [...kernel] })
    h5.create_dataset({ name: `${container}/dense/vars/1`, data: zeros(bias), shape: [...bias] })
    more(h5)
  })
const groups = (...names: readonly string[]) =>
  hdf5(h5 => {
    for (const name of names) h5.create_group(name)
  })

describe('loadModel refuses', () => {
  describe('names that mean nothing here, before any weight is read', () => {
    it('unknown layer classes', () =>
      assert.rejects(
        loadModel(file(sequential(inputLayer('x', [null, 3]), layer('LSTM', { name: 'memory', units: 4 })))),
        refusal('UnknownNameError', 'config.json > config > layers[1]', '"memory"', '"LSTM"', 'customObjects'),
      ))
    it('unknown layer classes inside nested models', () =>
      assert.rejects(
        loadModel(file(sequential(inputLayer('x', [null, 3]), sequential(inputLayer('y', [null, 3]), layer('Warp', { name: 'w' }))))),
        refusal('UnknownNameError', 'config.json > config > layers[1] > config > layers[1]', '"w"', '"Warp"'),
      ))
    it('names that JavaScript knows', () =>
      assert.rejects(loadModel(file(sequential(layer('toString', { name: 'x' })))), refusal('UnknownNameError', '"toString"')))
    it('unknown operations', () =>
      assert.rejects(
        loadModel(file(functional(['f', 0, 0], operation('Fft', 'f', {}, node(tensor('x')))))),
        refusal('UnknownNameError', 'config.json > config > layers[1]', '"f"', '"Fft"'),
      ))
    it('Python code in a Lambda', () =>
      assert.rejects(
        loadModel(altered('lambda', { 'model.weights.h5': garbage })),
        refusal('UnknownNameError', 'layers[2] > config > function', '"lambda" (Lambda)', 'never run'),
      ))
    it('Python code in a Lambda of Keras 2', () =>
      assert.rejects(
        loadModel(
          file(
            sequential(
              inputLayer('x', [null, 3]),
              layer('Lambda', { name: 'l', function: ['4wEAAAA=', null, null], function_type: 'lambda' }),
            ),
          ),
        ),
        refusal('UnknownNameError', 'layers[1] > config > function', '"l" (Lambda)', 'never run'),
      ))
    it('a Lambda that names a Python function', () =>
      assert.rejects(
        loadModel(
          file(
            sequential(
              inputLayer('x', [null, 3]),
              layer('Lambda', {
                name: 'l',
                function: { module: 'os', class_name: 'function', config: 'system', registered_name: 'system' },
              }),
            ),
          ),
        ),
        refusal('UnknownNameError', 'layers[1] > config > function', '"system"'),
      ))
    it('Python code in any other option', () =>
      assert.rejects(
        loadModel(
          file(
            sequential(
              inputLayer('x', [null, 3]),
              layer('Dense', {
                name: 'd',
                units: 2,
                activation: { class_name: '__lambda__', config: { code: '4wE=', defaults: null, closure: null } },
              }),
            ),
          ),
        ),
        refusal('UnknownNameError', 'layers[1] > config > activation', '"d" (Dense)', 'never run'),
      ))
    it('unknown activations and initializers', async () => {
      const dense = (config: Record<string, Json>) =>
        file(sequential(inputLayer('x', [null, 3]), layer('Dense', { name: 'd', units: 2, ...config })))
      await assert.rejects(
        loadModel(dense({ activation: 'wobble' })),
        refusal('UnknownNameError', 'config.json > config > layers[1]', 'wobble'),
      )
      await assert.rejects(
        loadModel(dense({ kernel_initializer: { class_name: 'Wobble', config: {} } })),
        refusal('UnknownNameError', 'config.json > config > layers[1]', 'Wobble'),
      )
    })
  })

  describe('configs that no model can have', () => {
    const refused: readonly (readonly [string, Json | string, ...string[]])[] = [
      [
        'mixed precision',
        functional(
          ['d', 0, 0],
          layer('Dense', { name: 'd', units: 1, dtype: { class_name: 'DTypePolicy', config: { name: 'mixed_float16' } } }, [
            node(tensor('x')),
          ]),
        ),
        'layers[1] > config > dtype',
        'mixed_float16',
      ],
      ['bad options', sequential(inputLayer('x', [null, 3]), layer('Dense', { name: 'd', units: -4 })), 'layers[1]', 'units'],
      [
        'unknown options',
        sequential(inputLayer('x', [null, 3]), layer('Dense', { name: 'd', units: 4, colour: 'red' })),
        'layers[1]',
        'colour',
      ],
      [
        'shapes that do not fit',
        sequential(inputLayer('x', [null, 3]), layer('Reshape', { name: 'r', target_shape: [7] })),
        'layers[1]',
        'reshape',
      ],
      ['ragged inputs', sequential(layer('InputLayer', { name: 'x', batch_shape: [null, 3], ragged: true })), 'ragged'],
      ['a missing class name', { config: {} }, 'config.json lacks "class_name"'],
      ['another kind of object', layer('Dense', { name: 'd', units: 1 }), 'Functional or Sequential'],
      ['layers that are no list', { class_name: 'Sequential', config: { name: 'n', layers: {} } }, 'config > layers should be a list'],
      [
        'two layers of one name',
        functional(
          ['d', 0, 0],
          layer('Dense', { name: 'd', units: 1 }, [node(tensor('x'))]),
          layer('Dense', { name: 'd', units: 1 }, [node(tensor('x'))]),
        ),
        'layers[2] > config belongs to the second layer called "d"',
      ],
      [
        'a tensor of no layer',
        functional(['d', 0, 0], layer('Dense', { name: 'd', units: 1 }, [node(tensor('nowhere'))])),
        '"nowhere"',
        'layers[1] > inbound_nodes[0]',
      ],
      [
        'a call that never happens',
        functional(['d', 0, 0], layer('Dense', { name: 'd', units: 1 }, [node(tensor('x', 7))])),
        'call 7 of "x"',
      ],
      [
        'a cycle',
        functional(
          ['d', 0, 0],
          layer('Dense', { name: 'd', units: 3 }, [node(tensor('e'))]),
          layer('Dense', { name: 'e', units: 3 }, [node(tensor('d'))]),
        ),
        'does not exist or depends on it',
      ],
      [
        'an output of no layer',
        functional(['nowhere', 0, 0], layer('Dense', { name: 'd', units: 1 }, [node(tensor('x'))])),
        'output_layers',
        '"nowhere"',
      ],
      [
        'an input that is not one',
        { class_name: 'Functional', config: { name: 'n', layers: [], input_layers: ['x', 0, 0], output_layers: ['x', 0, 0] } },
        '"x"',
      ],
      [
        'negative indices',
        functional(['d', -1, 0], layer('Dense', { name: 'd', units: 1 }, [node(tensor('x'))])),
        'output_layers[1] should be a whole number',
      ],
      [
        'a call without tensors',
        functional(['d', 0, 0], layer('Dense', { name: 'd', units: 1 }, [node(3)])),
        'layers[1] > inbound_nodes[0]',
      ],
      [
        'arguments that no layer takes',
        functional(['d', 0, 0], layer('Dense', { name: 'd', units: 1 }, [{ args: [tensor('x')], kwargs: { speed: 3 } }])),
        'speed',
      ],
      [
        'operations called twice',
        functional(['a', 0, 0], operation('Abs', 'a', {}, node(tensor('x')), node(tensor('x')))),
        'called 2 times',
      ],
      [
        'options of operations that are not supported',
        functional(['m', 0, 0], operation('Max', 'm', { axis: 1, initial: 5 }, node(tensor('x')))),
        'layers[1] > config > initial',
      ],
      ['operands of operations that are no numbers', functional(['a', 0, 0], operation('Add', 'a', {}, node(tensor('x'), 'one'))), 'x2'],
      ['an index that is none', functional(['g', 0, 0], operation('GetItem', 'g', {}, node(tensor('x'), ['a']))), 'index'],
      [
        '__proto__',
        `{"class_name": "Sequential", "config": {"name": "n", "layers": [{"class_name": "Dense", "config": {"__proto__": {"units": 3}}}]}}`,
        'config > layers[0] > config has the key "__proto__"',
      ],
      ['depth', `{"class_name": "Sequential", "config": ${'{"config":'.repeat(5000)}1${'}'.repeat(5001)}`, 'levels deep'],
    ]
    for (const [what, config, ...parts] of refused) it(what, () => assert.rejects(loadModel(file(config)), refusal('FileError', ...parts)))

    it('graphs that unfold without end', async () => {
      let inner: Json = functional(['a', 0, 0], layer('Activation', { name: 'a', activation: 'relu' }, [node(tensor('x'))]))
      for (let level = 0; level < 15; level++) {
        const nested = {
          ...(inner as Record<string, Json>),
          config: { ...((inner as Record<string, Json>).config as Record<string, Json>), name: 'inner' },
          name: 'inner',
          inbound_nodes: [node(tensor('x')), node(tensor('inner'))],
        }
        inner = functional(['inner', 2, 0], nested)
      }
      const start = performance.now()
      await assert.rejects(loadModel(file(inner)), refusal('FileError', 'calls of layers'))
      assert.ok(performance.now() - start < 2000)
    })

    it('weights that the file cannot hold, without allocating them', async () => {
      const start = performance.now()
      const huge = sequential(inputLayer('x', [null, 1_000_000]), layer('Dense', { name: 'd', units: 1_000_000 }))
      await assert.rejects(
        loadModel(file(huge, await denseWeights([3, 4], [4]))),
        refusal('FileError', 'model.weights.h5', 'needs 4000004000000 bytes'),
      )
      assert.ok(performance.now() - start < 2000)
    })

    it('metadata without a version', () =>
      assert.rejects(
        loadModel(altered('mlp', { 'metadata.json': '{"date_saved": "x"}' })),
        refusal('FileError', 'metadata.json lacks "keras_version"'),
      ))
  })

  describe('archives', () => {
    it('without a member', async () => {
      for (const member of ['metadata.json', 'config.json', 'model.weights.h5'])
        await assert.rejects(loadModel(altered('mlp', { [member]: undefined })), refusal('FileError', `has no ${member}`))
    })
    it('with pickled weights', () =>
      assert.rejects(
        loadModel(altered('mlp', { 'model.weights.h5': undefined, 'model.weights.npz': garbage })),
        refusal('FileError', 'model.weights.npz', 'pickled'),
      ))
    it('with weights in several files', () =>
      assert.rejects(
        loadModel(altered('mlp', { 'model.weights.h5': undefined, 'model.weights.json': '{}' })),
        refusal('FileError', 'several files'),
      ))
    it('cut off anywhere', async () => {
      const bytes = goldenBytes('mlp')
      for (let length = 0; length < bytes.length; length += 97)
        await assert.rejects(loadModel(bytes.subarray(0, length)), refusal('FileError', 'the given bytes'))
    })
  })

  describe('weights', () => {
    const refused: readonly (readonly [string, () => Promise<Uint8Array>, ...string[]])[] = [
      ['of another shape', () => denseWeights([4, 3], [4]), '/layers/dense/vars/0 has shape [4, 3], but the model needs [3, 4]'],
      ['of another rank', () => denseWeights([12], [4]), '/layers/dense/vars/0 has shape [12]'],
      [
        'one too few',
        () => groups('vars', 'layers', 'layers/dense', 'layers/dense/vars'),
        'weight "four/kernel" of layer "four" (Dense) is missing: there is no /layers/dense/vars/0',
      ],
      [
        'with a group missing',
        () => groups('vars', 'layers', 'layers/dense'),
        'layer "four" (Dense) are missing: there is no group /layers/dense/vars',
      ],
      ['with nothing in them', () => hdf5(() => {}), 'layer "four" (Dense) are missing'],
      [
        'one too many',
        () => denseWeights([3, 4], [4], h5 => h5.create_dataset({ name: 'layers/dense/vars/2', data: new Float32Array(1) })),
        '/layers/dense/vars/2 is a weight too many',
        '"four" (Dense) has 2',
      ],
      [
        'of a layer that is not there',
        () => denseWeights([3, 4], [4], h5 => h5.create_group('layers/dense_1')),
        '/layers/dense_1 belongs to no layer',
      ],
      [
        'of a part that the layer has not',
        () => denseWeights([3, 4], [4], h5 => h5.create_group('layers/dense/cell')),
        '/layers/dense/cell belongs to no layer',
      ],
      ['beside the layers', () => denseWeights([3, 4], [4], h5 => h5.create_group('more')), '/more belongs to no layer'],
      [
        'through a soft link',
        () => denseWeights([3, 4], [4], h5 => h5.create_soft_link('/optimizer', 'layers'), 'optimizer'),
        '/layers is a soft link to "/optimizer"',
      ],
      [
        'through a link into another file',
        () => denseWeights([3, 4], [4], h5 => h5.create_external_link('/etc/passwd', '/x', 'layers'), 'optimizer'),
        '/layers is a link into another file, "/etc/passwd"',
      ],
      ['in external storage', async () => externalStorage, '/layers/dense/vars/0', 'another file'],
      ['in a virtual dataset', async () => virtualDataset, '/layers/dense/vars/0', 'virtual'],
      ['of a shape that no memory holds', async () => shapeBomb, '/layers/dense/vars/0 has shape [1048576, 1048576]'],
      ['that are no HDF5', async () => new Uint8Array(2000), 'no HDF5 file'],
    ]
    for (const [what, weights, ...parts] of refused) {
      it(what, async () =>
        assert.rejects(loadModel(file(threeToFour, await weights())), refusal('FileError', 'model.weights.h5', ...parts)),
      )
    }
    it('but not those of an optimizer', async () => {
      const bytes = await denseWeights([3, 4], [4], h5 => {
        h5.create_group('optimizer')
        h5.create_dataset({ name: 'optimizer/0', data: new Float32Array(1) })
      })
      assert.equal((await loadModel(file(threeToFour, bytes))).countParams(), 16)
    })
  })

  it('what a changed byte has damaged', async () => {
    const bytes = goldenBytes('mlp')
    const { 'model.weights.h5': weights } = goldenMembers('mlp')
    const at = bytes.length - 400 - (weights?.length ?? 0) / 2
    bytes[Math.floor(at)] = (bytes[Math.floor(at)] as number) ^ 1
    await assert.rejects(loadModel(bytes), refusal('FileError', 'model.weights.h5', 'checksum'))
  })
})

describe('loadModel repairs what Keras 2 wrote', () => {
  it('hard_sigmoid meant 0.2x + 0.5', async () => {
    const legacy = archive({
      ...goldenMembers('keras_2_13'),
      'config.json': new TextDecoder()
        .decode(goldenMembers('keras_2_13')['config.json'])
        .replace('"activation": "sigmoid"', '"activation": "hard_sigmoid"'),
    })
    const model = await loadModel(legacy)
    assert.ok(JSON.stringify(model.getLayer('shared').getConfig()).includes('hard_sigmoid_keras2'))
    const modern = await loadModel(
      withConfig('shared_dense', text => text.replace('"activation": "sigmoid"', '"activation": "hard_sigmoid"')),
    )
    assert.equal(modern.getLayer('shared').getConfig().activation, 'hard_sigmoid')
  })
})
