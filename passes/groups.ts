// Groups: which nodes of a graph become one kernel, by what a backend says it can join.

import { type Graph, type Node, type NodeId, nodeAt, resultIds, tensorType } from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import { isTuple, sameShape } from '../lib/ir/types.js'
import type { OpName } from '../lib/ir/vocabulary.js'
import type { Epilogue, Fusible } from '../lib/ops/fusible.js'
import { type Dependence, dependences } from './dependence.js'

/** Nodes that become one, operands first; only the last one's value is read outside. */
export interface Group {
  readonly rule: 'fuseAnchor' | 'fuseElementwise'
  readonly kind: string
  readonly members: readonly Node[]
}

/**
 * The groups of a graph. Each has one result and its inner values are read inside only, so a path that leaves it never
 * returns: the graph stays acyclic however many groups are contracted.
 */
export function findGroups(graph: Graph, fusible: Fusible): Group[] {
  const search = new Search(graph)
  const anchored = search.anchorGroups(fusible)
  return [...anchored, ...search.elementwiseGroups(new Set(fusible.elementwise))]
}

class Search {
  private readonly order: readonly Node[]
  private readonly graph: Graph
  private readonly readers = new Map<NodeId, NodeId[]>()
  private readonly results: ReadonlySet<NodeId>
  private readonly dependences: ReadonlyMap<NodeId, Dependence>
  private readonly taken = new Set<NodeId>()

  constructor(graph: Graph) {
    this.graph = graph
    this.order = topologicalOrder(graph)
    this.results = new Set(resultIds(graph))
    this.dependences = dependences(graph, this.order)
    for (const node of this.order) for (const id of new Set(node.inputs)) this.note(id, node.id)
  }

  /** An anchor, then the bias, then as many of the ops that may follow as the backend takes. */
  anchorGroups(fusible: Fusible): Group[] {
    const groups: Group[] = []
    for (const anchor of this.order) {
      const epilogue = fusible.anchors[anchor.op]
      if (!epilogue || isTuple(anchor.type) || this.taken.has(anchor.id)) continue
      const members = [anchor]
      const names: string[] = [anchor.op]
      const bias = epilogue.bias ? this.follower(anchor, anchor, ['add']) : undefined
      if (bias && this.isBias(bias, anchor)) {
        members.push(bias)
        names.push('bias')
      }
      this.addEpilogue(members, names, epilogue)
      if (members.length > 1) groups.push(this.take({ rule: 'fuseAnchor', kind: names.join('+'), members }))
    }
    return groups
  }

  private addEpilogue(members: Node[], names: string[], { ops, limit }: Epilogue): void {
    const [anchor] = members
    for (let count = 0; count < limit; count++) {
      const last = members.at(-1)
      const next = anchor && last ? this.follower(last, anchor, ops) : undefined
      if (!next) return
      members.push(next)
      names.push(next.op)
    }
  }

  /**
   * Maximal groups of elementwise nodes of one shape. Going from the results upwards, a node joins the group that all
   * its readers are in, or begins its own; values that change with the weights stay apart from those of the run.
   */
  elementwiseGroups(ops: ReadonlySet<OpName>): Group[] {
    const groupOf = new Map<NodeId, Node[]>()
    const groups: Node[][] = []
    for (const node of [...this.order].reverse()) {
      if (!ops.has(node.op) || isTuple(node.type) || this.taken.has(node.id)) continue
      const joined = this.commonGroup(node, groupOf)
      const group = joined ?? []
      if (!joined) groups.push(group)
      group.push(node)
      groupOf.set(node.id, group)
    }
    return groups
      .filter(group => group.length > 1)
      .map(group => {
        const members = group.reverse()
        return this.take({ rule: 'fuseElementwise', kind: elementwiseKind(members), members })
      })
  }

  private commonGroup(node: Node, groupOf: ReadonlyMap<NodeId, Node[]>): Node[] | undefined {
    const readers = this.readers.get(node.id) ?? []
    const group = groupOf.get(readers[0] ?? '')
    const root = group?.[0]
    if (!group || !root || this.results.has(node.id) || readers.some(id => groupOf.get(id) !== group)) return undefined
    const fits = sameShape(tensorType(node).shape, tensorType(root).shape) && this.isAlike(node, root)
    return fits ? group : undefined
  }

  /** The only reader of a node, if it is one of `ops` and has the anchor's shape. */
  private follower(last: Node, anchor: Node, ops: readonly OpName[]): Node | undefined {
    const readers = this.readers.get(last.id) ?? []
    const [id] = readers
    if (readers.length !== 1 || id === undefined || this.results.has(last.id) || this.taken.has(id)) return undefined
    const next = nodeAt(this.graph, id)
    if (!ops.includes(next.op) || isTuple(next.type) || !this.isAlike(next, anchor)) return undefined
    return sameShape(next.type.shape, tensorType(anchor).shape) ? next : undefined
  }

  private isBias(add: Node, anchor: Node): boolean {
    const other = add.inputs.find(id => id !== anchor.id)
    if (other === undefined) return false
    const { shape } = tensorType(nodeAt(this.graph, other))
    return shape.length === 1 && shape[0] === tensorType(anchor).shape.at(-1)
  }

  /** Whether both change with the run, or neither: what only weights change is to be prepared once. */
  private isAlike(a: Node, b: Node): boolean {
    return (this.dependences.get(a.id) === 'run') === (this.dependences.get(b.id) === 'run')
  }

  private take(group: Group): Group {
    for (const { id } of group.members) this.taken.add(id)
    return group
  }

  private note(id: NodeId, reader: NodeId): void {
    const list = this.readers.get(id)
    if (list) list.push(reader)
    else this.readers.set(id, [reader])
  }
}

/** The ops in order, the middle of long chains left out. */
function elementwiseKind(members: readonly Node[]): string {
  const names = members.map(member => member.op)
  return names.length <= 8 ? names.join('+') : [...names.slice(0, 4), `${names.length - 7} more`, ...names.slice(-3)].join('+')
}
