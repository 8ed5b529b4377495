// TensorFlow.js' files: those of its converter, with every quantisation, and those that its layers save themselves.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import '@tensorflow/tfjs-backend-cpu'
import * as tfc from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import * as layers from '../../lib/layers/index.js'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { loadModel } from '../../lib/models/loadModel.js'
import { sequential } from '../../lib/models/sequential.js'
import * as node from '../../lib/platform/node.js'
import * as web from '../../lib/platform/web.js'
import { readGolden } from '../support/golden.js'
import { goldenBytes, refusal } from './support/archives.js'
import { assertPredicts, evaluateModel, type GoldenRun } from './support/evaluate.js'

const { cases } = readGolden<{ cases: readonly { readonly folder: string; readonly source: string }[] }>('tfjs/tfjs')
const runs = ['legacy/tf_keras', 'legacy/keras_3'].flatMap(name => readGolden<{ cases: readonly GoldenRun[] }>(name).cases)
const runOf = (source: string): GoldenRun => runs.find(({ name }) => name === source) as GoldenRun

const folderOf = (name: string) => new URL(`../golden/tfjs/${name}/`, import.meta.url)
const filesOf = (name: string): File[] =>
  readdirSync(folderOf(name)).map(file => new File([new Uint8Array(readFileSync(new URL(file, folderOf(name))))], file))

/** The files of a folder as TensorFlow.js' own loader wants them. */
function artifactsOf(name: string): tfc.io.ModelArtifacts {
  const json = JSON.parse(readFileSync(new URL('model.json', folderOf(name)), 'utf8'))
  const manifest: { paths: string[]; weights: tfc.io.WeightsManifestEntry[] }[] = json.weightsManifest
  const weightData = manifest.flatMap(({ paths }) => paths.map(path => new Uint8Array(readFileSync(new URL(path, folderOf(name)))).buffer))
  return { modelTopology: json.modelTopology, weightSpecs: manifest.flatMap(({ weights }) => weights), weightData }
}

/** Files as browsers download them when a layers-model is saved. */
async function saved(model: tfl.LayersModel, includeOptimizer = false): Promise<File[]> {
  const files: File[] = []
  await model.save(
    tfc.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, ...rest }) => {
      const weightsManifest = [{ paths: ['./model.weights.bin'], weights: weightSpecs }]
      files.push(new File([JSON.stringify({ ...rest, modelTopology, weightsManifest })], 'model.json'))
      files.push(new File([weightData ?? []].flat(), 'model.weights.bin'))
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
    { includeOptimizer },
  )
  return files
}

/** What two programs compute from the same numbers in float32. */
function assertAlike(model: BaseModel<unknown>, theirs: tfl.LayersModel, input: Float32Array, shape: readonly number[]): void {
  const tensor = tfc.tensor(input, [...shape])
  const expected = [theirs.predict(tensor)].flat()
  const got = evaluateModel(model, [{ dtype: 'float32', shape: [...shape], data: Float64Array.from(input) }], 'float64')
  expected.forEach((output, k) => {
    output.dataSync().forEach((value, at) => {
      const difference = Math.abs(value - (got[k]?.data[at] as number))
      assert.ok(difference <= 1e-5, `output ${k}[${at}]: ${got[k]?.data[at]}, but TensorFlow.js computes ${value}`)
    })
  })
}

describe('models of TensorFlow.js', () => {
  before(() => tfc.setBackend('cpu'))

  describe('by its converter', () => {
    for (const { folder, source } of cases.filter(({ folder }) => !folder.startsWith('stack'))) {
      it(`${folder} computes what Keras does`, async () => assertPredicts(await loadModel<unknown>(filesOf(folder)), runOf(source)))
    }
    for (const { folder } of cases.filter(({ folder }) => folder.startsWith('stack'))) {
      it(`${folder} has the weights that TensorFlow.js reads`, async () => {
        const model = await loadModel<unknown>(filesOf(folder))
        const { weightData, weightSpecs } = artifactsOf(folder)
        const values = tfc.io.decodeWeights(await new Blob([weightData ?? []].flat()).arrayBuffer(), weightSpecs ?? [])
        assert.equal(Object.keys(values).length, model.weights.length)
        for (const { path, data } of model.weights) assert.deepEqual([...data], [...(values[path]?.dataSync() ?? [])], path)
      })
    }
    it('which TensorFlow.js itself rejects: of Keras 3, and with an L2 regularizer', async () => {
      const theirs = (folder: string) => tfl.loadLayersModel(tfc.io.fromMemory(artifactsOf(folder)))
      await assert.rejects(theirs('k3_mlp'), /InputLayer should be passed either a `batchInputShape`/)
      await assert.rejects(theirs('stack_uint8'), /Unknown regularizer: L2/)
    })
  })

  describe('by its own layers', () => {
    const inner = () =>
      tfl.sequential({
        name: 'inner',
        layers: [
          tfl.layers.dense({ units: 4, inputShape: [4], activation: 'hardSigmoid', kernelInitializer: 'heUniform' }),
          tfl.layers.batchNormalization({ movingMeanInitializer: 'randomNormal', gammaInitializer: 'randomNormal' }),
        ],
      })
    it('nested, shared, with old meanings', async () => {
      const a = tfl.input({ shape: [4], name: 'a' })
      const twice = inner()
      const between = tfl.input({ shape: [4] })
      const dense = tfl.layers.dense({ units: 4, activation: 'swish', kernelConstraint: 'maxNorm', kernelRegularizer: 'l1l2' })
      const block = tfl.model({ inputs: between, outputs: dense.apply(between) as tfl.SymbolicTensor, name: 'block' })
      const first = twice.apply(a) as tfl.SymbolicTensor
      const second = twice.apply(block.apply(block.apply(first)) as tfl.SymbolicTensor) as tfl.SymbolicTensor
      const relu = tfl.layers.reLU({ maxValue: 0.9 }).apply(tfl.layers.leakyReLU({ alpha: 0.2 }).apply(second)) as tfl.SymbolicTensor
      const joined = tfl.layers.concatenate().apply([relu, a]) as tfl.SymbolicTensor
      const head = tfl.layers.dense({ units: 2, activation: 'softmax', biasInitializer: 'randomUniform' }).apply(joined)
      const theirs = tfl.model({ inputs: a, outputs: [head as tfl.SymbolicTensor, relu], name: 'net' })
      theirs.compile({ optimizer: 'adam', loss: ['meanSquaredError', 'meanSquaredError'] })
      const model = await loadModel<unknown>(await saved(theirs, true))
      assertAlike(
        model,
        theirs,
        Float32Array.from({ length: 20 }, (_, k) => Math.cos(k)),
        [5, 4],
      )
    })
  })

  describe('come from', () => {
    const check = async (source: Parameters<typeof loadModel>[0], access?: typeof node) =>
      assertPredicts(await loadModel<unknown>(source, access ? { access } : {}), runOf('nested'))
    const path = new URL('model.json', folderOf('nested')).pathname

    it('paths, file URLs and folders', async () => {
      await check(path, node)
      await check(pathToFileURL(path), node)
      await check(new URL('.', folderOf('nested')).pathname, node)
    })
    it('Files in any order', () => check(filesOf('nested').toReversed()))
    for (const [platform, access] of Object.entries({ node, web })) {
      it(`URLs, on ${platform}, with the query of the address for every shard`, async () => {
        const { fetch } = globalThis
        const asked: string[] = []
        globalThis.fetch = async input => {
          const url = new URL(String(input))
          asked.push(url.href)
          return new Response(new Uint8Array(readFileSync(new URL(url.pathname.split('/').at(-1) as string, folderOf('nested')))))
        }
        try {
          await check('https://example.org/models/model.json?key=1', access as typeof node)
        } finally {
          globalThis.fetch = fetch
        }
        assert.ok(asked.includes('https://example.org/models/group1-shard2of2.bin?key=1'), asked.join())
      })
    }
  })

  it('give their weights to a model that exists', async () => {
    const model = sequential({
      layers: [
        layers.dense({ units: 8, inputShape: [6], name: 'dense' }),
        layers.dense({ units: 5, useBias: false, name: 'dense_1' }),
        layers.dense({ units: 4, name: 'dense_2' }),
        layers.dense({ units: 4, name: 'more' }),
      ],
    })
    await assert.rejects(
      model.loadWeights(filesOf('k3_mlp')),
      refusal('FileError', 'model.json: weight "more/kernel" of layer "more" (Dense) is missing'),
    )
    await assert.rejects(model.loadWeights(filesOf('k3_mlp'), { byName: true }), refusal('ArgumentError', 'always matched by name'))
    const { loaded, skipped } = await model.loadWeights(filesOf('k3_mlp'), { skipMismatch: true })
    assert.deepEqual(
      loaded.map(({ weight, from }) => [weight, from]),
      [
        ['dense/kernel', 'mlp/dense/kernel'],
        ['dense/bias', 'mlp/dense/bias'],
        ['dense_1/kernel', 'mlp/dense_1/kernel'],
      ],
    )
    assert.deepEqual(skipped.map(({ weight }) => weight).sort(), ['dense_2/bias', 'dense_2/kernel', 'more/bias', 'more/kernel'])
  })

  describe('that are wrong are refused with', () => {
    type Manifest = { paths: string[]; weights: Record<string, unknown>[] }[]
    /** The files of k3_mlp with changes in model.json. */
    const changed = async (
      change: (json: { format?: unknown; modelTopology?: unknown; weightsManifest: Manifest }) => void,
      shard?: File,
    ) => {
      const files = filesOf('k3_mlp')
      const json = JSON.parse((await files.find(({ name }) => name === 'model.json')?.text()) ?? '')
      change(json)
      const bin = files.find(({ name }) => name.endsWith('.bin')) as File
      return [new File([JSON.stringify(json)], 'model.json'), shard ?? bin]
    }
    const first = (json: { weightsManifest: Manifest }) => json.weightsManifest[0] as Manifest[number]
    const weight = (json: { weightsManifest: Manifest }) => first(json).weights[0] as Record<string, unknown>

    for (const path of [
      '../group1-shard1of1.bin',
      '/etc/passwd',
      'a/../../b.bin',
      'https://example.org/x.bin',
      'c:\\x.bin',
      '',
      '.',
      'a//b',
    ]) {
      it(`the path ${JSON.stringify(path)}`, async () =>
        assert.rejects(
          loadModel(
            await changed(json => {
              first(json).paths = [path]
            }),
          ),
          refusal('FileError', `model.json: the file ${JSON.stringify(path)} that it names is not beside it`),
        ))
    }
    const lies: readonly (readonly [string, Parameters<typeof changed>[0], ...string[]])[] = [
      [
        'a shape too large',
        json => (weight(json).shape = [6, 9]),
        'mlp/dense/kernel has shape [6, 9], but the model needs [6, 8]',
        'layer "dense" (Dense)',
      ],
      ['a shape that no memory holds', json => (weight(json).shape = [2 ** 40, 2 ** 40]), 'weights[0] > shape declares more values'],
      ['a negative size', json => (weight(json).shape = [-6, 8]), 'shape[0] should be a whole number'],
      ['a dtype that no layer has', json => (weight(json).dtype = 'string'), 'weights[0] > dtype of weight "mlp/dense/kernel" is "string"'],
      ['another dtype', json => (weight(json).dtype = 'int32'), 'weight "mlp/dense/kernel" holds int32, but the model needs float32'],
      [
        'an unknown quantisation',
        json => (weight(json).quantization = { dtype: 'int4' }),
        'quantization > dtype should be uint8, uint16 or float16',
      ],
      [
        'a quantisation that is not there',
        json => (weight(json).quantization = { dtype: 'uint8', scale: 1, min: 0 }),
        'declares 312 bytes of weights, but group1-shard1of1.bin holds 456',
      ],
      ['a weight too few', json => first(json).weights.pop(), 'weight "dense_2/bias" of layer "dense_2" (Dense) is missing'],
      [
        'a weight too many',
        json => first(json).weights.push({ name: 'other/kernel', shape: [], dtype: 'float32' }),
        'weight "other/kernel" belongs to no layer',
      ],
      ['a weight twice', json => first(json).weights.push({ ...weight(json) }), 'weight "mlp/dense/kernel" belongs to no layer'],
      ['a shard that was not given', json => (first(json).paths = ['other.bin']), 'model.json: the file other.bin', 'group1-shard1of1.bin'],
      ['a graph model', json => (json.format = 'graph-model'), 'format is "graph-model"', 'convert the Keras model'],
      ['no topology', json => delete json.modelTopology, 'holds weights, but no modelTopology'],
    ]
    for (const [what, change, ...parts] of lies)
      it(what, async () =>
        assert.rejects(loadModel(await changed(json => void change(json))), refusal('FileError', 'model.json', ...parts)),
      )

    it('a truncated shard', async () =>
      assert.rejects(
        loadModel(await changed(() => {}, new File([new Uint8Array(452)], 'group1-shard1of1.bin'))),
        refusal('FileError', 'declares 456 bytes of weights, but group1-shard1of1.bin holds 452', 'truncated'),
      ))
    it('no shards at all', async () => {
      const [json] = await changed(() => {})
      await assert.rejects(
        loadModel(json as File),
        refusal('FileError', 'model.json', 'which was not given', 'loadModel([jsonFile, ...shardFiles])'),
      )
    })
    it('several models', async () =>
      assert.rejects(loadModel([...filesOf('k3_mlp'), ...filesOf('nested')]), refusal('ArgumentError', 'one .json file')))
    it('what is no list of files', async () => {
      await assert.rejects(loadModel([goldenBytes('mlp')] as never), refusal('ArgumentError', 'Files or Blobs'))
      await assert.rejects(loadModel([]), refusal('ArgumentError', 'Files or Blobs'))
    })
    it('JSON that is no model', () =>
      assert.rejects(loadModel(new Blob(['{"a": 1}'])), refusal('FileError', 'lacks "modelTopology" and "weightsManifest"')))
  })
})
