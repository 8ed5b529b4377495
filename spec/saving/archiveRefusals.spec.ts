// Models that are refused for their archive: members, damage, the weights in it.

import assert from 'node:assert/strict'
import { loadModel } from '../../lib/models/loadModel.js'
import { altered, goldenBytes, goldenMembers, type H5File, hdf5, refusal } from './support/archives.js'
import { file, garbage, inputLayer, layer, sequential } from './support/configs.js'
import { externalStorage, shapeBomb, virtualDataset } from './support/hostileHdf5.js'

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
  describe('archives', () => {
    it('metadata without a version', () =>
      assert.rejects(
        loadModel(altered('mlp', { 'metadata.json': '{"date_saved": "x"}' })),
        refusal('FileError', 'metadata.json lacks "keras_version"'),
      ))
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
    it('weights that the file cannot hold, without allocating them', async () => {
      const start = performance.now()
      const huge = sequential(inputLayer('x', [null, 1_000_000]), layer('Dense', { name: 'd', units: 1_000_000 }))
      await assert.rejects(
        loadModel(file(huge, await denseWeights([3, 4], [4]))),
        refusal('FileError', 'model.weights.h5', 'needs 4000004000000 bytes'),
      )
      assert.ok(performance.now() - start < 2000)
    })
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
