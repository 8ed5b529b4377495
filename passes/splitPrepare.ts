// splitPrepare: cuts a graph into what weights alone decide, computed once, and what every run computes.

import { freezeGraph, type Graph, makeNode, type Node, type NodeId, nodeAt, resultIds, type VariableInfo } from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import { isConcrete, isTuple, type ValueType } from '../lib/ir/types.js'
import type { OpName } from '../lib/ir/vocabulary.js'
import { dependences } from './dependence.js'

/** Two ordinary graphs for one backend. */
export interface Split {
  /** Without inputs; its outputs are named as the prepared variables of `run`. */
  readonly prepare: Graph
  /** Reads what `prepare` gives as variables of kind `prepared`, and the other variables as before. */
  readonly run: Graph
}

/** Nodes that are as cheap to read as what they would be prepared into. */
const leaves: ReadonlySet<OpName> = new Set<OpName>(['constant', 'variable', 'iota'])

/**
 * Cuts a graph in two: `prepare(weights) → prepared` and `run(inputs, prepared)`, which together give what the whole
 * gives. Prepared is what depends on neither inputs, random numbers, recurrent state, counters nor a variable that the
 * graph updates; values whose size is still unknown stay in `run`. A prepared variable is named after its node.
 */
export function splitPrepare(graph: Graph): Split {
  const prepared = preparedIds(graph)
  const boundary = boundaryOf(graph, prepared)
  if (boundary.length === 0) return { prepare: emptyGraph, run: graph }
  const names = new Map(boundary.map(id => [id, freeName(id, graph)]))
  return { prepare: prepareGraph(graph, names), run: runGraph(graph, names) }
}

function preparedIds(graph: Graph): ReadonlySet<NodeId> {
  const dependence = dependences(graph, topologicalOrder(graph))
  const prepared = new Set<NodeId>()
  for (const node of topologicalOrder(graph)) {
    const steady = dependence.get(node.id) !== 'run'
    if (steady && hasKnownSizes(node.type) && node.inputs.every(id => prepared.has(id))) prepared.add(node.id)
  }
  return prepared
}

/** The prepared values that the rest of the graph, or a result, reads. */
function boundaryOf(graph: Graph, prepared: ReadonlySet<NodeId>): NodeId[] {
  const read = new Set(resultIds(graph))
  for (const node of topologicalOrder(graph)) if (!prepared.has(node.id)) for (const id of node.inputs) read.add(id)
  return [...read].filter(id => prepared.has(id) && !leaves.has(nodeAt(graph, id).op))
}

function prepareGraph(graph: Graph, names: ReadonlyMap<NodeId, string>): Graph {
  const nodes = reach(graph, [...names.keys()], () => undefined)
  const outputs = [...names].map(([node, name]) => ({ name, node }))
  return freezeGraph({ inputs: [], variables: variablesRead(graph, nodes), nodes, results: { outputs, losses: [], updates: {} } })
}

function runGraph(graph: Graph, names: ReadonlyMap<NodeId, string>): Graph {
  const variables: Record<string, VariableInfo> = {}
  const nodes = reach(graph, [...graph.inputs, ...resultIds(graph)], node => {
    const name = names.get(node.id)
    if (name === undefined || isTuple(node.type)) return undefined
    variables[name] = { type: node.type, kind: 'prepared' }
    return makeNode({ id: node.id, op: 'variable', inputs: [], attrs: { name, ...node.type }, type: node.type, origin: node.origin })
  })
  const { results } = graph
  for (const name of Object.keys(results.updates)) variables[name] = graph.variables[name] as VariableInfo
  return freezeGraph({ inputs: graph.inputs, variables: { ...variablesRead(graph, nodes), ...variables }, nodes, results })
}

/** The nodes from `roots` down, where `replace` may put a leaf in the place of one. */
function reach(graph: Graph, roots: readonly NodeId[], replace: (node: Node) => Node | undefined): Record<NodeId, Node> {
  const nodes: Record<NodeId, Node> = {}
  const stack = [...roots]
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (Object.hasOwn(nodes, id)) continue
    const node = nodeAt(graph, id)
    const leaf = replace(node)
    nodes[id] = leaf ?? node
    if (!leaf) stack.push(...node.inputs)
  }
  return nodes
}

function variablesRead(graph: Graph, nodes: Readonly<Record<NodeId, Node>>): Record<string, VariableInfo> {
  const read: Record<string, VariableInfo> = {}
  for (const node of Object.values(nodes)) {
    const info = node.op === 'variable' ? graph.variables[node.attrs.name] : undefined
    if (node.op === 'variable' && info) read[node.attrs.name] = info
  }
  return read
}

function hasKnownSizes(type: ValueType): boolean {
  return (isTuple(type) ? type.tuple : [type]).every(part => isConcrete(part.shape))
}

/** The node's id, unless a variable of the graph is called that. */
function freeName(id: NodeId, graph: Graph): string {
  let name = id
  while (Object.hasOwn(graph.variables, name)) name += '#prepared'
  return name
}

const emptyGraph: Graph = freezeGraph({ inputs: [], variables: {}, nodes: {}, results: { outputs: [], losses: [], updates: {} } })
