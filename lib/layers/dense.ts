// Dense: the fully connected layer.

import { ShapeError } from '../ir/errors.js'
import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { type CallContext, Layer } from './layer.js'
import { type ActivationLike, activation } from './parts/activations.js'
import { type ConstraintLike, constraint } from './parts/constraints.js'
import { type InitializerLike, initializer } from './parts/initializers.js'
import { type RegularizerLike, regularizer } from './parts/regularizers.js'
import { alias, boolean, integer, only, optional } from './schema.js'
import type { Variable } from './variable.js'

export interface DenseOptions extends LayerOptions {
  /** The size of the output's last axis. */
  readonly units: number
  /** Applied to the result; none by default. */
  readonly activation?: ActivationLike
  readonly useBias?: boolean
  /** glorotUniform by default. */
  readonly kernelInitializer?: InitializerLike
  /** zeros by default. */
  readonly biasInitializer?: InitializerLike
  readonly kernelRegularizer?: RegularizerLike | null
  readonly biasRegularizer?: RegularizerLike | null
  readonly kernelConstraint?: ConstraintLike | null
  readonly biasConstraint?: ConstraintLike | null
}

const noLora = 'adapted (LoRA) and quantized kernels are not supported'

const schema = {
  units: alias(integer({ min: 1 }), 'outputDim'),
  activation: activation(),
  useBias: alias(
    optional(boolean(), () => true),
    'bias',
  ),
  kernelInitializer: alias(initializer('glorotUniform'), 'init'),
  biasInitializer: initializer('zeros'),
  kernelRegularizer: alias(regularizer(), 'WRegularizer'),
  biasRegularizer: alias(regularizer(), 'bRegularizer'),
  kernelConstraint: alias(constraint(), 'WConstraint'),
  biasConstraint: alias(constraint(), 'bConstraint'),
  loraRank: only(null, noLora),
  loraAlpha: only(null, noLora),
  quantizationConfig: only(null, noLora, true),
}

/**
 * activation(x · kernel + bias) on the last axis of an input of rank 2 or more; integers become float32.
 * Source: keras/src/layers/core/dense.py.
 */
export class Dense extends Layer {
  static override readonly className = 'Dense'
  static override readonly schema = schema
  override readonly supportsMasking = true
  private readonly options = this.parse(schema)
  private kernel: Variable | undefined
  private bias: Variable | undefined

  constructor(options: DenseOptions) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    if (input.shape.length < 2) throw new ShapeError('needs an input of rank 2 or more', { input })
    const [built] = this.buildTypes ?? []
    const [wanted, got] = [built?.shape.at(-1), input.shape.at(-1)]
    if (built && got !== wanted) {
      throw new ShapeError(
        `expected axis -1 of the input to be ${wanted}, got ${got}`,
        { input },
        'its weights were made for that size; a new size needs a new layer',
      )
    }
  }

  protected override build([input]: readonly [TensorType]): void {
    const { options } = this
    const features = this.knownSize(input.shape.at(-1), -1, input)
    this.kernel = this.addWeight('kernel', {
      shape: [features, options.units],
      initializer: options.kernelInitializer,
      regularizer: options.kernelRegularizer,
      constraint: options.kernelConstraint,
    })
    if (!options.useBias) return
    this.bias = this.addWeight('bias', {
      shape: [options.units],
      initializer: options.biasInitializer,
      regularizer: options.biasRegularizer,
      constraint: options.biasConstraint,
    })
  }

  protected override call([x]: readonly [TracedTensor], { weight }: CallContext): TracedTensor {
    const product = K.matmul(x, weight(this.kernel as Variable))
    return this.options.activation.apply(this.bias ? K.add(product, weight(this.bias)) : product)
  }
}
