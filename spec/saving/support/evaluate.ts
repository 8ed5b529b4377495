// What a model computes by definition: its trace, evaluated op by op; and whether that is what Keras computes.

import assert from 'node:assert/strict'
import { nodeAt, tensorType } from '../../../lib/ir/graph.js'
import type { BaseModel } from '../../../lib/models/baseModel.js'
import { evaluateGraph, type Precision } from '../../../lib/ops/evaluate.js'
import type { Value } from '../../../lib/ops/op.js'
import { specialise } from '../../../lib/ops/specialise.js'
import { toValue } from '../../../lib/ops/values.js'
import { assertClose, type GoldenTensor, goldenValue } from '../../support/golden.js'

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

/** What a golden file says that a model computes. */
export interface GoldenRun {
  readonly name: string
  readonly inputs: readonly GoldenTensor[]
  readonly outputs: readonly GoldenTensor[]
}

/** @throws when an output is further from the golden one than rounding explains. */
export function assertPredicts(model: BaseModel<unknown>, { name, inputs, outputs }: GoldenRun): void {
  const values = inputs.map(goldenValue)
  const exact = evaluateModel(model, values, 'float64')
  const rounded = evaluateModel(model, values, 'float32')
  assert.equal(exact.length, outputs.length)
  outputs.forEach((output, k) => {
    const [a, b] = [exact[k], rounded[k]]
    assert.ok(a && b)
    const difference = largest(Array.from(a.data, (value, at) => value - (b.data[at] as number)))
    const tolerance = 16 * difference + 2 ** -20 * largest(a.data)
    assertClose(b, goldenValue(output), () => tolerance, `${name}, output ${k}`)
  })
}
