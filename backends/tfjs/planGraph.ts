// planGraph: walks a graph and its regions, and has every node planned.

import { type Graph, type Node, type NodeId, nodeAt } from '../../lib/ir/graph.js'
import { liveIds, topologicalOrder } from '../../lib/ir/order.js'
import { isTuple } from '../../lib/ir/types.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { regionKernel } from './fused.js'
import type { EngineName } from './kernel.js'
import type { Operand, Plan } from './plan.js'
import { concrete, Planner } from './planner.js'
import { primitiveTable } from './table.js'

/** The plan of a graph whose sizes are all bound and positive. */
export function planGraph(graph: Graph, engine: EngineName): Plan {
  const planner = new Planner(engine)
  const read = walk(planner, graph, (node, index) => planner.leaf(concrete(node.type), { kind: 'input', index }))
  const { outputs, losses, updates } = graph.results
  return planner.finish({
    outputs: outputs.map(({ node }) => read(node)),
    losses: losses.map(({ node }) => read(node)),
    updates: Object.fromEntries(Object.entries(updates).map(([name, node]) => [name, read(node)])),
  })
}

/** Plans the live nodes; gives access to their tensors. */
function walk(planner: Planner, graph: Graph, enter: (node: Node, index: number) => Operand): (id: NodeId) => Operand {
  const tensors = new Map<NodeId, readonly Operand[]>()
  const read = (id: NodeId, part = 0): Operand => {
    const operand = tensors.get(id)?.[part]
    if (!operand) throw new Error(`internal: "${id}" has no part ${part}`)
    return operand
  }
  const live = liveIds(graph)
  for (const node of topologicalOrder(graph)) {
    if (!live.has(node.id)) continue
    tensors.set(
      node.id,
      planNode(planner, node, read, () => enter(node, graph.inputs.indexOf(node.id))),
    )
  }
  return id => read(id)
}

/** The tensors of a node: one, or the parts of a tuple. */
function planNode(planner: Planner, node: Node, read: (id: NodeId, part?: number) => Operand, enter: () => Operand): readonly Operand[] {
  switch (node.op) {
    case 'input':
      return [enter()]
    case 'variable':
      return [planner.leaf(concrete(node.type), { kind: 'variable', name: node.attrs.name })]
    case 'phase':
      return [read(node.inputs[1] as NodeId)]
    case 'get':
      return [read(node.inputs[0] as NodeId, node.attrs.index)]
    case 'fused':
      return planRegion(
        planner,
        node.body as Graph,
        node.inputs.map(id => read(id)),
      )
    case 'scan':
      return planScan(
        planner,
        node,
        node.inputs.map(id => read(id)),
      )
    default:
      return [
        planner.emit(
          node.op,
          node.inputs.map(id => read(id)),
          node.attrs,
        ),
      ]
  }
}

function planRegion(planner: Planner, body: Graph, operands: readonly Operand[]): readonly Operand[] {
  const whole = regionKernel(planner, body, operands)
  if (whole) return [whole]
  const read = walk(planner, body, (_node, index) => operands[index] as Operand)
  return body.results.outputs.map(({ node }) => read(node))
}

/** Runs the body once per entry, on kernels if the plan does not get too long. */
function planScan(planner: Planner, node: Node & { op: 'scan' }, operands: readonly Operand[]): readonly Operand[] {
  const { carries, sequences, reverse } = node.attrs
  const body = node.body as Graph
  const stacked = operands.slice(carries, carries + sequences)
  const constants = operands.slice(carries + sequences)
  const length = stacked[0]?.shape[0] ?? 0
  if (length * topologicalOrder(body).length > longestLoop) return evaluateScan(planner, node, operands)
  let state = operands.slice(0, carries)
  const steps: (readonly Operand[])[] = new Array(length)
  for (let k = 0; k < length; k++) {
    const at = reverse ? length - 1 - k : k
    const results = planRegion(planner, body, [...state, ...stacked.map(x => entryOf(planner, x, at)), ...constants])
    state = results.slice(0, carries)
    steps[at] = results.slice(carries)
  }
  const parts = body.results.outputs.length - carries
  const stacks = Array.from({ length: parts }, (_, part) => {
    const rows = steps.map(step => step[part] as Operand)
    return planner.emit(
      'concat',
      rows.map(row => planner.view(row, [1, ...row.shape])),
      { axis: 0 },
    )
  })
  return [...state, ...stacks]
}

/** Nodes in all steps of a loop that is unrolled. */
const longestLoop = 16_384

/** Entry `at` along axis 0, without that axis. */
function entryOf(planner: Planner, x: Operand, at: number): Operand {
  const rest = x.shape.slice(1)
  const begin = [at, ...rest.map(() => 0)]
  const row = planner.emit('slice', [x], { begin, end: [at + 1, ...rest], strides: x.shape.map(() => 1) })
  return planner.view(row, rest)
}

function evaluateScan(planner: Planner, node: Node, operands: readonly Operand[]): readonly Operand[] {
  const parts = isTuple(node.type) ? node.type.tuple.map(concrete) : [concrete(node.type)]
  const alone = standAlone(node, operands, parts.length)
  const evaluate = (values: readonly Value[]) => {
    const inputs = Object.fromEntries(values.map((value, k) => [String(k), value]))
    const { outputs } = evaluateGraph(alone, { inputs, variables: {} })
    return parts.map((_, k) => outputs[String(k)] as Value)
  }
  return planner.reference('scan', primitiveTable.scan.reference, operands, evaluate, parts)
}

/** A graph of one node, with its operands as inputs and the parts of its tuple as outputs. */
function standAlone(node: Node, operands: readonly Operand[], parts: number): Graph {
  const inputs = operands.map(({ dtype, shape }, k): Node => {
    return { id: `operand:${k}`, op: 'input', inputs: [], attrs: { name: String(k), dtype, shape }, type: { dtype, shape }, origin: [] }
  })
  const whole = { ...node, inputs: inputs.map(({ id }) => id) }
  const gets = Array.from({ length: parts }, (_, index): Node => {
    const type = isTuple(node.type) ? (node.type.tuple[index] ?? node.type) : node.type
    return { id: `part:${index}`, op: 'get', inputs: [node.id], attrs: { index }, type, origin: [] }
  })
  return {
    inputs: inputs.map(({ id }) => id),
    variables: {},
    nodes: Object.fromEntries([...inputs, whole, ...gets].map(part => [part.id, part])),
    results: { outputs: gets.map(({ id }, k) => ({ name: String(k), node: id })), losses: [], updates: {} },
  }
}

/** Every node of a graph that some result needs. */
export function liveNodes(graph: Graph): readonly Node[] {
  return [...liveIds(graph)].map(id => nodeAt(graph, id))
}
