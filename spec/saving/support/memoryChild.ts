// Makes the files of a model of 38 MB, or loads them and prints the most memory that took beyond the files.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memoryUsage, resourceUsage } from 'node:process'
import * as layers from '../../../lib/layers/index.js'
import { input } from '../../../lib/layers/inputLayer.js'
import { loadModel } from '../../../lib/models/loadModel.js'
import { sequential } from '../../../lib/models/sequential.js'
import type { ModelSource } from '../../../lib/saving/source.js'
import { hdf5 } from './archives.js'

const [task = '', root = '', format = ''] = process.argv.slice(2)

const made = (units: number) =>
  sequential({
    name: 'large',
    layers: [input({ shape: [units], name: 'x' }), ...[1, 2, 3, 4].map(k => layers.dense({ units, useBias: false, name: `dense_${k}` }))],
  })

/** The files of a model in a format. */
async function files(format: string, units: number): Promise<Uint8Array | File[]> {
  const model = made(units)
  for (const variable of model.weights) variable.adopt(new Float32Array(variable.size).fill(0.5))
  if (format === '.keras') return model.save()
  if (format === '.weights.h5') return model.saveWeights()
  if (format === '.h5')
    return hdf5(file => {
      file.create_attribute('keras_version', '3.15.1', [], 'S')
      file.create_attribute('model_config', model.toJSON(), [], 'S')
      const group = file.create_group('model_weights')
      const names = model.layers.map(({ name }) => name)
      group.create_attribute('layer_names', names, [names.length], 'S')
      for (const { name, weights } of model.layers) {
        const inner = group.create_group(name)
        inner.create_attribute('weight_names', [`${name}/kernel`], [1], 'S')
        inner.create_group(name).create_dataset({ name: 'kernel', data: weights[0]?.data as Float32Array, shape: [units, units] })
      }
    })
  const weights = model.weights.map(({ path, shape, dtype }) => ({ name: path, shape, dtype }))
  const json = {
    format: 'layers-model',
    modelTopology: { ...model.toObject(), keras_version: '3.15.1' },
    weightsManifest: [{ paths: ['w.bin'], weights }],
  }
  return [
    new File([JSON.stringify(json)], 'model.json'),
    new File(
      model.weights.map(({ data }) => data.slice() as BlobPart),
      'w.bin',
    ),
  ]
}

async function load(source: ModelSource, units: number): Promise<number> {
  if (format !== '.weights.h5') return (await loadModel(source)).countParams()
  const model = made(units)
  return (await model.loadWeights(source)).loaded.length === 4 ? model.countParams() : 0
}

const large = 1536

/** Writes the files of every format, or loads those of one: making them takes more memory than loading may. */
if (task === 'make') {
  for (const each of ['.keras', '.h5', '.weights.h5', 'model.json']) {
    const source = await files(each, large)
    const parts = Array.isArray(source) ? source : [new File([source.slice()], `large${each}`)]
    mkdirSync(join(root, each))
    for (const file of parts) writeFileSync(join(root, each, file.name), new Uint8Array(await file.arrayBuffer()))
  }
} else {
  await load(await files(format, 8), 8) // the libraries are there
  const folder = join(root, format)
  const parts = readdirSync(folder).map(name => ({ name, bytes: read(join(folder, name)) }))
  const source: ModelSource = format === 'model.json' ? parts.map(inMemory) : (parts[0]?.bytes ?? new Uint8Array(0))
  globalThis.gc?.()
  const ballast = fillToMark()
  const before = resourceUsage().maxRSS
  const params = await load(source, large)
  console.log(JSON.stringify({ peak: 1024 * (resourceUsage().maxRSS - before), weights: 4 * params, ballast: ballast.length }))
}

/** Memory taken until the process has as much as it ever had: from then on the high-water mark rises with what is taken. */
function fillToMark(): readonly Uint8Array[] {
  const blocks: Uint8Array[] = []
  while (memoryUsage.rss() < 1024 * resourceUsage().maxRSS) blocks.push(new Uint8Array(2 ** 20).fill(1))
  return blocks
}

/** A file's bytes, once: a copy would raise the mark that the peak is measured from. */
function read(path: string): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = readFileSync(path)
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
}

/** A File whose bytes are there already: a Blob would copy them out of its own store. */
function inMemory({ name, bytes }: { name: string; bytes: Uint8Array<ArrayBuffer> }): File {
  return Object.assign(new File([], name), {
    arrayBuffer: async () => (bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()).buffer,
  })
}
