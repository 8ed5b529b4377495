// What a model computes by definition: its trace, evaluated op by op.

import { nodeAt, tensorType } from '../../../lib/ir/graph.js'
import type { BaseModel } from '../../../lib/models/baseModel.js'
import { evaluateGraph, type Precision } from '../../../lib/ops/evaluate.js'
import type { Value } from '../../../lib/ops/op.js'
import { specialise } from '../../../lib/ops/specialise.js'
import { toValue } from '../../../lib/ops/values.js'

/** The model's outputs on inputs given in its order, at inference. */
export function evaluateModel(model: BaseModel<unknown>, inputs: readonly Value[], precision: Precision): Value[] {
  const { graph, variables } = model.trace()
  const sizes: Record<string, number> = {}
  graph.inputs.forEach((id, k) => {
    tensorType(nodeAt(graph, id)).shape.forEach((size, axis) => {
      if (typeof size === 'string') sizes[size] = inputs[k]?.shape[axis] as number
    })
  })
  const values = Object.fromEntries([...variables].map(([name, variable]) => [name, toValue(variable.read())]))
  const feeds = Object.fromEntries(model.inputNames.map((name, k) => [name, inputs[k] as Value]))
  const { outputs } = evaluateGraph(specialise(graph, sizes), { inputs: feeds, variables: values }, { precision, mode: 'infer' })
  return graph.results.outputs.map(({ name }) => outputs[name] as Value)
}

/** Largest absolute value; 0 for none. */
export function largest(data: Iterable<number>): number {
  let max = 0
  for (const value of data) if (Math.abs(value) > max) max = Math.abs(value)
  return max
}
