// Liveness for passes: what results reach, and what gives a name to sizes that live attributes speak of.

import { type Graph, type Node, type NodeId, nodeAt } from '../lib/ir/graph.js'
import { liveAmong, liveIds, topologicalOrder } from '../lib/ir/order.js'
import { isTuple, type ValueType } from '../lib/ir/types.js'

const found = new WeakMap<Graph, ReadonlySet<NodeId>>()

/**
 * The ids that must stay; cached, since graphs never change. Beside what results reach, these are the nodes from which `specialise` learns a derived
 * size that an attribute of a live node names: in `broadcast(0) {shape: [batch, "flatten/reshape:1"]}` no operand
 * leads to the flatten.
 */
export function keptIds(graph: Graph): ReadonlySet<NodeId> {
  const known = found.get(graph)
  if (known) return known
  const kept = findKept(graph)
  found.set(graph, kept)
  return kept
}

/** Tells what `keptIds` would find out: for a graph made equal to one that is known. */
export function knowKept(graph: Graph, kept: ReadonlySet<NodeId>): void {
  found.set(graph, kept)
}

/** What `keptIds` finds, of nodes that are not a graph's yet; they come operands first. */
export function keptAmong(order: readonly Node[], graph: Omit<Graph, 'nodes'>): ReadonlySet<NodeId> {
  const live = liveAmong(order, graph)
  if (unlearntSizes(live, graph, order).size === 0) return live
  return keptIds({ ...graph, nodes: Object.fromEntries(order.map(node => [node.id, node])) })
}

function findKept(graph: Graph): ReadonlySet<NodeId> {
  const live = liveIds(graph)
  const wanted = unlearntSizes(live, graph, topologicalOrder(graph))
  if (wanted.size === 0) return live
  const kept = new Set(live)
  const definers = definersOf(graph)
  const settled = new Set<string>()
  for (let open = [...wanted]; open.length > 0; ) {
    const next = new Set<string>()
    for (const symbol of open) {
      settled.add(symbol)
      const candidates = definers.get(symbol) ?? []
      const definer = candidates.find(id => kept.has(id)) ?? candidates[0]
      if (definer !== undefined) keepWithOperands(graph, definer, kept, next)
    }
    open = [...next].filter(symbol => !settled.has(symbol))
  }
  return kept
}

/** `kept`, and the given nodes with all that they read. */
export function withOperands(
  find: (id: NodeId) => Node | undefined,
  kept: ReadonlySet<NodeId>,
  ids: readonly NodeId[],
): ReadonlySet<NodeId> {
  if (ids.length === 0) return kept
  const more = new Set([...kept, ...ids])
  const stack = ids.filter(id => !kept.has(id))
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    for (const operand of find(id)?.inputs ?? []) {
      if (more.has(operand)) continue
      more.add(operand)
      stack.push(operand)
    }
  }
  return more
}

function keepWithOperands(graph: Graph, root: NodeId, kept: Set<NodeId>, wanted: Set<string>): void {
  const stack = [root]
  while (stack.length > 0) {
    const id = stack.pop() as NodeId
    if (kept.has(id)) continue
    kept.add(id)
    namedInAttributes(nodeAt(graph, id), wanted)
    stack.push(...nodeAt(graph, id).inputs)
  }
}

/** Adds the symbols that a node's attributes, or those inside its region, name. */
function namedInAttributes(node: Node, into: Set<string>): void {
  if (node.op === 'input' || node.op === 'variable') return
  if ('shape' in node.attrs) for (const size of node.attrs.shape) if (typeof size === 'string') into.add(size)
  if (node.body) for (const inner of topologicalOrder(node.body)) namedInAttributes(inner, into)
}

/** The sizes that attributes of live nodes name and that no binding of the inputs gives. */
function unlearntSizes(live: ReadonlySet<NodeId>, graph: Omit<Graph, 'nodes'>, order: readonly Node[]): Set<string> {
  const wanted = new Set<string>()
  for (const node of order) if (live.has(node.id)) namedInAttributes(node, wanted)
  if (wanted.size === 0) return wanted
  const forget = (type: ValueType): void => {
    for (const symbol of symbolsOf(type)) wanted.delete(symbol)
  }
  for (const node of order) if (node.op === 'input') forget(node.type)
  for (const { type } of Object.values(graph.variables)) forget(type)
  return wanted
}

/** For each symbol the nodes whose inference finds it out, in topological order: neither attributes nor operands name it. */
function definersOf(graph: Graph): ReadonlyMap<string, readonly NodeId[]> {
  const definers = new Map<string, NodeId[]>()
  for (const node of topologicalOrder(graph)) {
    const own = symbolsOf(node.type)
    if (own.length === 0) continue
    const known = new Set<string>()
    namedInAttributes(node, known)
    for (const id of node.inputs) for (const symbol of symbolsOf(nodeAt(graph, id).type)) known.add(symbol)
    for (const symbol of own) {
      if (known.has(symbol)) continue
      const list = definers.get(symbol)
      if (list) list.push(node.id)
      else definers.set(symbol, [node.id])
    }
  }
  return definers
}

function symbolsOf(type: ValueType): string[] {
  const shapes = isTuple(type) ? type.tuple.map(part => part.shape) : [type.shape]
  return shapes.flat().filter(size => typeof size === 'string')
}
