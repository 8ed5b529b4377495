// Cases for bisecting: what they should give, comparing with it, and cutting out the part around a node.

import { type Graph, makeNode, type Node, type NodeId, nodeAt, tensorType } from '../../ir/graph.js'
import { topologicalOrder } from '../../ir/order.js'
import { isTuple, type TensorType } from '../../ir/types.js'
import { evaluateGraph } from '../../ops/evaluate.js'
import type { Value } from '../../ops/op.js'
import { roundValue } from '../../ops/values.js'
import { deviationOf, toleranceOf } from '../deviation.js'
import { bound, type Case, evaluateCase, type Outputs } from '../reference.js'
import { showNumber } from '../textTable.js'

/** What a graph should give, and how far a float32 computation may be from it. */
export interface Expectation {
  readonly exact: Outputs
  readonly tolerances: Readonly<Record<string, number>>
}

/** An output that is further from the exact one than rounding brings it. */
export interface Mismatch {
  readonly output: string
  readonly problem: string
}

/** The value of every node, each rounded to float32; nodes of several values are left out. */
export function roundedValues({ graph, feeds }: Case): Map<NodeId, Value> {
  const values = new Map<NodeId, Value>()
  evaluateGraph(graph, feeds, {
    precision: 'float32',
    watch: (node, slot) => {
      if ('data' in slot) values.set(node.id, slot)
    },
  })
  return values
}

export function expectationOf(given: Case): Expectation {
  const exact = evaluateCase(given, 'float64')
  const rounded = evaluateCase(given, 'float32')
  const tolerances = Object.entries(exact).map(([name, { data }]) => [name, toleranceOf(rounded[name]?.data ?? [], data)] as const)
  return { exact, tolerances: Object.fromEntries(tolerances) }
}

/** The first output that is not as expected. */
export function mismatchOf(got: Outputs, { exact, tolerances }: Expectation): Mismatch | undefined {
  for (const [output, wanted] of Object.entries(exact)) {
    const value = got[output]
    const shapes = `[${value?.shape.join(', ')}] instead of [${wanted.shape.join(', ')}]`
    if (value?.shape.join() !== wanted.shape.join()) return { output, problem: `has shape ${shapes}` }
    const { largest, at } = deviationOf(value.data, wanted.data)
    const allowed = tolerances[output] ?? 0
    if (largest > allowed || Number.isNaN(largest)) {
      const [is, should] = [value.data[at], wanted.data[at]].map(item => String(Math.fround(item ?? Number.NaN)))
      return { output, problem: `value ${at} is ${is} instead of ${should}, where rounding explains ${showNumber(allowed)}` }
    }
  }
  return undefined
}

/**
 * The part of a case that ends at a node and begins `depth` operands before it, where inputs stand for what is cut off.
 * Undefined where a tuple would have to be an input.
 */
export function cutOut({ graph, feeds }: Case, end: NodeId, depth: number): Case | undefined {
  const values = roundedValues(bound({ graph, feeds }))
  const nodes: Record<NodeId, Node> = {}
  const inputs: Record<string, Value> = {}
  const order: NodeId[] = []
  const reach = (id: NodeId, left: number): boolean => {
    const node = nodeAt(graph, id)
    const kept = left > 0 || node.inputs.length === 0
    const known = nodes[id]
    if (known && (known.op !== 'input' || !kept)) return true
    if (isTuple(node.type) && !kept) return false
    const value = values.get(id)
    if (kept && node.op !== 'input') nodes[id] = node
    else if (value) {
      nodes[id] = inputNode(id, tensorType(node))
      inputs[id] = roundValue(value)
      if (!order.includes(id)) order.push(id)
    } else return false
    return !kept || node.inputs.every(operand => reach(operand, left - 1))
  }
  if (!reach(end, depth)) return undefined
  const variables = Object.fromEntries(
    Object.values(nodes).flatMap(node => {
      const info = node.op === 'variable' ? graph.variables[node.attrs.name] : undefined
      return node.op === 'variable' && info ? [[node.attrs.name, info] as const] : []
    }),
  )
  const results = { outputs: [{ name: 'y', node: end }], losses: [], updates: {} }
  const given = Object.fromEntries(Object.keys(variables).map(name => [name, feeds.variables[name] as Value]))
  const used = order.filter(id => nodes[id]?.op === 'input')
  const fed = Object.fromEntries(used.map(id => [id, inputs[id] as Value]))
  return { graph: { inputs: used, variables, nodes, results }, feeds: { inputs: fed, variables: given } }
}

/** The nodes that compute something, operands first. */
export function computing(graph: Graph): readonly Node[] {
  return topologicalOrder(graph).filter(({ op, inputs }) => inputs.length > 0 && op !== 'get')
}

function inputNode(id: NodeId, type: TensorType): Node {
  return makeNode({ id, op: 'input', inputs: [], attrs: { name: id, ...type }, type, origin: [] })
}
