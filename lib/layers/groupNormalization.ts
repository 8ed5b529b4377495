// GroupNormalization: groups of channels of each sample brought to a common scale.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import { normalizeAxis, type Size, type TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { CallContext } from './layer.js'
import { alongAxes, ScaleAndShift, type ScaleAndShiftOptions, scaleAndShiftSchema } from './scaleAndShift.js'
import { type Field, integer, type Json, optional } from './schema.js'

export interface GroupNormalizationOptions extends ScaleAndShiftOptions {
  /** How many groups the channels fall into; 32 by default, −1 is a group for each channel. */
  readonly groups?: number
  /** The axis of the channels, counted with the batch axis; the last by default. */
  readonly axis?: number
}

/** −1 or a whole number ≥ 1. */
const groups: Field<number> = {
  ...integer(),
  parse(value, where) {
    const count = integer({ min: -1 }).parse(value, where)
    if (count === 0) throw new ArgumentError(`${where} should be a whole number ≥ 1, or -1 for a group per channel, got 0`)
    return count
  },
}

const groupSchema = { groups: optional(groups, () => 32), axis: optional(integer(), () => -1), ...scaleAndShiftSchema }

/**
 * (x − mean) · rsqrt(variance + epsilon) · gamma + beta, mean and variance over each group of channels of a sample.
 * Source: keras/src/layers/normalization/group_normalization.py.
 */
export class GroupNormalization extends ScaleAndShift {
  static override readonly className = 'GroupNormalization'
  static override readonly schema = groupSchema
  override readonly supportsMasking = true
  private readonly options = this.parse(groupSchema)

  constructor(options: GroupNormalizationOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    const axis = normalizeAxis(this.options.axis, input.shape.length)
    if (axis === undefined) throw new ShapeError(`axis ${this.options.axis} is out of range for rank ${input.shape.length}`, { input })
    if (axis === 0) throw new ShapeError('needs another axis than the batch axis for the channels', { input })
    const [built] = this.buildTypes ?? []
    if (!built) return
    const [wanted, got] = [this.channelsOf(built), this.channelsOf(input)]
    if (built.shape.length !== input.shape.length || wanted !== got)
      throw new ShapeError(`expected rank ${built.shape.length} and ${wanted} channels`, { input }, 'its weights were made for those')
  }

  private axisOf(input: TensorType): number {
    return normalizeAxis(this.options.axis, input.shape.length) as number
  }

  private channelsOf(input: TensorType): Size {
    return input.shape[this.axisOf(input)] as Size
  }

  private groupsOf(channels: number): number {
    return this.options.groups === -1 ? channels : this.options.groups
  }

  protected override build([input]: readonly [TensorType]): void {
    const channels = this.knownSize(this.channelsOf(input), this.options.axis, input)
    if (channels % this.groupsOf(channels) !== 0)
      throw new ShapeError(`${this.groupsOf(channels)} groups do not divide ${channels} channels`, { input })
    this.buildScaleAndShift([channels], this.options)
  }

  protected override call([x]: readonly [TracedTensor], context: CallContext): TracedTensor {
    const [axis, channels, { shape }] = [this.axisOf(x.type), this.channelsOf(x.type) as number, x.type]
    const count = this.groupsOf(channels)
    const grouped = K.reshape(x, [...shape.slice(0, axis), count, channels / count, ...shape.slice(axis + 1)])
    const over = grouped.type.shape.map((_, k) => k).filter(k => k !== 0 && k !== axis)
    const normal = K.reshape(K.layerNormalization(grouped, null, null, { axis: over, epsilon: this.options.epsilon }), shape)
    const { gamma, beta } = this.readScaleAndShift(context)
    const scaled = gamma ? K.multiply(normal, alongAxes(gamma, x, [axis])) : normal
    return beta ? K.add(scaled, alongAxes(beta, x, [axis])) : scaled
  }

  /** Keras replaces −1 when it makes the weights. */
  override getConfig(): Record<string, Json> {
    const [built] = this.buildTypes ?? []
    return { ...super.getConfig(), ...(built ? { groups: this.groupsOf(this.channelsOf(built) as number) } : {}) }
  }
}
