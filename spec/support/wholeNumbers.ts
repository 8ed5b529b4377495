// Results that float32 has no excuse for: computed from small whole numbers alone, in whatever order.

import assert from 'node:assert/strict'
import type { Graph, Node } from '../../lib/ir/graph.js'
import { type Evaluation, evaluateGraph, type Feeds, type Mode } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { magnitude, valuesOf } from './compare.js'

/** Up to here every whole number is a float32. */
const limit = 2 ** 24

/**
 * Asserts that each result whose whole computation is of whole numbers, in steps that cannot leave those that float32 has,
 * is the same number; gives how many there were. A step's bound is the product of its largest operands times the most
 * elements that it could sum.
 */
export function assertWholeResults(actual: Evaluation, graph: Graph, feeds: Feeds, mode: Mode = 'infer'): number {
  const whole = new Set<string>() // nodes, and all they are computed from
  let body = true // what ran inside the region or loop that is about to end
  const slots = new Map<string, readonly Value[]>()
  const watch = (node: Node, slot: Value | readonly Value[]): void => {
    const values = 'data' in slot ? [slot] : slot
    const inside = graph.nodes[node.id] !== node
    if (inside) {
      body &&= values.every(isWhole)
      return
    }
    const operands = node.inputs.flatMap(id => slots.get(id) ?? [])
    const reach = operands.reduce((product, value) => product * Math.max(1, magnitude(value)), 1)
    const elements = Math.max(1, ...[...operands, ...values].map(({ data }) => data.length))
    if (body && values.every(isWhole) && node.inputs.every(id => whole.has(id)) && reach * elements <= limit) whole.add(node.id)
    slots.set(node.id, values)
    body = true
  }
  const expected = evaluateGraph(graph, feeds, { mode, watch })
  const { outputs, losses, updates } = graph.results
  const names = [
    ...outputs.map(({ name, node }) => [`output ${name}`, node] as const),
    ...losses.map(({ name, node }, k) => [`loss ${k} ${name}`, node] as const),
    ...Object.entries(updates).map(([name, node]) => [`update ${name}`, node] as const),
  ]
  const [got, wanted] = [valuesOf(actual), valuesOf(expected)]
  const exact = names.filter(([, node]) => whole.has(node))
  for (const [name] of exact)
    assert.deepEqual([...(got.get(name)?.data ?? [])].map(signless), [...(wanted.get(name)?.data ?? [])].map(signless), name)
  return exact.length
}

const isWhole = ({ data }: Value): boolean => data.every(value => Number.isInteger(value) && Math.abs(value) <= limit)

/** Sums of nothing but zeros may have either sign. */
const signless = (value: number): number => value + 0
