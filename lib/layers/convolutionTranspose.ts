// Conv1DTranspose, Conv2DTranspose, Conv3DTranspose: convolutions backwards, from windows to what they lie on.

import { ArgumentError } from '../ir/errors.js'
import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import { BaseConvolution, checkDilation } from './baseConvolution.js'
import { type KernelOptions, kernelSchema, type PerAxis } from './convolutionOptions.js'
import type { CallContext } from './layer.js'
import { nullable, only, type Parsed } from './schema.js'
import { perAxis } from './spatialLayer.js'
import type { Variable } from './variable.js'

export interface ConvolutionTransposeOptions extends KernelOptions {
  /** Cells beyond the least result, below the strides; null, the default, gives size · strides with padding `same`. */
  readonly outputPadding?: PerAxis | null
}

function transposeSchema(rank: number) {
  return {
    ...kernelSchema(rank),
    outputPadding: nullable(perAxis(rank, { min: 0 })),
    groups: only(1, 'a transposed convolution has no groups'), // TensorFlow's Keras 2 writes it
  }
}

const schema = transposeSchema(1)

/** The gradient of a convolution by its input, with a kernel [...kernelSize, filters, channels]. */
abstract class ConvolutionTranspose extends BaseConvolution {
  protected readonly options = this.parse(schema)
  private kernel: Variable | undefined

  constructor(options: ConvolutionTransposeOptions) {
    super(options)
  }

  protected static override checkTogether(options: Parsed<typeof schema>, owner: string): void {
    const { strides, dilationRate, outputPadding } = options
    const axis = outputPadding?.findIndex((cells, k) => cells >= (strides[k] as number)) ?? -1
    if (axis >= 0) throw new ArgumentError(`${owner}: outputPadding ${outputPadding?.[axis]} should be below the stride ${strides[axis]}`)
    checkDilation(strides, dilationRate, owner)
  }

  protected override build([input]: readonly [TensorType]): void {
    const { filters, kernelSize, kernelInitializer, kernelRegularizer, kernelConstraint } = this.options
    this.kernel = this.addWeight('kernel', {
      shape: [...kernelSize, filters, this.knownChannels(input)],
      initializer: kernelInitializer,
      regularizer: kernelRegularizer,
      constraint: kernelConstraint,
    })
    this.buildBias(filters)
  }

  protected override convolve(x: TracedTensor, { weight }: CallContext): TracedTensor {
    const { strides, padding, outputPadding, dilationRate, dataFormat } = this.options
    return K.convTranspose(x, weight(this.kernel as Variable), { strides, padding, outputPadding, dilationRate, dataFormat })
  }
}

/** Source: keras/src/layers/convolutional/conv1d_transpose.py. */
export class Conv1DTranspose extends ConvolutionTranspose {
  static override readonly className = 'Conv1DTranspose'
  static override readonly schema = schema
}

/** Source: keras/src/layers/convolutional/conv2d_transpose.py. */
export class Conv2DTranspose extends ConvolutionTranspose {
  static override readonly className = 'Conv2DTranspose'
  static override readonly schema = transposeSchema(2)
}

/** Source: keras/src/layers/convolutional/conv3d_transpose.py. */
export class Conv3DTranspose extends ConvolutionTranspose {
  static override readonly className = 'Conv3DTranspose'
  static override readonly schema = transposeSchema(3)
}
