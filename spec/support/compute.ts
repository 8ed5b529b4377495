// Tracing and computing functions of the functional API in tests.

import { ndarray } from '../../lib/ir/ndarray.js'
import type { DType, Shape } from '../../lib/ir/types.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { specialise } from '../../lib/ops/specialise.js'
import { toValue } from '../../lib/ops/values.js'
import { verify } from '../../lib/ops/verify.js'

/** What `f` computes on values; `declared` gives them shapes with unknown sizes, which `bindings` bind. */
export function compute(
  values: readonly Value[],
  f: (...xs: TracedTensor[]) => TracedTensor,
  declared: readonly Shape[] = [],
  bindings: Readonly<Record<string, number>> = {},
): Value {
  const builder = new GraphBuilder('test')
  const output = f(...values.map(({ dtype, shape }, k) => builder.input(`x${k}`, { dtype, shape: declared[k] ?? shape })))
  const graph = verify(specialise(verify(builder.build({ outputs: [{ name: 'y', value: output }] })), bindings))
  const inputs = Object.fromEntries(values.map((value, k) => [`x${k}`, value]))
  return evaluateGraph(graph, { inputs, variables: {} }).outputs.y as Value
}

/** A traced tensor of a new trace. */
export function tensor(shape: Shape = [2, 3], dtype: DType = 'float32'): TracedTensor {
  return new GraphBuilder('test').input('x', { dtype, shape })
}

/** [[1, 2, 3], [4, 5, 6]]. */
export const matrix: Value = toValue(
  ndarray([
    [1, 2, 3],
    [4, 5, 6],
  ]),
)
