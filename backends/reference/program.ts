// Programs of the reference backend: the ops' own evaluation, in doubles or rounding each result to float32.

import { type Graph, nodeAt, tensorType } from '../../lib/ir/graph.js'
import { allocate, NDArray, type TypedData } from '../../lib/ir/ndarray.js'
import { isConcrete, type TensorType } from '../../lib/ir/types.js'
import { evaluateGraph, type Precision } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { toValue } from '../../lib/ops/values.js'
import type { Program, State } from '../backend.js'

/** Evaluates a bound graph; `float64` is the oracle, `float32` rounds after each op. */
export function referenceProgram(graph: Graph, precision: Precision): Program {
  const inputs = graph.inputs.map(id => {
    const node = nodeAt(graph, id)
    if (node.op !== 'input') throw new Error(`internal: "${id}" is no input`)
    return { name: node.attrs.name, type: tensorType(node) }
  })
  return {
    run(feeds, state) {
      const values = Object.fromEntries(inputs.map(({ name, type }, k) => [name, entered(feeds[k] as TypedData, type)]))
      const result = evaluateGraph(graph, { inputs: values, variables: readAll(graph, state) }, { precision })
      return {
        outputs: graph.results.outputs.map(({ name }) => store(result.outputs[name] as Value)),
        losses: result.losses.map(({ value }) => store(value)),
        updates: Object.fromEntries(Object.entries(result.updates).map(([name, value]) => [name, store(value)])),
      }
    },
    dispose() {},
  }
}

function entered(data: TypedData, type: TensorType): Value {
  if (!isConcrete(type.shape)) throw new Error('internal: the graph is not specialised')
  return toValue(new NDArray(data, type.shape, type.dtype))
}

function readAll(graph: Graph, state: State): Record<string, Value> {
  return Object.fromEntries(Object.entries(graph.variables).map(([name, { type }]) => [name, entered(state.read(name), type)]))
}

function store({ dtype, data }: Value): TypedData {
  const out = allocate(dtype, data.length)
  out.set(data)
  return out
}
