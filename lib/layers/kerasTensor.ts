// KerasTensor: a tensor of the layer record, which remembers the layer call that made it.

import type { TensorType } from '../ir/types.js'
import { SymbolicTensor } from '../ops/symbolic.js'
import type { Layer } from './layer.js'

/** One application of a layer: a node of the layer record. */
export interface Call {
  readonly layer: Layer
  /** The position among the layer's calls. */
  readonly index: number
  readonly inputs: readonly KerasTensor[]
  /** Whether the inputs were given as a list, which files record. */
  readonly inputsAsList: boolean
  /** The mask each input arrives with: its own, or the one given to `apply`. */
  readonly masks: readonly (KerasTensor | null)[]
  /** Whether the masks were given to `apply`; others are looked up anew in each trace. */
  readonly masksGiven: boolean
  readonly outputs: readonly KerasTensor[]
  /** Whether a mask ended here because the layer, or one inside it, does not support masks. */
  readonly dropsMask: boolean
}

/** Keras' history of a tensor: the layer, which of its calls, which of that call's outputs. */
export type KerasHistory = readonly [layer: Layer, nodeIndex: number, tensorIndex: number]

export class KerasTensor extends SymbolicTensor {
  readonly call: Call
  readonly tensorIndex: number
  readonly name: string
  /** Which steps count: a bool tensor, or null. A mask has none of its own. */
  readonly mask: KerasTensor | null
  /** Whether this is the mask of the call's output `tensorIndex`, not the output itself. */
  readonly isMask: boolean

  constructor(type: TensorType, call: Call, tensorIndex: number, mask: TensorType | null, isMask = false) {
    super(type)
    this.call = call
    this.tensorIndex = tensorIndex
    this.isMask = isMask
    this.name = `${call.layer.name}${call.index > 0 ? `_${call.index}` : ''}${tensorIndex > 0 ? `:${tensorIndex}` : ''}${isMask ? '/mask' : ''}`
    this.mask = mask && new KerasTensor(mask, call, tensorIndex, null, true)
  }

  get _keras_history(): KerasHistory {
    return [this.call.layer, this.call.index, this.tensorIndex]
  }

  protected override describe(): string {
    return `KerasTensor "${this.name}"`
  }
}
