// Analyses: what rules ask about a graph while it is rewritten, computed once per sweep and only if asked.

import { type Graph, type Node, type NodeId, resultIds } from '../lib/ir/graph.js'
import { type Dependence, dependenceOf, dependences } from './dependence.js'

/** A graph without its nodes. */
type Found = Pick<Graph, 'variables' | 'results'>

/** Readers and dependences as they were when a sweep began, kept up to date as nodes are made and forwarded. */
export class Analyses {
  private graph: Found
  private order: Iterable<Node>
  private kept: ReadonlySet<NodeId>
  private counts: Map<NodeId, number> | undefined
  private known: Map<NodeId, Dependence> | undefined
  private readonly emitted: Node[] = []
  private readonly forwards: [NodeId, NodeId][] = []

  constructor(graph: Found, order: Iterable<Node>, kept: ReadonlySet<NodeId>) {
    this.graph = graph
    this.order = order
    this.kept = kept
  }

  /** Begins a sweep over nodes that come operands first. */
  begin(graph: Found, order: Iterable<Node>, kept: ReadonlySet<NodeId>): void {
    this.graph = graph
    this.order = order
    this.kept = kept
    this.counts = undefined
    this.known = undefined
    this.emitted.length = 0
    this.forwards.length = 0
  }

  /** How often the nodes that stay, and the results, read a node; 0 for one made in this sweep. */
  readers(id: NodeId): number {
    if (!this.counts) {
      this.counts = countReaders(this.graph, this.order, this.kept)
      for (const [from, to] of this.forwards) passReaders(this.counts, from, to)
    }
    return this.counts.get(id) ?? 0
  }

  /** What a node's value depends on; one that was replaced depends on no more than before. */
  dependence(id: NodeId): Dependence {
    if (!this.known) {
      this.known = dependences(this.graph, this.order)
      for (const node of this.emitted) this.learn(node, this.known)
    }
    return this.known.get(id) ?? 'nothing'
  }

  noteEmitted(node: Node): void {
    if (this.known) this.learn(node, this.known)
    else this.emitted.push(node)
  }

  /** The readers of `from` read `to` instead, which `from` no longer does. */
  noteForward(from: NodeId, to: NodeId): void {
    if (this.counts) passReaders(this.counts, from, to)
    else this.forwards.push([from, to])
  }

  private learn(node: Node, known: Map<NodeId, Dependence>): void {
    known.set(
      node.id,
      dependenceOf(node, this.graph, id => known.get(id) ?? 'nothing'),
    )
  }
}

function passReaders(counts: Map<NodeId, number>, from: NodeId, to: NodeId): void {
  counts.set(to, (counts.get(to) ?? 0) + (counts.get(from) ?? 0) - 1)
}

function countReaders(graph: Found, order: Iterable<Node>, kept: ReadonlySet<NodeId>): Map<NodeId, number> {
  const counts = new Map<NodeId, number>()
  for (const node of order) {
    if (!kept.has(node.id)) continue
    for (const operand of node.inputs) counts.set(operand, (counts.get(operand) ?? 0) + 1)
  }
  for (const id of resultIds(graph)) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}
