// What `apply` is given: Keras tensors, and the masks they arrive with.

import { ArgumentError, TraceError } from '../ir/errors.js'
import type { SymbolicTensor } from '../ops/symbolic.js'
import { KerasTensor } from './kerasTensor.js'

/** A mask for the input, or a list with one for each; null for none. */
export type MaskOption = SymbolicTensor | null | readonly (SymbolicTensor | null)[] | undefined

/** @throws TraceError for anything but Keras tensors. */
export function checkTensors(title: string, inputs: SymbolicTensor | readonly SymbolicTensor[]): KerasTensor[] {
  const list: readonly SymbolicTensor[] = Array.isArray(inputs) ? inputs : [inputs as SymbolicTensor]
  return list.map(input => {
    if (input instanceof KerasTensor) return input
    throw new TraceError(
      `${title}: apply() takes Keras tensors, got ${describe(input)}`,
      'make one with input({ shape }); data goes to model.predict(data)',
    )
  })
}

/** The mask of each input: the one given, or the one it carries. */
export function incomingMasks(title: string, inputs: readonly KerasTensor[], given: MaskOption): (KerasTensor | null)[] {
  if (given === undefined) return inputs.map(input => input.mask)
  const list: readonly (SymbolicTensor | null)[] = Array.isArray(given) ? given : [given as SymbolicTensor | null]
  if (list.length !== inputs.length) throw new ArgumentError(`${title}: ${inputs.length} inputs need as many masks, got ${list.length}`)
  return list.map(mask => {
    if (mask === null || mask instanceof KerasTensor) return mask
    throw new TraceError(`${title}: a mask should be a Keras tensor or null, got ${describe(mask)}`)
  })
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  return value === null || typeof value !== 'object' ? String(value) : value.constructor.name
}
