// Runs a traced function on concrete values: a graph is built, verified and evaluated by definition.

import { NDArray, type Nested, ndarray } from '../../lib/ir/ndarray.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'
import { evaluateGraph, type Precision } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { toValue } from '../../lib/ops/values.js'
import { verify } from '../../lib/ops/verify.js'

/** A value of a graph, an array of data, or nested numbers (float32). */
export type Concrete = Value | NDArray | Nested

export function asValue(x: Concrete): Value {
  if (x instanceof NDArray) return toValue(x)
  return typeof x === 'object' && 'data' in x ? x : toValue(ndarray(x))
}

/** The result of `f` on inputs, in float32 rounding at each op unless float64 is asked for. */
export function runTraced(
  f: (...inputs: TracedTensor[]) => TracedTensor,
  inputs: readonly Concrete[],
  precision: Precision = 'float32',
): Value {
  const values = inputs.map(asValue)
  const builder = new GraphBuilder('spec')
  const traced = values.map(({ dtype, shape }, k) => builder.input(`x${k}`, { dtype, shape }))
  const graph = verify(builder.build({ outputs: [{ name: 'y', value: f(...traced) }] }))
  const feeds = Object.fromEntries(values.map((value, k) => [`x${k}`, value]))
  return evaluateGraph(graph, { inputs: feeds, variables: {} }, { precision }).outputs.y as Value
}
