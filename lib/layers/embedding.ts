// Embedding: whole numbers looked up in a table of vectors.

import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { type CallContext, type KerasShape, Layer } from './layer.js'
import { type ConstraintLike, constraint } from './parts/constraints.js'
import { type InitializerLike, initializer } from './parts/initializers.js'
import { type RegularizerLike, regularizer } from './parts/regularizers.js'
import { alias, boolean, integer, type Json, nullable, only, optional } from './schema.js'
import type { Variable } from './variable.js'

export interface EmbeddingOptions extends LayerOptions {
  /** The number of vectors: the inputs go from 0 to inputDim − 1. */
  readonly inputDim: number
  /** The size of each vector. */
  readonly outputDim: number
  /** uniform from −0.05 to 0.05 by default. */
  readonly embeddingsInitializer?: InitializerLike
  readonly embeddingsRegularizer?: RegularizerLike | null
  readonly embeddingsConstraint?: ConstraintLike | null
  /** Whether 0 is a step to be left out; the layer then makes a mask. */
  readonly maskZero?: boolean
  /** Keras 2's way to say the input's shape in a first layer: the number of steps. */
  readonly inputLength?: number | null
}

const noLora = 'adapted (LoRA) and quantized embeddings are not supported'

const schema = {
  inputDim: integer({ min: 1 }),
  outputDim: integer({ min: 1 }),
  embeddingsInitializer: alias(initializer('uniform'), 'init'),
  embeddingsRegularizer: alias(regularizer(), 'WRegularizer'),
  embeddingsConstraint: alias(constraint(), 'WConstraint'),
  maskZero: optional(boolean(), () => false),
  inputLength: { ...nullable(integer({ min: 1 })), omit: () => true },
  loraRank: only(null, noLora),
  loraAlpha: only(null, noLora),
  quantizationConfig: only(null, noLora, true),
}

/**
 * (batch, …) of whole numbers → (batch, …, outputDim). Other dtypes are cut to whole numbers; numbers below 0 count from
 * the end, others outside are taken as the nearest. Source: keras/src/layers/core/embedding.py.
 */
export class Embedding extends Layer {
  static override readonly className = 'Embedding'
  static override readonly schema = schema
  private readonly options = this.parse(schema)
  override readonly supportsMasking = this.options.maskZero
  private embeddings: Variable | undefined

  constructor(options: EmbeddingOptions) {
    super(options)
  }

  override get requestedBatchShape(): KerasShape | null {
    const { inputLength } = this.options
    return super.requestedBatchShape ?? (inputLength === null ? null : [this.base.batchSize, inputLength])
  }

  protected override build(): void {
    const { inputDim, outputDim, embeddingsInitializer, embeddingsRegularizer, embeddingsConstraint } = this.options
    this.embeddings = this.addWeight('embeddings', {
      shape: [inputDim, outputDim],
      initializer: embeddingsInitializer,
      regularizer: embeddingsRegularizer,
      constraint: embeddingsConstraint,
    })
  }

  protected override call([x]: readonly [TracedTensor], { weight }: CallContext): TracedTensor {
    return K.take(weight(this.embeddings as Variable), K.cast(x, 'int32'), 0)
  }

  protected override computeMask([x]: readonly [TracedTensor]): readonly (TracedTensor | null)[] {
    return [this.options.maskZero ? K.notEqual(x, 0) : null]
  }

  /** Keras writes the key even where there is no regularizer. */
  override getConfig(): Record<string, Json> {
    return { activity_regularizer: null, ...super.getConfig() }
  }
}
