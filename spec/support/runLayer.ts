// Runs one layer call as a model would: applied, traced on symbolic sizes, verified, specialised, evaluated by definition.

import type { Graph } from '../../lib/ir/graph.js'
import type { DType } from '../../lib/ir/types.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { KerasShape, Layer } from '../../lib/layers/layer.js'
import { regularizationLosses } from '../../lib/layers/regularization.js'
import { Trace, type TracedGraph } from '../../lib/layers/trace.js'
import { type Evaluation, evaluateGraph, type Mode, type Precision } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { bindShapes, specialise } from '../../lib/ops/specialise.js'
import { toValue } from '../../lib/ops/values.js'
import { verify } from '../../lib/ops/verify.js'

/** A tensor of the layer record to call a layer on: with the mask that its producer made, if any. */
export interface Operand {
  readonly shape: KerasShape
  readonly dtype?: DType
  /** The shape of the mask; none by default. */
  readonly maskShape?: KerasShape | null
}

export interface Applied {
  readonly outputs: readonly KerasTensor[]
  readonly inputs: readonly KerasTensor[]
  readonly masks: readonly (KerasTensor | null)[]
}

/** Applies a layer to fresh inputs; several for a list, masks given explicitly. */
export function applyTo(layer: Layer, operands: Operand | readonly Operand[]): Applied {
  const list = Array.isArray(operands) ? (operands as readonly Operand[]) : [operands as Operand]
  const inputs = list.map(({ shape, dtype = 'float32' }, k) => input({ batchShape: shape, dtype, name: `x${k}` }))
  const masks = list.map(({ maskShape }, k) => (maskShape ? input({ batchShape: maskShape, dtype: 'bool', name: `m${k}` }) : null))
  const given = masks.some(mask => mask !== null) ? { mask: masks } : {}
  const outputs = layer.applyAll(Array.isArray(operands) ? inputs : (inputs[0] as KerasTensor), given)
  return { outputs, inputs, masks }
}

/** The verified graph of a layer's last call: inputs x0, x1, …, m0, …; outputs y0, …, mask0, …. */
export function traceLayer(layer: Layer): TracedGraph {
  const call = layer.calls.at(-1)
  if (!call) throw new Error('the layer was not called')
  const trace = new Trace('spec')
  const feeds = call.inputs.map((tensor, k) => trace.builder.input(`x${k}`, tensor.type))
  const maskFeeds = call.masks.map((mask, k) => mask && trace.builder.input(`m${k}`, mask.type))
  const { outputs, masks } = layer.traceCall(trace, feeds, maskFeeds, call.index)
  regularizationLosses(trace, layer.trainableWeights)
  const traced = trace.build([
    ...outputs.map((value, k) => ({ name: `y${k}`, value })),
    ...masks.flatMap((value, k) => (value ? [{ name: `mask${k}`, value }] : [])),
  ])
  verify(traced.graph)
  return traced
}

export interface RunOptions {
  readonly mode?: Mode
  readonly precision?: Precision
}

/** Evaluates the layer's last call on values, with its weights as they are; nothing is updated. */
export function runLayer(
  layer: Layer,
  inputs: readonly Value[],
  masks: readonly (Value | null)[] = [],
  options: RunOptions = {},
): Evaluation {
  const { graph, variables } = traceLayer(layer)
  const feeds: Record<string, Value> = {}
  inputs.forEach((value, k) => {
    feeds[`x${k}`] = value
  })
  masks.forEach((value, k) => {
    if (value) feeds[`m${k}`] = value
  })
  const state = Object.fromEntries([...variables].map(([name, variable]) => [name, toValue(variable.read())]))
  return evaluateGraph(bound(graph, feeds), { inputs: feeds, variables: state }, { precision: 'float32', ...options })
}

/** Writes what a run updated into the layer's variables, as the runtime does. */
export function applyUpdates(layer: Layer, updates: Evaluation['updates']): void {
  const { variables } = traceLayer(layer)
  for (const [name, value] of Object.entries(updates)) {
    const variable = variables.get(name)
    variable?.assign(value.dtype === 'int32' ? Int32Array.from(value.data) : Float32Array.from(value.data))
  }
}

function bound(graph: Graph, feeds: Readonly<Record<string, Value>>): Graph {
  const shapes = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]))
  return specialise(graph, bindShapes(graph, shapes))
}
