// Models that are refused for their config: names that mean nothing here, graphs that no model can have.

import assert from 'node:assert/strict'
import type { Json } from '../../lib/layers/schema.js'
import { loadModel } from '../../lib/models/loadModel.js'
import { altered, refusal } from './support/archives.js'
import { file, functional, garbage, inputLayer, layer, node, operation, sequential, tensor } from './support/configs.js'

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
  })
})
