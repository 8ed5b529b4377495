// The layout of Keras 2's HDF5 files: attributes that list layers and weights, a group for each layer by name.

import { FileError } from '../ir/errors.js'
import type { WeightsFile } from './hdf5.js'

/** One layer of the file with the weights it kept. */
export interface LegacyLayer {
  readonly name: string
  /** Names as Keras gave them, `dense_1/kernel:0`, and the datasets they stand for. */
  readonly weights: readonly { readonly name: string; readonly path: string }[]
}

export interface LegacyFile {
  /** The version of Keras that wrote it; undefined in the oldest files. */
  readonly version: string | undefined
  /** `tensorflow`, `theano`, … */
  readonly backend: string | undefined
  /** Layers with weights, in the order of the model that was saved. */
  readonly layers: readonly LegacyLayer[]
}

/** Where a file keeps its layers: at its root, or beside an architecture and an optimizer. */
function rootOf(file: WeightsFile): string | undefined {
  return ['', 'model_weights'].find(root => listOf(file, root, 'layer_names') !== undefined)
}

/** Whether this is a file of Keras 2's layout, which Keras 3 writes under the name `.h5` too. */
export function isLegacy(file: WeightsFile): boolean {
  return rootOf(file) !== undefined
}

/** What a file says of the model: its architecture as JSON, undefined in a file of weights alone. */
export function readArchitecture(file: WeightsFile): { readonly version: string | undefined; readonly config: string | undefined } {
  return { version: file.strings('', 'keras_version')?.[0], config: file.strings('', 'model_config')?.[0] }
}

/**
 * Lists the layers and weights of a file. No weight is read.
 * @throws FileError for what the file names and has not.
 */
export function readLegacy(file: WeightsFile, place: string): LegacyFile {
  const root = rootOf(file)
  if (root === undefined)
    throw new FileError(`${place} has no list of layers: there is no attribute layer_names`, 'was it written by Keras?')
  const names = listOf(file, root, 'layer_names') as readonly string[]
  const layers = names.map(name => readLayer(file, join(root, name), name, place))
  const top = file.names(join(root, 'top_level_model_weights')) && readLayer(file, join(root, 'top_level_model_weights'), '', place)
  if (top && top.weights.length > 0)
    throw new FileError(`${place} holds weights of the model itself, ${top.weights[0]?.name}, which only models made by subclassing have`)
  const attribute = (name: string) => (file.strings(root, name) ?? file.strings('', name))?.[0]
  return { version: attribute('keras_version'), backend: attribute('backend'), layers: layers.filter(({ weights }) => weights.length > 0) }
}

function readLayer(file: WeightsFile, group: string, name: string, place: string): LegacyLayer {
  if (!file.names(group))
    throw new FileError(`${place}: the weights of layer ${JSON.stringify(name)} are missing: there is no group /${group}`)
  const weights = listOf(file, group, 'weight_names') ?? []
  return { name, weights: weights.map(weight => ({ name: weight, path: join(group, weight) })) }
}

/** A list of names: long ones are cut into layer_names0, layer_names1, … (HDF5 keeps 64 kB in one attribute). */
function listOf(file: WeightsFile, group: string, attribute: string): readonly string[] | undefined {
  const whole = file.strings(group, attribute)
  if (whole) return whole
  const parts: (readonly string[])[] = []
  for (let k = 0; ; k++) {
    const part = file.strings(group, `${attribute}${k}`)
    if (!part) return k === 0 ? undefined : parts.flat()
    parts.push(part)
  }
}

function join(group: string, name: string): string {
  return group === '' ? name : `${group}/${name}`
}
