// middle: a model cut from the middle of another: tensors that are no inputs get inputs of their own, and the calls between are made anew.

import { InputLayer } from '../layers/inputLayer.js'
import type { Call, KerasTensor } from '../layers/kerasTensor.js'
import { walkBack } from './record.js'

export interface Ends {
  readonly inputs: readonly KerasTensor[]
  readonly outputs: readonly KerasTensor[]
}

/**
 * Gives every input that another layer made an InputLayer of its own, named `…CLONE`, and calls the layers between
 * again, so that what made the input is no part of the model. Source: keras/src/models/functional.py clone_graph_nodes.
 * @throws GraphError when an output does not reach the inputs.
 */
export function startFromInputs(ends: Ends, owner: string): Ends {
  if (ends.inputs.every(({ call }) => call.layer instanceof InputLayer)) return ends
  const { calls } = walkBack(ends.inputs, ends.outputs, owner)
  const made = new Map(ends.inputs.map(tensor => [tensor, inputFor(tensor)]))
  const madeFrom = (tensor: KerasTensor): KerasTensor => made.get(tensor) ?? tensor
  for (const call of calls) {
    const inputs = call.inputs.map(madeFrom)
    if (call.outputs.every(output => made.has(output)) || inputs.every((input, k) => input === call.inputs[k])) continue
    const outputs = call.layer.applyAll(call.inputsAsList ? inputs : (inputs[0] as KerasTensor), masksOf(call, madeFrom))
    call.outputs.forEach((output, k) => {
      const again = outputs[k] as KerasTensor
      if (!made.has(output)) made.set(output, again)
      if (output.mask && again.mask && !made.has(output.mask)) made.set(output.mask, again.mask)
    })
  }
  return { inputs: ends.inputs.map(madeFrom), outputs: ends.outputs.map(madeFrom) }
}

function inputFor(tensor: KerasTensor): KerasTensor {
  if (tensor.call.layer instanceof InputLayer) return tensor
  const name = `${tensor.name.replaceAll('/', '_')}CLONE`
  const [input] = new InputLayer({ batchShape: tensor.shape, dtype: tensor.dtype, name }).calls[0]?.outputs ?? []
  if (!input) throw new Error('internal: an input layer without an output')
  return input
}

/** Masks that were given are given again; others come along with the inputs. */
function masksOf({ masks, masksGiven }: Call, madeFrom: (tensor: KerasTensor) => KerasTensor): { mask?: readonly (KerasTensor | null)[] } {
  return masksGiven ? { mask: masks.map(mask => mask && madeFrom(mask)) } : {}
}
