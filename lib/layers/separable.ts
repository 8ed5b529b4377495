// DepthwiseConv1D/2D and SeparableConv1D/2D: convolutions that keep the channels apart, the second mixing them afterwards.

import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import { BaseConvolution } from './baseConvolution.js'
import { type BaseConvolutionOptions, baseConvolutionSchema, filters, type PerAxis } from './convolutionOptions.js'
import type { CallContext } from './layer.js'
import { type ConstraintLike, constraint } from './parts/constraints.js'
import { type InitializerLike, initializer } from './parts/initializers.js'
import { type RegularizerLike, regularizer } from './parts/regularizers.js'
import { alias, integer, only, optional } from './schema.js'
import type { Variable } from './variable.js'

export interface DepthwiseConvolutionOptions extends BaseConvolutionOptions {
  readonly kernelSize: PerAxis
  /** The results for each channel of the input; 1 by default. */
  readonly depthMultiplier?: number
  /** glorotUniform by default. */
  readonly depthwiseInitializer?: InitializerLike
  readonly depthwiseRegularizer?: RegularizerLike | null
  readonly depthwiseConstraint?: ConstraintLike | null
}

export interface SeparableConvolutionOptions extends DepthwiseConvolutionOptions {
  /** The channels of the result. */
  readonly filters: number
  /** glorotUniform by default. */
  readonly pointwiseInitializer?: InitializerLike
  readonly pointwiseRegularizer?: RegularizerLike | null
  readonly pointwiseConstraint?: ConstraintLike | null
}

function depthwiseSchema(rank: number) {
  return {
    ...baseConvolutionSchema(rank),
    depthMultiplier: optional(integer({ min: 1 }), () => 1),
    depthwiseInitializer: alias(initializer('glorotUniform'), 'init'),
    depthwiseRegularizer: regularizer(),
    depthwiseConstraint: constraint(),
    groups: only(1, 'each channel is a group of its own'), // TensorFlow's Keras 2 writes it
  }
}

function separableSchema(rank: number) {
  return {
    ...depthwiseSchema(rank),
    filters: filters(),
    pointwiseInitializer: initializer('glorotUniform'),
    pointwiseRegularizer: regularizer(),
    pointwiseConstraint: constraint(),
  }
}

const depthwise = depthwiseSchema(1)
const separable = separableSchema(1)

/** A kernel [...kernelSize, channels, depthMultiplier] that each channel has its part of. */
abstract class ChannelwiseConvolution extends BaseConvolution {
  protected readonly channelwise = this.parse(depthwise)
  /** What Keras calls the kernel. */
  protected abstract readonly kernelName: string
  protected kernel: Variable | undefined

  protected buildKernel(channels: number): void {
    const { kernelSize, depthMultiplier, depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint } = this.channelwise
    this.kernel = this.addWeight(this.kernelName, {
      shape: [...kernelSize, channels, depthMultiplier],
      initializer: depthwiseInitializer,
      regularizer: depthwiseRegularizer,
      constraint: depthwiseConstraint,
    })
  }

  protected get convOptions(): K.ConvOptions {
    const { strides, padding, dataFormat, dilationRate } = this.channelwise
    return { strides, padding, dataFormat, dilationRate }
  }
}

/** The results of channel c are c · depthMultiplier and those that follow. */
abstract class DepthwiseConvolution extends ChannelwiseConvolution {
  protected override readonly kernelName = 'kernel'

  constructor(options: DepthwiseConvolutionOptions) {
    super(options)
  }

  protected override build([input]: readonly [TensorType]): void {
    const channels = this.knownChannels(input)
    this.buildKernel(channels)
    this.buildBias(channels * this.channelwise.depthMultiplier)
  }

  protected override convolve(x: TracedTensor, { weight }: CallContext): TracedTensor {
    return K.depthwiseConv(x, weight(this.kernel as Variable), this.convOptions)
  }
}

/** Source: keras/src/layers/convolutional/depthwise_conv1d.py. */
export class DepthwiseConv1D extends DepthwiseConvolution {
  static override readonly className = 'DepthwiseConv1D'
  static override readonly schema = depthwise
}

/** Source: keras/src/layers/convolutional/depthwise_conv2d.py. */
export class DepthwiseConv2D extends DepthwiseConvolution {
  static override readonly className = 'DepthwiseConv2D'
  static override readonly schema = depthwiseSchema(2)
}

/** A depthwise convolution, then one with a single tap that mixes the channels. */
abstract class SeparableConvolution extends ChannelwiseConvolution {
  protected readonly options = this.parse(separable)
  protected override readonly kernelName = 'depthwise_kernel'
  private pointwise: Variable | undefined

  constructor(options: SeparableConvolutionOptions) {
    super(options)
  }

  protected override build([input]: readonly [TensorType]): void {
    const { kernelSize, depthMultiplier, filters, pointwiseInitializer, pointwiseRegularizer, pointwiseConstraint } = this.options
    const channels = this.knownChannels(input)
    this.buildKernel(channels)
    this.pointwise = this.addWeight('pointwise_kernel', {
      shape: [...kernelSize.map(() => 1), channels * depthMultiplier, filters],
      initializer: pointwiseInitializer,
      regularizer: pointwiseRegularizer,
      constraint: pointwiseConstraint,
    })
    this.buildBias(filters)
  }

  protected override convolve(x: TracedTensor, { weight }: CallContext): TracedTensor {
    return K.separableConv(x, weight(this.kernel as Variable), weight(this.pointwise as Variable), this.convOptions)
  }
}

/** Source: keras/src/layers/convolutional/separable_conv1d.py. */
export class SeparableConv1D extends SeparableConvolution {
  static override readonly className = 'SeparableConv1D'
  static override readonly schema = separable
}

/** Source: keras/src/layers/convolutional/separable_conv2d.py. */
export class SeparableConv2D extends SeparableConvolution {
  static override readonly className = 'SeparableConv2D'
  static override readonly schema = separableSchema(2)
}
