// Conv1D, Conv2D, Conv3D: filters that slide over one to three spatial axes.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import { extentOf } from '../ops/windows.js'
import { BaseConvolution, checkDilation } from './baseConvolution.js'
import { type KernelOptions, kernelSchema } from './convolutionOptions.js'
import type { CallContext } from './layer.js'
import { alias, integer, oneOf, only, optional, type Parsed } from './schema.js'
import type { Variable } from './variable.js'

export interface ConvolutionOptions extends KernelOptions {
  /** The channels and the filters fall into as many groups that do not see each other; 1 by default. */
  readonly groups?: number
}

export interface Conv1DOptions extends Omit<ConvolutionOptions, 'padding'> {
  /** As in other convolutions, or `causal`: zeros before the first step only, so that no step sees a later one. */
  readonly padding?: 'valid' | 'same' | 'causal'
}

const noLora = 'adapted kernels (LoRA) are not supported'

function convolutionSchema(rank: number) {
  return {
    ...kernelSchema(rank),
    groups: optional(integer({ min: 1 }), () => 1),
    loraRank: only(null, noLora),
    loraAlpha: only(null, noLora),
  }
}

const schema1 = {
  ...convolutionSchema(1),
  padding: alias(
    optional(oneOf('valid', 'same', 'causal'), () => 'valid' as const),
    'borderMode',
  ),
}

/** Correlates the input with a kernel [...kernelSize, channels / groups, filters]. */
abstract class Convolution extends BaseConvolution {
  protected readonly options = this.parse(schema1)
  private kernel: Variable | undefined

  protected static override checkTogether(options: Parsed<typeof schema1>, owner: string): void {
    const { filters, groups, strides, dilationRate } = options
    if (filters % groups !== 0) throw new ArgumentError(`${owner}: ${groups} groups do not divide ${filters} filters`)
    checkDilation(strides, dilationRate, owner)
  }

  protected override build([input]: readonly [TensorType]): void {
    const { filters, groups, kernelSize, kernelInitializer, kernelRegularizer, kernelConstraint } = this.options
    const channels = this.knownChannels(input)
    if (channels % groups !== 0) {
      throw new ShapeError(`${groups} groups do not divide the ${channels} channels of the input`, { input })
    }
    this.kernel = this.addWeight('kernel', {
      shape: [...kernelSize, channels / groups, filters],
      initializer: kernelInitializer,
      regularizer: kernelRegularizer,
      constraint: kernelConstraint,
    })
    this.buildBias(filters)
  }

  protected override convolve(x: TracedTensor, { weight }: CallContext): TracedTensor {
    const { strides, dilationRate, dataFormat } = this.options
    return K.conv(x, weight(this.kernel as Variable), { strides, dilationRate, dataFormat, padding: this.padding })
  }

  private get padding(): K.SpatialPadding {
    const { padding, kernelSize, dilationRate } = this.options
    if (padding !== 'causal') return padding
    return kernelSize.map((taps, axis) => [extentOf(taps, dilationRate[axis] as number) - 1, 0] as const)
  }
}

/** (batch, steps, channels) → (batch, windows, filters). Source: keras/src/layers/convolutional/conv1d.py. */
export class Conv1D extends Convolution {
  static override readonly className = 'Conv1D'
  static override readonly schema = schema1

  constructor(options: Conv1DOptions) {
    super(options)
  }
}

/**
 * (batch, rows, columns, channels) → (batch, rows, columns, filters), or channels first.
 * Source: keras/src/layers/convolutional/conv2d.py.
 */
export class Conv2D extends Convolution {
  static override readonly className = 'Conv2D'
  static override readonly schema = convolutionSchema(2)

  constructor(options: ConvolutionOptions) {
    super(options)
  }
}

/** As Conv2D over three spatial axes. Source: keras/src/layers/convolutional/conv3d.py. */
export class Conv3D extends Convolution {
  static override readonly className = 'Conv3D'
  static override readonly schema = convolutionSchema(3)

  constructor(options: ConvolutionOptions) {
    super(options)
  }
}
