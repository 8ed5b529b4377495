// Weights of Keras 2's HDF5 files: the k-th layer of the file is the k-th layer of the model, or the one of its name.

import type { TypedData } from '../ir/ndarray.js'
import type { Layer } from '../layers/layer.js'
import type { Variable } from '../layers/variable.js'
import type { WeightsFile } from './hdf5.js'
import type { LegacyFile, LegacyLayer } from './legacyFile.js'
import type { Mismatch, Pair, Pairing, StoredWeight } from './pairing.js'
import { matchNames, namedVariables, sameLastName } from './weightNames.js'

/** How the layers of a file find those of a model. */
export type LegacyMatch =
  /** By position; the file holds the architecture too, so that the names in it are the model's own. */
  | 'whole'
  /** By position, whatever the names. */
  | 'order'
  /** By name; layers without a counterpart are left out. */
  | 'name'

/**
 * Pairs the weights of a model's layers with those of a file.
 * Source: keras/src/legacy/saving/legacy_h5_format.py, load_weights_from_hdf5_group and …_by_name.
 */
export function pairLegacy(layers: readonly Layer[], legacy: LegacyFile, file: WeightsFile, match: LegacyMatch): Pairing {
  const withWeights = layers.filter(({ weights }) => weights.length > 0)
  return match === 'name' ? pairByName(withWeights, legacy, file) : pairByOrder(withWeights, legacy, file, match === 'whole')
}

function pairByOrder(layers: readonly Layer[], legacy: LegacyFile, file: WeightsFile, whole: boolean): Pairing {
  if (layers.length !== legacy.layers.length) {
    const list = (names: readonly { name: string }[]) => names.map(({ name }) => name).join(', ')
    const reason = `it has ${legacy.layers.length} layers with weights (${list(legacy.layers)}), but the model has ${layers.length} (${list(layers)})`
    return { pairs: [], mismatches: [{ variables: layers.flatMap(({ weights }) => weights), reason }], unused: [] }
  }
  const byName = new Map(legacy.layers.map(layer => [layer.name, layer]))
  const named = whole && layers.every(({ name }) => byName.has(name))
  const results = layers.map((layer, k) =>
    pairLayer(layer, (named ? byName.get(layer.name) : legacy.layers[k]) as LegacyLayer, legacy, file, whole),
  )
  return { pairs: results.flatMap(({ pairs }) => pairs), mismatches: results.flatMap(({ mismatches }) => mismatches), unused: [] }
}

function pairByName(layers: readonly Layer[], legacy: LegacyFile, file: WeightsFile): Pairing {
  const stored = new Map(legacy.layers.map(layer => [layer.name, layer]))
  const known = new Set(layers.map(({ name }) => name))
  const found = layers.filter(({ name }) => stored.has(name))
  const results = found.map(layer => pairLayer(layer, stored.get(layer.name) as LegacyLayer, legacy, file, true))
  const absent = layers
    .filter(({ name }) => !stored.has(name))
    .map(({ name, weights }) => ({ variables: weights, reason: `the file has no layer ${JSON.stringify(name)}`, tolerated: true }))
  return {
    pairs: results.flatMap(({ pairs }) => pairs),
    mismatches: [...results.flatMap(({ mismatches }) => mismatches), ...absent],
    unused: legacy.layers.filter(({ name }) => !known.has(name)).map(({ name }) => ({ path: name, reason: null })),
  }
}

function pairLayer(
  layer: Layer,
  stored: LegacyLayer,
  { backend }: LegacyFile,
  file: WeightsFile,
  byName: boolean,
): { pairs: Pair[]; mismatches: Mismatch[] } {
  const owner = `layer "${layer.name}" (${layer.className})`
  const count = layer.weights.length
  if (stored.weights.length !== count) {
    const reason = `layer ${JSON.stringify(stored.name)} of the file has ${stored.weights.length} weights, but ${owner} needs ${count}`
    return { pairs: [], mismatches: [{ variables: layer.weights, reason }] }
  }
  const weights = stored.weights.map(({ name, path }) => ({ name, ...file.stored(path) }))
  const variables = arrange(layer, weights, byName)
  const pairs = weights.map((weight, k) => {
    const variable = variables[k] as Variable
    return { variable, owner, stored: backend === 'theano' ? flipped(weight, layer, variable) : weight }
  })
  return { pairs, mismatches: [] }
}

type NamedWeight = StoredWeight & { readonly name: string }

/**
 * A layer's variables in the order of its weights in the file. Keras writes trainable ones first, so the order inside a
 * nested model depends on what was frozen when the file was written (https://github.com/keras-team/keras/issues/10777):
 * names tell, where they do; else the first order of which names and shapes agree.
 */
function arrange(layer: Layer, weights: readonly NamedWeight[], byName: boolean): readonly Variable[] {
  const fits = (order: readonly Variable[]) => order.every((variable, k) => String(variable.shape) === String(weights[k]?.shape))
  const named = byName
    ? matchNames(
        namedVariables(layer),
        weights.map(({ name }) => name),
      ).flatMap(match => match?.variable ?? [])
    : []
  const orders = [
    [...layer.trainableWeights, ...layer.nonTrainableWeights],
    [...layer.weights.filter(({ trainable }) => trainable), ...layer.weights.filter(({ trainable }) => !trainable)],
    layer.weights,
  ]
  const alike = (order: readonly Variable[]) => order.every((variable, k) => sameLastName(weights[k]?.name ?? '', variable))
  if (named.length === weights.length && fits(named)) return named
  return orders.find(order => fits(order) && alike(order)) ?? orders.find(fits) ?? (orders[0] as readonly Variable[])
}

/** Layers whose kernels Theano convolved with, where every other backend correlates. */
const convolutions = new Set(['Conv1D', 'Conv2D', 'Conv3D', 'Conv2DTranspose', 'ConvLSTM2D'])

/** A kernel of Theano's in every other backend's order. Source: Keras 2.2.4 keras/utils/conv_utils.py, convert_kernel. */
function flipped(weight: StoredWeight, layer: Layer, variable: Variable): StoredWeight {
  const found = namedVariables(layer).find(item => item.variable === variable)
  const convolves = found?.owners.some(({ className }) => convolutions.has(className))
  if (!convolves || !/(^|_)kernel$/.test(variable.name)) return weight
  return { ...weight, read: dtype => flipSpatial(weight.read(dtype), weight.shape) }
}

/** Turns every spatial axis (all but the last two) round: the positions, counted in a row, in reverse. */
function flipSpatial(data: TypedData, shape: readonly number[]): TypedData {
  const [inputs = 1, outputs = 1] = shape.slice(-2)
  const size = inputs * outputs
  const result = data.slice()
  const positions = size === 0 ? 0 : data.length / size
  for (let k = 0; k < positions; k++) result.set(data.subarray(k * size, (k + 1) * size), (positions - 1 - k) * size)
  return result
}
