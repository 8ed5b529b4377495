// TensorFlow.js' layers-model: model.json names the topology and the weights, which lie in binary shards beside it.

import { FileError } from '../ir/errors.js'
import type { TypedData } from '../ir/ndarray.js'
import type { DType } from '../ir/types.js'
import type { Json } from '../layers/schema.js'
import type { Cursor } from './cursor.js'
import type { Neighbours } from './source.js'
import { decodeTfjsWeight, storedBytes, type TfjsWeight, tfjsWeight } from './tfjsWeight.js'

/** Weights whose bytes follow each other in some shards. */
export interface WeightGroup {
  readonly paths: readonly string[]
  readonly weights: readonly TfjsWeight[]
}

export interface TfjsFile {
  /** The topology as `{ class_name, config }`; undefined in a file of weights alone. */
  readonly architecture: Json | undefined
  /** Keras' version, `2.15.0`, or TensorFlow.js' own, `tfjs-layers 4.22.0`; undefined where nothing says. */
  readonly version: string | undefined
  readonly groups: readonly WeightGroup[]
}

const maxWeights = 1 << 16

/**
 * Reads model.json, no shard.
 * Source: tfjs-core/src/io/types.ts, tfjs-converter/python/tensorflowjs/write_weights.py.
 * @throws FileError naming the place of whatever has not the form of a layers-model.
 */
export function readTfjs(json: Cursor): TfjsFile {
  const format = json.at('format')
  if (format && format.value !== 'layers-model' && format.value !== null)
    format.fail(
      `is ${JSON.stringify(format.value)}, but should be "layers-model"`,
      'graph models hold TensorFlow operations, not Keras layers: convert the Keras model itself',
    )
  if (!json.at('modelTopology') && !json.at('weightsManifest'))
    json.fail('lacks "modelTopology" and "weightsManifest"', 'is it a model.json of TensorFlow.js?')
  const topology = present(json.at('modelTopology'))
  const architecture = topology?.at('model_config') ?? topology
  const groups = present(json.at('weightsManifest'))?.list().map(readGroup) ?? []
  const names = groups.flatMap(({ weights }) => weights)
  if (names.length > maxWeights) json.get('weightsManifest').fail(`names more than ${maxWeights} weights`)
  return { architecture: architecture?.value, version: present(topology?.at('keras_version'))?.string(), groups }
}

function present(cursor: Cursor | undefined): Cursor | undefined {
  return cursor?.value === null ? undefined : cursor
}

function readGroup(group: Cursor): WeightGroup {
  const paths = group
    .get('paths')
    .list()
    .map(path => path.string())
  return { paths, weights: group.get('weights').list().map(tfjsWeight) }
}

/** A stored weight without its values: which are read once the shards are there. */
export interface ShardedWeight extends TfjsWeight {
  readonly group: WeightGroup
  /** Of its first byte in the group. */
  readonly offset: number
}

/** The weights of a model in the order of the file, without those of an optimizer. */
export function modelWeights({ groups }: TfjsFile): ShardedWeight[] {
  return groups.flatMap(group => {
    let offset = 0
    return group.weights.flatMap(weight => {
      const placed = { ...weight, group, offset }
      offset += storedBytes(weight)
      return weight.isOptimizers ? [] : [placed]
    })
  })
}

/** The shards of a model, out of which weights are cut once they are there. */
export class Shards {
  private readonly parts = new Map<WeightGroup, readonly Uint8Array[]>()

  /**
   * Reads the shards of every group, as many bytes as the manifest declares and no more.
   * @throws FileError naming the shard.
   */
  async load({ groups }: TfjsFile, neighbours: Neighbours, name: string): Promise<void> {
    for (const [k, group] of groups.entries()) {
      const declared = group.weights.reduce((sum, weight) => sum + storedBytes(weight), 0)
      const shards = await Promise.all(group.paths.map(path => neighbours.read(path)))
      const found = shards.reduce((sum, { length }) => sum + length, 0)
      if (found !== declared)
        throw new FileError(
          `${name}: weightsManifest[${k}] declares ${declared} bytes of weights, but ${group.paths.join(', ') || 'no file'} holds ${found}`,
          found < declared ? 'a shard is missing or truncated' : 'model.json and its shards do not belong together',
        )
      this.parts.set(group, shards)
    }
  }

  read(weight: ShardedWeight, wanted: DType): TypedData {
    return decodeTfjsWeight(weight, slice(this.parts.get(weight.group) ?? [], weight.offset, storedBytes(weight)), wanted)
  }
}

/** A run of bytes across shards; a view of one shard where it lies in one. */
function slice(shards: readonly Uint8Array[], start: number, length: number): Uint8Array {
  let at = start
  for (const [k, shard] of shards.entries()) {
    if (at < shard.length || (at === shard.length && length === 0)) {
      if (at + length <= shard.length) return shard.subarray(at, at + length)
      return joined(shards.slice(k), at, length)
    }
    at -= shard.length
  }
  return new Uint8Array(0)
}

function joined(shards: readonly Uint8Array[], start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let filled = 0
  for (const [k, shard] of shards.entries()) {
    const part = shard.subarray(k === 0 ? start : 0).subarray(0, length - filled)
    bytes.set(part, filled)
    filled += part.length
  }
  return bytes
}
