// BaseConvolution: what all convolution layers do: check the input, add a bias per channel, apply an activation.

import { ArgumentError } from '../ir/errors.js'
import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import { baseConvolutionSchema } from './convolutionOptions.js'
import type { CallContext } from './layer.js'
import type { Json } from './schema.js'
import { SpatialLayer } from './spatialLayer.js'
import type { Variable } from './variable.js'

const schema = baseConvolutionSchema(1)

export abstract class BaseConvolution extends SpatialLayer {
  /** The options of every convolution; a subclass may read more of its own. */
  protected readonly shared = this.parse(schema)
  private bias: Variable | undefined

  protected override get spatialRank(): number {
    return this.shared.kernelSize.length
  }

  protected override get dataFormat(): K.DataFormat {
    return this.shared.dataFormat
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    this.checkChannels(input)
  }

  /** The channels of the input, which the kernel's shape depends on. */
  protected knownChannels(input: TensorType): number {
    return this.knownSize(this.channelsOf(input), this.channelAxis, input)
  }

  protected buildBias(size: number): void {
    const { useBias, biasInitializer, biasRegularizer, biasConstraint } = this.shared
    if (!useBias) return
    this.bias = this.addWeight('bias', {
      shape: [size],
      initializer: biasInitializer,
      regularizer: biasRegularizer,
      constraint: biasConstraint,
    })
  }

  /** The convolution alone. */
  protected abstract convolve(x: TracedTensor, context: CallContext): TracedTensor

  protected override call([x]: readonly [TracedTensor], context: CallContext): TracedTensor {
    const product = this.convolve(x, context)
    return this.shared.activation.apply(this.bias ? K.add(product, this.alongChannels(context.weight(this.bias))) : product)
  }

  /** A value per channel, shaped to broadcast over the result. */
  private alongChannels(values: TracedTensor): TracedTensor {
    if (this.dataFormat === 'channels_last') return values
    return K.reshape(values, [...values.type.shape, ...Array.from({ length: this.spatialRank }, () => 1)])
  }

  /** Convolutions write the key even where there is no regularizer. */
  override getConfig(): Record<string, Json> {
    return { activity_regularizer: null, ...super.getConfig() }
  }
}

/** Keras refuses strides and dilation together. @throws ArgumentError naming both. */
export function checkDilation(strides: readonly number[], dilationRate: readonly number[], owner: string): void {
  if (Math.max(...strides) === 1 || Math.max(...dilationRate) === 1) return
  throw new ArgumentError(
    `${owner}: strides [${strides.join(', ')}] and dilationRate [${dilationRate.join(', ')}] cannot both be above 1`,
    'use one of them',
  )
}
