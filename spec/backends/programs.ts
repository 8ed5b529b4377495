// Graphs run as programs of a backend, with feeds as the reference evaluation takes them.

import assert from 'node:assert/strict'
import type { Compiler, Program, State } from '../../backends/backend.js'
import { type Graph, nodeAt, tensorType } from '../../lib/ir/graph.js'
import { NDArray, type TypedData } from '../../lib/ir/ndarray.js'
import type { TensorType } from '../../lib/ir/types.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'
import { type Evaluation, evaluateGraph, type Feeds } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { toNDArray, toValue } from '../../lib/ops/values.js'
import { assertSameValues, valuesOf } from '../support/compare.js'

/** What each operand of a tested op is in its graph. */
export type LeafKind = 'input' | 'variable' | 'constant'

/** A graph whose leaves have these values, and the feeds for it. */
export function graphOf(
  leaves: readonly { readonly kind: LeafKind; readonly value: Value }[],
  body: (b: GraphBuilder, operands: readonly TracedTensor[]) => readonly TracedTensor[],
): { graph: Graph; feeds: Feeds } {
  const b = new GraphBuilder('test')
  const feeds = { inputs: {} as Record<string, Value>, variables: {} as Record<string, Value> }
  const operands = leaves.map(({ kind, value }, k) => {
    const type = { dtype: value.dtype, shape: value.shape }
    if (kind === 'constant') return b.constant([...value.data], type)
    feeds[kind === 'input' ? 'inputs' : 'variables'][`leaf${k}`] = value
    return kind === 'input' ? b.input(`leaf${k}`, type) : b.variable(`leaf${k}`, type, 'weight')
  })
  const outputs = body(b, operands).map((value, k) => ({ name: `y${k}`, value }))
  return { graph: b.build({ outputs }), feeds }
}

/** State over fixed values, all of one version. */
export function stateOf(variables: Readonly<Record<string, Value>>, version = 0): State {
  const data = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, toNDArray(value).data]))
  return { read: name => data[name] as TypedData, version: () => version, epoch: () => version }
}

/** The data of a graph's inputs, in its order. */
export function inputsOf(graph: Graph, { inputs }: Feeds): TypedData[] {
  return graph.inputs.map(id => {
    const node = nodeAt(graph, id)
    if (node.op !== 'input') throw new Error(`"${id}" is no input`)
    return toNDArray(inputs[node.attrs.name] as Value).data
  })
}

/** Runs a program once; its results as an evaluation gives them. */
export function runProgram(program: Program, graph: Graph, feeds: Feeds, version = 0): Evaluation {
  const { outputs, losses, updates } = program.run(inputsOf(graph, feeds), stateOf(feeds.variables, version))
  const valueAt = (id: string, data: TypedData | undefined) => {
    const { dtype, shape }: TensorType = tensorType(nodeAt(graph, id))
    return toValue(new NDArray(data as TypedData, shape.map(Number), dtype))
  }
  return {
    outputs: Object.fromEntries(graph.results.outputs.map(({ name, node }, k) => [name, valueAt(node, outputs[k])])),
    losses: graph.results.losses.map(({ name, node }, k) => ({ name, value: valueAt(node, losses[k]) })),
    updates: Object.fromEntries(Object.entries(graph.results.updates).map(([name, node]) => [name, valueAt(node, updates[name])])),
  }
}

/** Compiles, runs twice with the same result, disposes. */
export function evaluateOn(compiler: Compiler, graph: Graph, feeds: Feeds): Evaluation {
  const program = compiler.compile(graph)
  try {
    const first = runProgram(program, graph, feeds)
    assertSameValues(runProgram(program, graph, feeds), first)
    return first
  } finally {
    program.dispose()
  }
}

/**
 * Asserts that results are as near to the exact ones as float32 allows, per result:
 * 16 · max|ref32 − ref64| + 2⁻²⁰ · max|ref64| + `extra`. Whole numbers, NaN and infinities must be the same.
 */
export function assertNearReference(actual: Evaluation, graph: Graph, feeds: Feeds, extra = 0): void {
  const rounded = valuesOf(evaluateGraph(graph, feeds, { precision: 'float32' }))
  const values = valuesOf(actual)
  for (const [name, exact] of valuesOf(evaluateGraph(graph, feeds))) {
    const got = values.get(name) as Value
    const near = rounded.get(name) as Value
    assert.deepEqual([got.dtype, [...got.shape]], [exact.dtype, [...exact.shape]], name)
    let [error, size] = [0, 0]
    exact.data.forEach((value, k) => {
      if (!Number.isFinite(near.data[k])) return
      error = Math.max(error, Math.abs((near.data[k] as number) - value))
      size = Math.max(size, Math.abs(value))
    })
    const tolerance = exact.dtype === 'float32' ? 16 * error + 2 ** -20 * size + extra : 0
    exact.data.forEach((value, k) => {
      const [found, wanted] = [got.data[k] as number, near.data[k] as number]
      const ok = Number.isFinite(wanted) ? Math.abs(found - value) <= tolerance : Object.is(found, wanted)
      if (!ok) assert.fail(`${name}[${k}]: expected ${value} ± ${tolerance}, got ${found}`)
    })
  }
}
