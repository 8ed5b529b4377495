// Layers that only move data: Flatten, Reshape, Permute, RepeatVector.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import { type Size, sizeOf, type TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import type { DataFormat } from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { dataFormat } from './dataFormat.js'
import { Layer } from './layer.js'
import { type Field, integer, list } from './schema.js'

export interface FlattenOptions extends LayerOptions {
  /** Where the channels are; K.imageDataFormat() by default. Channels that come first are put last. */
  readonly dataFormat?: DataFormat | null
}

const flattenSchema = { dataFormat: dataFormat() }

/** (batch, …) → (batch, product). Source: keras/src/layers/reshaping/flatten.py. */
export class Flatten extends Layer {
  static override readonly className = 'Flatten'
  static override readonly schema = flattenSchema
  private readonly options = this.parse(flattenSchema)

  constructor(options: FlattenOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    if (input.shape.length < 1) throw new ShapeError('needs an input of rank 1 or more', { input })
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    const rank = x.type.shape.length
    const channelsFirst = this.options.dataFormat === 'channels_first' && rank > 2
    const moved = channelsFirst ? x.builder.emit('transpose', [x], { perm: [0, ...range(2, rank), 1] }) : x
    const [batch, ...rest] = moved.type.shape as readonly [Size, ...Size[]]
    const known = rest.filter(size => typeof size === 'number')
    return x.builder.emit('reshape', [moved], { shape: [batch, known.length === rest.length ? sizeOf(known) : -1] })
  }
}

export interface ReshapeOptions extends LayerOptions {
  /** The shape of one sample; one size may be -1, which is worked out from the others. */
  readonly targetShape: readonly number[]
}

/** A list of sizes ≥ 0, one of which may be −1. */
const targetShape: Field<readonly number[]> = {
  parse(value, where) {
    const sizes = list(integer({ min: -1 })).parse(value, where)
    if (sizes.filter(size => size === -1).length > 1)
      throw new ArgumentError(`${where} should have at most one -1, got [${sizes.join(', ')}]`)
    return sizes
  },
  toJson: value => value,
}

const reshapeSchema = { targetShape }

/** (batch, …) → (batch, …targetShape), row-major. Source: keras/src/layers/reshaping/reshape.py. */
export class Reshape extends Layer {
  static override readonly className = 'Reshape'
  static override readonly schema = reshapeSchema
  private readonly options = this.parse(reshapeSchema)

  constructor(options: ReshapeOptions) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    if (input.shape.length < 1) throw new ShapeError('needs an input with a batch axis', { input })
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    const [batch] = x.type.shape as readonly [Size]
    return x.builder.emit('reshape', [x], { shape: [batch, ...this.options.targetShape] })
  }
}

export interface PermuteOptions extends LayerOptions {
  /** For each axis of a sample, the axis it is taken from, counted from 1: [2, 1] swaps two. */
  readonly dims: readonly number[]
}

/** A permutation of 1…n. */
const dims: Field<readonly number[]> = {
  parse(value, where) {
    const axes = list(integer()).parse(value, where)
    const sorted = [...axes].sort((a, b) => a - b)
    if (sorted.some((axis, k) => axis !== k + 1)) {
      throw new ArgumentError(
        `${where} should be a permutation of 1 to ${axes.length}, got [${axes.join(', ')}]`,
        'the batch axis is not counted',
      )
    }
    return axes
  },
  toJson: value => value,
}

const permuteSchema = { dims }

/** Puts the axes of each sample into another order. Source: keras/src/layers/reshaping/permute.py. */
export class Permute extends Layer {
  static override readonly className = 'Permute'
  static override readonly schema = permuteSchema
  private readonly options = this.parse(permuteSchema)

  constructor(options: PermuteOptions) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    const rank = this.options.dims.length + 1
    if (input.shape.length !== rank)
      throw new ShapeError(`needs an input of rank ${rank}`, { input }, 'dims has one entry for each axis but the batch')
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return x.builder.emit('transpose', [x], { perm: [0, ...this.options.dims] })
  }
}

export interface RepeatVectorOptions extends LayerOptions {
  /** How often. */
  readonly n: number
}

const repeatSchema = { n: integer({ min: 1 }) }

/** (batch, features) → (batch, n, features). Source: keras/src/layers/reshaping/repeat_vector.py. */
export class RepeatVector extends Layer {
  static override readonly className = 'RepeatVector'
  static override readonly schema = repeatSchema
  private readonly options = this.parse(repeatSchema)

  constructor(options: RepeatVectorOptions) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    if (input.shape.length !== 2) throw new ShapeError('needs an input of rank 2, (batch, features)', { input })
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    const [batch, features] = x.type.shape as readonly [Size, Size]
    const column = x.builder.emit('reshape', [x], { shape: [batch, 1, features] })
    return x.builder.emit('broadcast', [column], { shape: [batch, this.options.n, features] })
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k)
}
