// The options that convolutions of all kinds share, in Keras 3's and older spellings.

import type { DataFormat } from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { dataFormat } from './dataFormat.js'
import { type ActivationLike, activation } from './parts/activations.js'
import { type ConstraintLike, constraint } from './parts/constraints.js'
import { type InitializerLike, initializer } from './parts/initializers.js'
import { type RegularizerLike, regularizer } from './parts/regularizers.js'
import { alias, boolean, type Field, integer, oneOf, optional, type Schema } from './schema.js'
import { perAxis } from './spatialLayer.js'

/** One number for every spatial axis, or one for each. */
export type PerAxis = number | readonly number[]

/** Options of every convolution. */
export interface BaseConvolutionOptions extends LayerOptions {
  /** The size of the kernel along each spatial axis. */
  readonly kernelSize?: PerAxis
  /** The distance of neighbouring windows; 1 by default. */
  readonly strides?: PerAxis
  /** `valid` (the default) uses whole windows only; `same` pads with zeros to ⌈size / stride⌉ windows. */
  readonly padding?: 'valid' | 'same'
  /** Where the channels are; K.imageDataFormat() by default. */
  readonly dataFormat?: DataFormat | null
  /** The distance of neighbouring taps of the kernel; 1 by default. */
  readonly dilationRate?: PerAxis
  /** Applied to the result; none by default. */
  readonly activation?: ActivationLike
  readonly useBias?: boolean
  /** zeros by default. */
  readonly biasInitializer?: InitializerLike
  readonly biasRegularizer?: RegularizerLike | null
  readonly biasConstraint?: ConstraintLike | null
}

/** Options of a convolution with filters and one kernel. */
export interface KernelOptions extends BaseConvolutionOptions {
  /** The channels of the result. */
  readonly filters: number
  readonly kernelSize: PerAxis
  /** glorotUniform by default. */
  readonly kernelInitializer?: InitializerLike
  readonly kernelRegularizer?: RegularizerLike | null
  readonly kernelConstraint?: ConstraintLike | null
}

/** The older name of an option, where axes are not numbered. */
function older<T>(field: Field<T>, ...aliases: readonly (string | false)[]): Field<T> {
  return alias(field, ...aliases.filter(name => name !== false))
}

/** `filters`, in a schema of its own: depthwise convolutions have none. */
export function filters(): Field<number> {
  return alias(integer({ min: 1 }), 'nbFilter')
}

/** What every convolution of a rank has. */
export function baseConvolutionSchema(rank: number) {
  const one = () => Array.from({ length: rank }, () => 1)
  return {
    kernelSize: older(perAxis(rank), rank === 1 && 'filterLength'),
    strides: older(optional(perAxis(rank), one), rank === 1 ? 'subsampleLength' : 'subsample'),
    padding: alias(
      optional(oneOf('valid', 'same'), () => 'valid' as const),
      'borderMode',
    ),
    dataFormat: dataFormat(),
    dilationRate: optional(perAxis(rank), one),
    activation: activation(),
    useBias: alias(
      optional(boolean(), () => true),
      'bias',
    ),
    biasInitializer: initializer('zeros'),
    biasRegularizer: alias(regularizer(), 'bRegularizer'),
    biasConstraint: alias(constraint(), 'bConstraint'),
  } satisfies Schema
}

/** What a convolution with filters and one kernel has. */
export function kernelSchema(rank: number) {
  return {
    filters: filters(),
    ...baseConvolutionSchema(rank),
    kernelInitializer: alias(initializer('glorotUniform'), 'init'),
    kernelRegularizer: alias(regularizer(), 'WRegularizer'),
    kernelConstraint: alias(constraint(), 'WConstraint'),
  } satisfies Schema
}
