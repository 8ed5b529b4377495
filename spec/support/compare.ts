// Comparison of evaluations: to the bit, or within what rounding allows.

import assert from 'node:assert/strict'
import type { Graph } from '../../lib/ir/graph.js'
import { type Evaluation, type EvaluationOptions, evaluateGraph, type Feeds, type Mode } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'

/** Every value of an evaluation by a name that says which kind of result it is. */
export function valuesOf({ outputs, losses, updates }: Evaluation): Map<string, Value> {
  return new Map([
    ...Object.entries(outputs).map(([name, value]) => [`output ${name}`, value] as const),
    ...losses.map(({ name, value }, k) => [`loss ${k} ${name}`, value] as const),
    ...Object.entries(updates).map(([name, value]) => [`update ${name}`, value] as const),
  ])
}

/** Asserts that each of the expected results is there to the bit; NaN equals NaN. */
export function assertSameValues(actual: Evaluation, expected: Evaluation): void {
  const values = valuesOf(actual)
  const wanted = valuesOf(expected)
  assert.deepEqual([...values.keys()].sort(), [...wanted.keys()].sort())
  for (const [name, value] of wanted) {
    const got = values.get(name) as Value
    assert.deepEqual([got.dtype, [...got.shape]], [value.dtype, [...value.shape]], name)
    const at = value.data.findIndex((item, k) => !Object.is(item, got.data[k]))
    if (at >= 0) assert.fail(`${name}[${at}]: expected ${show(value.data[at])}, got ${show(got.data[at])}`)
  }
}

/**
 * Asserts that each result is as near to the exact one as float32 allows:
 * 16 · max|ref32 − ref64| + 2⁻²⁰ · max|ref64| per result, or of the largest term that it is computed from, where given.
 */
export function assertNearValues(
  actual: Evaluation,
  ref32: Evaluation,
  ref64: Evaluation,
  terms: ReadonlyMap<string, number> = new Map(),
): void {
  const [values, rounded] = [valuesOf(actual), valuesOf(ref32)]
  for (const [name, exact] of valuesOf(ref64)) {
    const error = largestDifference(rounded.get(name) as Value, exact)
    if (!Number.isFinite(error)) continue // what overflows float32 in the reference has no error to compare with
    assertWithin(name, values.get(name) as Value, exact, 16 * error + 2 ** -20 * Math.max(magnitude(exact), terms.get(name) ?? 0))
  }
}

/**
 * The largest magnitude among the values that each result is computed from, its own included. A pass that reassociates
 * is as wrong as the largest term of a sum, which may be far above the sum.
 */
export function largestTerms(graph: Graph, feeds: Feeds, mode: Mode = 'infer'): Map<string, number> {
  const reach = new Map<string, number>()
  const watch: EvaluationOptions['watch'] = (node, slot) => {
    let largest = reach.get(node.id) ?? 0
    for (const id of node.inputs) largest = Math.max(largest, reach.get(id) ?? 0)
    if ('data' in slot) largest = Math.max(largest, magnitude(slot))
    reach.set(node.id, largest)
  }
  evaluateGraph(graph, feeds, { mode, watch })
  const { outputs, losses, updates } = graph.results
  return new Map([
    ...outputs.map(({ name, node }) => [`output ${name}`, reach.get(node) ?? 0] as const),
    ...losses.map(({ name, node }, k) => [`loss ${k} ${name}`, reach.get(node) ?? 0] as const),
    ...Object.entries(updates).map(([name, node]) => [`update ${name}`, reach.get(node) ?? 0] as const),
  ])
}

/** What a rounding pass changed, beside the graph that it was given, both with their sizes bound. */
export interface Rewritten {
  readonly whole: Graph
  readonly changed: Graph
  readonly feeds: Feeds
}

/**
 * Asserts that each output is as near to the exact one as float32 allows: 16 · max|ref32 − ref64| + 2⁻²⁰ · the largest
 * term, on either side, that it is computed from.
 */
export function assertNearOutputs({ whole, changed, feeds }: Rewritten): void {
  const outputs = (graph: Graph, precision: 'float32' | 'float64') => evaluateGraph(graph, feeds, { precision }).outputs
  const [values, rounded] = [outputs(changed, 'float32'), outputs(whole, 'float32')]
  const [before, after] = [largestTerms(whole, feeds), largestTerms(changed, feeds)]
  for (const [name, exact] of Object.entries(outputs(whole, 'float64'))) {
    const error = largestDifference(rounded[name] as Value, exact)
    if (!Number.isFinite(error)) continue
    const terms = Math.max(before.get(`output ${name}`) ?? 0, after.get(`output ${name}`) ?? 0)
    assertWithin(name, values[name] as Value, exact, 16 * error + 2 ** -20 * terms)
  }
}

/** Asserts that outputs agree in doubles, where rounding is no excuse: to 2⁻³⁶ of the largest term. */
export function assertSameAlgebra({ whole, changed, feeds }: Rewritten): void {
  const [before, after] = [largestTerms(whole, feeds), largestTerms(changed, feeds)]
  const values = evaluateGraph(changed, feeds).outputs
  for (const [name, exact] of Object.entries(evaluateGraph(whole, feeds).outputs)) {
    const terms = Math.max(before.get(`output ${name}`) ?? 0, after.get(`output ${name}`) ?? 0)
    if (Number.isFinite(terms)) assertWithin(name, values[name] as Value, exact, 2 ** -36 * terms)
  }
}

/** The largest absolute value; 0 if there is none. */
export function magnitude({ data }: Value): number {
  let largest = 0
  for (const value of data) largest = Math.max(largest, Math.abs(value))
  return largest
}

function largestDifference(near: Value, exact: Value): number {
  let largest = 0
  exact.data.forEach((value, k) => {
    largest = Math.max(largest, Math.abs((near.data[k] as number) - value))
  })
  return largest
}

function assertWithin(name: string, got: Value, exact: Value, tolerance: number): void {
  assert.deepEqual([got.dtype, [...got.shape]], [exact.dtype, [...exact.shape]], name)
  exact.data.forEach((value, k) => {
    const off = Math.abs((got.data[k] as number) - value)
    if (!(off <= tolerance)) assert.fail(`${name}[${k}]: expected ${value} ± ${tolerance}, got ${got.data[k]}`)
  })
}

function show(value: number | undefined): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
