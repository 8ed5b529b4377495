// SpatialLayer: what layers over space share: a fixed rank, where the channels are, options with an entry per axis.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import { showGiven } from '../ir/options.js'
import type { Size, TensorType } from '../ir/types.js'
import type { DataFormat } from '../ops/functional/index.js'
import { Layer } from './layer.js'
import { type Field, integer, list, type Range } from './schema.js'

/** A layer on inputs with a batch axis, a fixed number of spatial axes and channels. */
export abstract class SpatialLayer extends Layer {
  /** How many spatial axes the input has. */
  protected abstract readonly spatialRank: number
  protected abstract readonly dataFormat: DataFormat

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    const rank = this.spatialRank + 2
    if (input.shape.length === rank) return
    const axes = this.dataFormat === 'channels_last' ? 'batch, space, channels' : 'batch, channels, space'
    throw new ShapeError(`needs an input of rank ${rank}: ${axes}`, { input })
  }

  /** The axis of the channels, counted with the batch axis. */
  protected get channelAxis(): number {
    return this.dataFormat === 'channels_last' ? this.spatialRank + 1 : 1
  }

  /** The first spatial axis. */
  protected get firstSpatialAxis(): number {
    return this.dataFormat === 'channels_last' ? 1 : 2
  }

  protected channelsOf(input: TensorType): Size {
    return input.shape[this.channelAxis] as Size
  }

  /** @throws ShapeError unless the channels are those of the first call, which the weights were made for. */
  protected checkChannels(input: TensorType): void {
    const [built] = this.buildTypes ?? []
    if (!built || this.channelsOf(built) === this.channelsOf(input)) return
    throw new ShapeError(
      `expected axis ${this.channelAxis} of the input to be ${this.channelsOf(built)}, got ${this.channelsOf(input)}`,
      { input },
      'its weights were made for that size; a new size needs a new layer',
    )
  }
}

/** A whole number for every axis, or a list with one for each; JSON has the list. Source: Keras' standardize_tuple. */
export function perAxis(rank: number, range: Range = { min: 1 }): Field<readonly number[]> {
  const [one, many] = [integer(range), list(integer(range))]
  return {
    parse(value, where) {
      if (!Array.isArray(value)) {
        const same = one.parse(value, where)
        return Array.from({ length: rank }, () => same)
      }
      if (value.length === rank) return many.parse(value, where)
      throw new ArgumentError(`${where} should be a whole number or a list of ${rank}, got ${showGiven(value)}`)
    },
    toJson: value => value,
  }
}
