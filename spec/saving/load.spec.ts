// Golden models of Keras, loaded: layers, weights and predictions; from every source; with what Keras 2 wrote repaired.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { type LoadOptions, loadModel } from '../../lib/models/loadModel.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import * as K from '../../lib/ops/functional/index.js'
import * as node from '../../lib/platform/node.js'
import * as web from '../../lib/platform/web.js'
import type { FileAccess } from '../../lib/saving/source.js'
import { type GoldenTensor, goldenValue, readGolden } from '../support/golden.js'
import { Scale } from '../support/scaleLayer.js'
import { archive, goldenBytes, goldenMembers, goldenPath, refusal, withConfig } from './support/archives.js'
import { assertPredicts } from './support/evaluate.js'

interface GoldenModel {
  readonly name: string
  readonly class_name: string
  readonly model_name: string
  readonly input_keys: readonly string[] | null
  readonly output_keys: readonly string[] | null
  readonly input_names: readonly string[]
  readonly input_shapes: readonly (readonly (number | null)[])[]
  readonly output_shapes: readonly (readonly (number | null)[])[]
  readonly inputs: readonly GoldenTensor[]
  readonly outputs: readonly GoldenTensor[]
  readonly layers: readonly {
    name: string
    class_name: string
    params: number
    trainable: boolean
    output_shape: readonly (readonly (number | null)[])[]
  }[]
  readonly weights: readonly (GoldenTensor & { readonly path: string; readonly name: string; readonly trainable: boolean })[]
}

const { cases } = readGolden<{ cases: readonly GoldenModel[] }>('models/models')

const replacements: Readonly<Record<string, LoadOptions>> = {
  custom: { customObjects: { Scale } },
  lambda: { customObjects: { lambda: (x: TracedTensor) => K.add(K.multiply(x, 2), 1) } },
}

const loadable = cases.filter(({ name }) => name !== 'mixed')

describe('loadModel', () => {
  for (const golden of loadable) {
    const { name } = golden
    describe(name, () => {
      let model: BaseModel<unknown>
      before(async () => {
        model = await loadModel<unknown>(goldenPath(name), replacements[name])
      })

      it('has the layers of the file, in their order', () => {
        assert.equal(model.className, golden.class_name)
        assert.equal(model.name, golden.model_name)
        assert.deepEqual(
          model.layers.map(layer => ({
            name: layer.name,
            class_name: layer.className,
            params: layer.countParams(),
            trainable: layer.trainable,
          })),
          golden.layers.map(({ output_shape, ...layer }) => layer),
        )
      })

      it('has the inputs and outputs of the file', () => {
        const shapes = (tensors: readonly { shape: readonly (number | null)[] }[]) => tensors.map(({ shape }) => shape)
        assert.deepEqual(shapes(model.inputs), golden.input_shapes)
        assert.deepEqual(shapes(model.outputs), golden.output_shapes)
        if (golden.class_name === 'Functional') assert.deepEqual(model.inputNames, golden.input_names)
      })

      it('has the weights of the file, in their order', () => {
        assert.deepEqual(
          model.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
          golden.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
        )
        model.weights.forEach((variable, k) => {
          assert.deepEqual(Array.from(variable.data), Array.from(goldenValue(golden.weights[k] as GoldenTensor).data), variable.path)
        })
        const trainable = new Set(model.trainableWeights)
        assert.deepEqual(
          model.weights.map(variable => trainable.has(variable)),
          golden.weights.map(weight => weight.trainable),
        )
      })

      it("predicts what Keras' model predicts", () => assertPredicts(model, golden))
    })
  }

  it('gives predictions in the structure of the outputs', async () => {
    const model = await loadModel<unknown>(goldenPath('dict_inputs'))
    assert.deepEqual(model.inputNames, ['alpha', 'beta'])
    assert.deepEqual(model.outputNames, ['copy', 'sum'])
  })
})

describe('sources of models', () => {
  const golden = cases.find(({ name }) => name === 'mlp') as GoldenModel
  const bytes = goldenBytes('mlp')
  const check = async (source: Parameters<typeof loadModel>[0], access?: FileAccess) =>
    assertPredicts(await loadModel<unknown>(source, access ? { access } : {}), golden)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kerafold-'))
    mkdirSync(join(folder, 'unzipped'))
    for (const [member, content] of Object.entries(goldenMembers('mlp'))) writeFileSync(join(folder, 'unzipped', member), content)
  })
  after(() => rmSync(folder, { recursive: true }))

  /** fetch as a browser's, for one file. */
  const withFetch = async (use: () => Promise<void>): Promise<void> => {
    const { fetch } = globalThis
    globalThis.fetch = async input =>
      String(input).endsWith('mlp.keras') ? new Response(bytes.slice()) : new Response('no', { status: 404, statusText: 'Not Found' })
    try {
      await use()
    } finally {
      globalThis.fetch = fetch
    }
  }

  describe('everywhere', () => {
    it('are bytes', () => check(bytes))
    it('are bytes inside a larger buffer', () => {
      const larger = new Uint8Array(bytes.length + 7)
      larger.set(bytes, 7)
      return check(larger.subarray(7))
    })
    it('are an ArrayBuffer', () => check(bytes.slice().buffer))
    it('are a Blob', () => check(new Blob([bytes.slice()])))
    it('are a File, by whose name errors go', async () => {
      await check(new File([bytes.slice()], 'mine.keras'))
      await assert.rejects(loadModel(new File(['x'], 'mine.keras')), refusal('FileError', 'mine.keras is no .keras file'))
    })
    it('are deflated archives too', () => check(archive(goldenMembers('mlp'), 6)))
    it('are nothing else', () => assert.rejects(loadModel(7 as never), refusal('ArgumentError', 'path, URL, File, Blob')))
    it('are told by their contents: an error says what they are not', async () => {
      const unknown = (text: string, ...parts: string[]) => assert.rejects(loadModel(new Blob([text])), refusal('FileError', ...parts))
      await unknown('<!doctype html>', 'the given Blob is no .keras file, no HDF5 file and no model.json', 'web page')
      await unknown('', 'is no .keras file')
      await unknown('PK', 'is no .keras file')
    })
  })

  for (const [platform, access] of Object.entries({ node, web })) {
    it(`are URLs, on ${platform}`, () =>
      withFetch(async () => {
        await check(new URL('https://example.org/mlp.keras'), access)
        await check('https://example.org/mlp.keras', access)
        await assert.rejects(
          loadModel('https://example.org/none.keras', { access }),
          refusal('FileError', 'https://example.org/none.keras', '404'),
        )
      }))
  }

  describe('on web', () => {
    it('are paths relative to the page', () => withFetch(() => check('models/mlp.keras', web)))
  })

  describe('on node', () => {
    it('are paths and file URLs', async () => {
      await check(goldenPath('mlp'), node)
      await check(pathToFileURL(goldenPath('mlp')), node)
    })
    it('are folders with the same members', async () => {
      await check(join(folder, 'unzipped'), node)
      await check(pathToFileURL(join(folder, 'unzipped')), node)
    })
    it('are named when they are missing', async () => {
      await assert.rejects(loadModel(join(folder, 'none.keras')), refusal('FileError', 'none.keras: there is no such file'))
      await assert.rejects(loadModel(pathToFileURL(join(folder, 'none.keras'))), refusal('FileError', 'there is no such file'))
      await assert.rejects(loadModel(folder), refusal('FileError', folder, 'no metadata.json'))
    })
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
