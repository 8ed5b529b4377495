// Operation: a node of keras.ops in a model from a file. It is a vertex of the graph like a layer, but no layer to Keras.

import type { TracedTensor } from '../ops/builder.js'
import { Layer } from './layer.js'
import type { Json } from './schema.js'

export interface OperationOptions {
  readonly name: string
  /** Keras' module and class of the operation: `keras.src.ops.numpy`, `GetItem`. */
  readonly module: string
  readonly operation: string
  readonly config: Readonly<Record<string, Json>>
  /** What it computes from the tensors of its one call; literals are already in it. */
  readonly compute: (tensors: readonly TracedTensor[]) => TracedTensor | readonly TracedTensor[]
  /** Its call as Keras writes it, given the JSON of each tensor. */
  readonly describe: (tensors: readonly Json[]) => OperationCall
}

export interface OperationCall {
  readonly args: readonly Json[]
  readonly kwargs: Readonly<Record<string, Json>>
}

export class Operation extends Layer {
  static override readonly className: string = 'Operation'
  /** Masks end at operations without a warning, as in Keras. */
  override readonly supportsMasking = true
  readonly operation: string
  private readonly options: OperationOptions

  constructor(options: OperationOptions) {
    super({ name: options.name })
    this.operation = options.operation
    this.options = options
  }

  protected override checkInputs(): void {}

  protected override call(inputs: readonly TracedTensor[]): TracedTensor | readonly TracedTensor[] {
    return this.options.compute(inputs)
  }

  protected override computeMask(): readonly null[] {
    return []
  }

  /** The entry of `inbound_nodes` for the one call, literals included. */
  describeCall(tensors: readonly Json[]): OperationCall {
    return this.options.describe(tensors)
  }

  get module(): string {
    return this.options.module
  }

  override getConfig(): Record<string, Json> {
    return { ...this.options.config }
  }
}
