// The layer record of a model: walked back from its outputs, in Keras' order of layers.

import { GraphError, MaskError } from '../ir/errors.js'
import { InputLayer } from '../layers/inputLayer.js'
import type { Call, KerasTensor } from '../layers/kerasTensor.js'
import type { Layer, TracedCall } from '../layers/layer.js'
import type { Trace } from '../layers/trace.js'
import type { TracedTensor } from '../ops/builder.js'

export interface LayerRecord {
  readonly inputs: readonly KerasTensor[]
  readonly outputs: readonly KerasTensor[]
  /** Every call between inputs and outputs, operands first; calls of input layers included. */
  readonly calls: readonly Call[]
  /** Decreasing depth, then order of discovery: what model.layers and files go by. */
  readonly layers: readonly Layer[]
}

/**
 * Walks back from the outputs to the inputs. Order: keras/src/ops/function.py map_graph.
 * @throws GraphError when an output does not reach the inputs, or two layers have one name.
 */
export function walkBack(inputs: readonly KerasTensor[], outputs: readonly KerasTensor[], owner: string): LayerRecord {
  const entries = new Set(inputs)
  const calls = inDependencyOrder(entries, outputs, owner)
  const layers = inKerasOrder(entries, outputs, calls)
  const names = new Map<string, Layer>()
  for (const layer of layers) {
    const other = names.get(layer.name)
    if (other)
      throw new GraphError(
        `${owner}: two layers are named "${layer.name}" (${other.className} and ${layer.className})`,
        'names must be unique in a model',
      )
    names.set(layer.name, layer)
  }
  return { inputs, outputs, calls, layers }
}

/** The calls that a call's operands come from; masks that were given count as operands, those carried come along. */
function operandsOf(call: Call): readonly KerasTensor[] {
  const masks = call.masksGiven ? call.masks.filter(mask => mask !== null) : []
  return [...call.inputs, ...masks]
}

function inDependencyOrder(entries: ReadonlySet<KerasTensor>, outputs: readonly KerasTensor[], owner: string): Call[] {
  const done = new Set<Call>()
  const calls: Call[] = []
  const visit = (root: KerasTensor): void => {
    const stack: { tensor: KerasTensor; next: number }[] = [{ tensor: root, next: 0 }]
    while (stack.length > 0) {
      const frame = stack[stack.length - 1] as { tensor: KerasTensor; next: number }
      const { call } = frame.tensor
      const operands = entries.has(frame.tensor) ? [] : operandsOf(call)
      const operand = done.has(call) ? undefined : operands[frame.next++]
      if (operand) {
        stack.push({ tensor: operand, next: 0 })
        continue
      }
      stack.pop()
      if (done.has(call)) continue
      if (call.layer instanceof InputLayer && !call.layer.constant && !entries.has(frame.tensor)) {
        throw new GraphError(
          `${owner}: the output "${root.name}" depends on input "${call.layer.name}", which is not among the inputs (graph disconnected)`,
          'add it to inputs',
        )
      }
      done.add(call)
      calls.push(call)
    }
  }
  for (const output of outputs) visit(output)
  for (const input of entries) if (!done.has(input.call)) calls.unshift(input.call)
  return calls
}

function inKerasOrder(entries: ReadonlySet<KerasTensor>, outputs: readonly KerasTensor[], calls: readonly Call[]): Layer[] {
  const callDepth = new Map<Call, number>()
  const layerDepth = new Map<Layer, number>()
  for (const call of [...calls].reverse()) {
    const depth = Math.max(callDepth.get(call) ?? 0, layerDepth.get(call.layer) ?? 0)
    layerDepth.set(call.layer, depth)
    callDepth.set(call, depth)
    const isEntry = call.outputs.some(output => entries.has(output))
    for (const operand of isEntry ? [] : operandsOf(call))
      callDepth.set(operand.call, Math.max(depth + 1, callDepth.get(operand.call) ?? 0))
  }
  const found = discoveryOrder(entries, outputs, calls)
  return [...layerDepth.keys()].sort(
    (a, b) => (layerDepth.get(b) as number) - (layerDepth.get(a) as number) || (found.get(a) as number) - (found.get(b) as number),
  )
}

/** Keras numbers operations as its depth-first walk from the outputs first meets them; unconnected inputs come before all. */
function discoveryOrder(entries: ReadonlySet<KerasTensor>, outputs: readonly KerasTensor[], calls: readonly Call[]): Map<Layer, number> {
  const order = new Map<Layer, number>()
  const seen = new Set<Call>()
  const stack: KerasTensor[] = [...outputs].reverse()
  while (stack.length > 0) {
    const tensor = stack.pop() as KerasTensor
    if (seen.has(tensor.call)) continue
    seen.add(tensor.call)
    if (!order.has(tensor.call.layer)) order.set(tensor.call.layer, order.size)
    if (!entries.has(tensor)) stack.push(...[...operandsOf(tensor.call)].reverse())
  }
  for (const { layer } of calls) if (!order.has(layer)) order.set(layer, -1)
  return order
}

/** @throws MaskError when a mask ends at one of the calls. */
export function refuseDroppedMasks(calls: readonly Call[], owner: string): void {
  const dropping = calls.find(call => call.dropsMask)
  if (!dropping) return
  const { layer } = dropping
  const which = layer.supportsMasking ? `a layer of ${layer.title}` : layer.title
  throw new MaskError(`${owner}: ${which} receives a mask, but does not support masks`, 'remove the mask before it')
}

/** Replays a record's calls into a trace; gives its outputs and their masks. */
export function replay(
  record: LayerRecord,
  trace: Trace,
  inputs: readonly TracedTensor[],
  masks: readonly (TracedTensor | null)[],
): TracedCall {
  const fed = new Map(record.inputs.map((tensor, k) => [tensor, { value: inputs[k] as TracedTensor, mask: masks[k] ?? null }]))
  const traced = new Map<Call, TracedCall>()
  const tracedValue = (tensor: KerasTensor): TracedTensor => {
    const value = tensor.isMask
      ? traced.get(tensor.call)?.masks[tensor.tensorIndex]
      : (fed.get(tensor)?.value ?? traced.get(tensor.call)?.outputs[tensor.tensorIndex])
    if (!value) throw new Error(`internal: "${tensor.name}" was not traced`)
    return value
  }
  const maskOf = (tensor: KerasTensor): TracedTensor | null =>
    fed.has(tensor) ? (fed.get(tensor)?.mask ?? null) : (traced.get(tensor.call)?.masks[tensor.tensorIndex] ?? null)
  for (const call of record.calls) {
    if (call.outputs.every(output => fed.has(output))) continue
    const operandMasks = call.masksGiven ? call.masks.map(mask => mask && tracedValue(mask)) : call.inputs.map(maskOf)
    traced.set(call, call.layer.traceCall(trace, call.inputs.map(tracedValue), operandMasks, call.index))
  }
  return { outputs: record.outputs.map(tracedValue), masks: record.outputs.map(maskOf) }
}

/**
 * The number of rows that all inputs were made for, or undefined. Keras holds no run to it (keras/src/models/functional.py
 * make_spec), so it is traced as any number.
 */
export function fixedBatch(inputs: readonly KerasTensor[]): number | undefined {
  const sizes = inputs.filter(({ call: { layer } }) => !(layer instanceof InputLayer && layer.constant)).map(({ type }) => type.shape[0])
  const [first] = sizes
  return typeof first === 'number' && sizes.every(size => size === first) ? first : undefined
}
