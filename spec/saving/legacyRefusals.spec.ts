// Files of Keras 2's layout that lie, lead elsewhere or lack what they name.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { loadModel } from '../../lib/models/loadModel.js'
import { type H5File, hdf5, refusal } from './support/archives.js'

const architecture = JSON.stringify({
  class_name: 'Sequential',
  config: {
    name: 'net',
    layers: [
      { class_name: 'InputLayer', config: { name: 'x', batch_input_shape: [null, 3], dtype: 'float32' } },
      { class_name: 'Dense', config: { name: 'four', units: 4 } },
    ],
  },
})

interface Parts {
  readonly config?: string | number
  readonly layerNames?: readonly string[]
  readonly weightNames?: readonly string[]
  readonly kernel?: readonly number[]
  readonly more?: (file: H5File) => void
}

/** An .h5 file of one Dense layer, with something wrong. */
function file({
  config = architecture,
  layerNames = ['four'],
  weightNames = ['four/kernel:0', 'four/bias:0'],
  kernel = [3, 4],
  more,
}: Parts) {
  return hdf5(h5 => {
    h5.create_attribute('keras_version', '2.2.4', [], 'S')
    h5.create_attribute('model_config', config, [], typeof config === 'string' ? 'S' : '<i')
    const root = h5.create_group('model_weights')
    root.create_attribute('layer_names', [...layerNames], [layerNames.length], 'S')
    if (more) more(h5)
    else {
      const layer = root.create_group('four')
      layer.create_attribute('weight_names', [...weightNames], [weightNames.length], 'S')
      const group = layer.create_group('four')
      group.create_dataset({ name: 'kernel:0', data: new Float32Array(kernel.reduce((a, b) => a * b, 1)), shape: [...kernel] })
      group.create_dataset({ name: 'bias:0', data: new Float32Array(4), shape: [4] })
    }
  })
}

describe('.h5 files are refused with', () => {
  it('(and this one is not)', async () => assert.equal((await loadModel(await file({}))).countParams(), 16))

  const refused: readonly (readonly [string, Parts, ...string[]])[] = [
    ['an architecture that is no text', { config: 7 }, 'model_config that is no text'],
    ['an architecture that is no JSON', { config: '{' }, 'model_config is no valid JSON'],
    ['an architecture nested without end', { config: '['.repeat(500) }, 'levels deep'],
    [
      'a layer that has no group',
      { layerNames: ['other'] },
      'the weights of layer "other" are missing: there is no group /model_weights/other',
    ],
    ['a weight that has no dataset', { weightNames: ['four/kernel:0', 'four/none:0'] }, '/model_weights/four/four/none:0 is missing'],
    ['a weight too few', { weightNames: ['four/kernel:0'] }, 'layer "four" of the file has 1 weights, but layer "four" (Dense) needs 2'],
    [
      'a weight of another shape',
      { kernel: [4, 3] },
      '/model_weights/four/four/kernel:0 has shape [4, 3], but the model needs [3, 4]',
      'weight "four/kernel" of layer "four" (Dense)',
    ],
    ['one weight twice', { weightNames: ['four/bias:0', 'four/bias:0'] }, 'has shape [4], but the model needs [3, 4]'],
    ['a layer too many', { layerNames: ['four', 'four'] }, 'it has 2 layers with weights (four, four), but the model has 1 (four)'],
    ['a name that climbs', { weightNames: ['../../keras', 'four/bias:0'] }, '/model_weights/four/../../keras is missing'],
    [
      'weights of layers through a soft link',
      { more: h5 => h5.create_soft_link('/elsewhere', 'model_weights/four') },
      '/model_weights/four is a soft link to "/elsewhere"',
    ],
    [
      'weights of layers in another file',
      { more: h5 => h5.create_external_link('/etc/passwd', '/x', 'model_weights/four') },
      '/model_weights/four is a link into another file, "/etc/passwd"',
    ],
  ]
  for (const [what, parts, ...messages] of refused)
    it(what, async () => assert.rejects(loadModel(await file(parts)), refusal('FileError', 'the given bytes', ...messages)))

  it('the end cut off, wherever', async () => {
    const whole = new Uint8Array(readFileSync(new URL('../golden/legacy/stack.h5', import.meta.url)))
    for (let length = 8; length < whole.length; length += 2003)
      await assert.rejects(loadModel(whole.slice(0, length)), refusal('FileError', 'the given bytes'))
  })
  it('an unknown layer, before any weight is read', async () =>
    assert.rejects(
      loadModel(await file({ config: architecture.replace('"Dense"', '"Strange"'), kernel: [1, 1] })),
      refusal('UnknownNameError', 'model_config > config > layers[1]', 'layer "four" is of the unknown layer class "Strange"'),
    ))
})
