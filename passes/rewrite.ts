// rewriteGraph: the one traversal that local rules are applied by.

import {
  type Edit,
  editGraph,
  type Graph,
  type GraphDraft,
  makeNode,
  type Node,
  type NodeId,
  nodeAt,
  noEdit,
  type Rewrite,
  resultIds,
} from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import { isTuple, sameType, showType, type ValueType } from '../lib/ir/types.js'
import type { OpAttrs, OpName } from '../lib/ir/vocabulary.js'
import { inferType } from '../lib/ops/infer.js'
import { type Dependence, dependenceOf } from './dependence.js'
import { keptIds, withOperands } from './liveness.js'
import type { PassContext, Rule, View } from './pass.js'

/** More sweeps than any sane rule set needs: two rules that undo each other are a bug, not a hang. */
const maxSweeps = 64

/**
 * Applies rules to every node, operands first, until none fires. A replaced node's id passes to its replacement where
 * that is new, so ids stay stable; nodes that die of the rewriting are removed; regions are rewritten from inside.
 */
export function rewriteGraph(graph: Graph, rules: readonly Rule[], context: PassContext): Edit {
  const rewriting = new Rewriting(graph, rules, context)
  for (let sweep = 0; rewriting.sweep(); sweep++) {
    if (sweep === maxSweeps) throw new Error(`internal: rules do not come to rest: ${rewriting.lastRules()}`)
  }
  return rewriting.finish()
}

class Rewriting {
  private readonly graph: Graph
  private readonly rules: ReadonlyMap<OpName, readonly Rule[]>
  private readonly context: PassContext
  private readonly all: readonly Rule[]
  private readonly table = new Map<NodeId, Node>()
  private readonly forward = new Map<NodeId, NodeId>()
  private readonly rewrites: Rewrite[] = []
  private current: Graph
  private kept: ReadonlySet<NodeId>
  private readerCounts = new Map<NodeId, number>()
  private readonly dependences = new Map<NodeId, Dependence>()
  private pending: Node[] = []
  private subject: Node | undefined

  constructor(graph: Graph, rules: readonly Rule[], context: PassContext) {
    this.graph = graph
    this.current = graph
    this.kept = keptIds(graph)
    this.all = rules
    this.context = context
    const byOp = new Map<OpName, Rule[]>()
    for (const rule of rules) for (const op of rule.ops) byOp.set(op, [...(byOp.get(op) ?? []), rule])
    this.rules = byOp
  }

  /** One walk over the graph; true if anything changed. */
  sweep(): boolean {
    const order = topologicalOrder(this.current)
    const fired = this.rewrites.length
    this.readerCounts = countReaders(this.current, this.kept)
    this.table.clear()
    this.forward.clear()
    this.dependences.clear()
    for (const node of order) {
      const kept = this.kept.has(node.id)
      let subject: Node | undefined = this.withForwarded(kept ? this.withRewrittenBody(node) : node)
      this.settle(subject)
      while (kept && subject) subject = this.apply(subject)
    }
    if (this.rewrites.length === fired) return false
    this.current = this.collect()
    return true
  }

  lastRules(): string {
    return [...new Set(this.rewrites.slice(-8).map(rewrite => rewrite.rule))].join(', ')
  }

  finish(): Edit {
    const { graph, current } = this
    if (this.rewrites.length === 0) return noEdit(graph)
    return editGraph(graph, draft => writeDifference(draft, graph, current), this.rewrites)
  }

  /** Tries each rule on a node; gives the replacement to be tried in turn, if it is new. */
  private apply(node: Node): Node | undefined {
    for (const rule of this.rules.get(node.op) ?? []) {
      this.pending = []
      this.subject = node
      const result = rule.rewrite(node, this.view)
      if (result === undefined || result === node.id) continue
      return this.replace(node, result, rule)
    }
    return undefined
  }

  private replace(node: Node, result: NodeId, rule: Rule): Node | undefined {
    const emitted = this.pending
    const root = emitted.find(candidate => candidate.id === result)
    const found = root ?? this.table.get(result)
    if (!found) throw new Error(`internal: rule ${rule.name} replaced "${node.id}" by "${result}", which does not exist`)
    if (!compatible(found.type, node.type)) {
      throw new Error(`internal: rule ${rule.name} replaced "${node.id}" of ${showType(node.type)} by ${showType(found.type)}`)
    }
    this.rewrites.push({
      rule: rule.name,
      origin: node.origin,
      removed: [node.id],
      added: emitted.map(({ id }) => (id === result ? node.id : id)),
    })
    for (const helper of emitted) if (helper !== root) this.settle(helper)
    if (!root) {
      if (!sameType(found.type, node.type))
        throw new Error(`internal: rule ${rule.name} forwards "${node.id}" to a node of other unknown sizes`)
      this.forward.set(node.id, result)
      this.readerCounts.set(result, this.readers(result) + this.readers(node.id) - 1)
      return undefined
    }
    const renamed = makeNode({ ...root, id: node.id, type: node.type })
    this.settle(renamed)
    return renamed
  }

  private settle(node: Node): void {
    this.table.set(node.id, node)
    this.learnDependence(node)
  }

  private learnDependence(node: Node): void {
    const of = (id: NodeId) => this.dependences.get(id) ?? 'nothing'
    this.dependences.set(node.id, dependenceOf(node, this.current, of))
  }

  private readers(id: NodeId): number {
    return this.readerCounts.get(id) ?? 0
  }

  private readonly view: View = (() => {
    const self = this
    return {
      get context() {
        return self.context
      },
      at: id => self.read(id),
      readers: id => self.readers(id),
      dependence: id => self.dependences.get(self.read(id).id) ?? 'nothing',
      emit: (op, inputs, attrs, type) => self.emit(op, inputs, attrs, type),
    }
  })()

  private read(id: NodeId): Node {
    const node = this.pending.find(candidate => candidate.id === id) ?? this.table.get(this.resolve(id))
    if (!node) throw new Error(`internal: a rule reads "${id}", which comes later or does not exist`)
    return node
  }

  private emit(op: OpName, inputs: readonly NodeId[], attrs: OpAttrs[OpName], type?: ValueType): NodeId {
    const subject = this.subject as Node
    const id = this.freshId(`${subject.id}/${op}`)
    const operands = inputs.map(input => this.read(input))
    const inferred = inferType(
      { id, op, attrs },
      operands.map(operand => operand.type),
    )
    // What a node is made of is what it came from: its own origin and that of the operands it swallowed.
    const origin = [...new Set([...subject.origin, ...this.swallowed(subject, operands)])]
    const node = makeNode({ id, op, inputs: operands.map(operand => operand.id), attrs, type: type ?? inferred, origin })
    this.pending.push(node)
    this.learnDependence(node)
    return id
  }

  /** The origins of the subject's operands that the new node no longer reads: those it stands for from now on. */
  private swallowed(subject: Node, operands: readonly Node[]): string[] {
    const kept = new Set(operands.map(operand => operand.id))
    return subject.inputs
      .map(id => this.resolve(id))
      .filter(id => !kept.has(id))
      .flatMap(id => this.table.get(id)?.origin ?? [])
  }

  private freshId(stem: string): NodeId {
    const taken = (id: string) =>
      this.table.has(id) ||
      Object.hasOwn(this.current.nodes, id) ||
      Object.hasOwn(this.graph.nodes, id) ||
      this.pending.some(node => node.id === id)
    let id = stem
    for (let k = 1; taken(id); k++) id = `${stem}_${k}`
    return id
  }

  private resolve(id: NodeId): NodeId {
    let at = id
    for (let next = this.forward.get(at); next !== undefined; next = this.forward.get(at)) at = next
    return at
  }

  private withForwarded(node: Node): Node {
    const inputs = node.inputs.map(id => this.resolve(id))
    return inputs.some((id, k) => id !== node.inputs[k]) ? makeNode({ ...node, inputs }) : node
  }

  private withRewrittenBody(node: Node): Node {
    if (!node.body) return node
    const { graph, rewrites } = rewriteGraph(node.body, this.all, this.context)
    if (graph === node.body) return node
    this.rewrites.push(...rewrites)
    return makeNode({ ...node, body: graph })
  }

  /** The graph after a sweep, without what died of it; what was dead before is left to `dce`. */
  private collect(): Graph {
    const before = this.current
    const nodes: Record<NodeId, Node> = Object.fromEntries(this.table)
    const { outputs, losses, updates } = before.results
    const results = {
      outputs: outputs.map(({ name, node }) => ({ name, node: this.resolve(node) })),
      losses: losses.map(({ name, node }) => ({ name, node: this.resolve(node) })),
      updates: Object.fromEntries(Object.entries(updates).map(([name, node]) => [name, this.resolve(node)])),
    }
    const after: Graph = { inputs: before.inputs, variables: before.variables, nodes, results }
    const dead = Object.keys(before.nodes).filter(id => !this.kept.has(id))
    this.kept = keptIds(after)
    const stays = withOperands(after, this.kept, dead)
    for (const id of Object.keys(nodes)) if (!stays.has(id)) delete nodes[id]
    return after
  }
}

/** How often the nodes that stay, and the results, read each node. */
export function countReaders(graph: Graph, kept: ReadonlySet<NodeId>): Map<NodeId, number> {
  const counts = new Map<NodeId, number>()
  const count = (id: NodeId) => counts.set(id, (counts.get(id) ?? 0) + 1)
  for (const id of kept) for (const operand of nodeAt(graph, id).inputs) count(operand)
  for (const id of resultIds(graph)) count(id)
  return counts
}

/** Equal where both know a size; a name may stand for what the other side has not worked out. */
function compatible(a: ValueType, b: ValueType): boolean {
  if (isTuple(a) || isTuple(b)) return sameType(a, b)
  const fits = a.shape.every((size, axis) => size === b.shape[axis] || typeof size === 'string' || typeof b.shape[axis] === 'string')
  return a.dtype === b.dtype && a.shape.length === b.shape.length && fits
}

/** Writes `after` into a draft of `before`, touching only what differs. */
export function writeDifference(draft: GraphDraft, before: Graph, after: Graph): void {
  for (const id of Object.keys(before.nodes)) if (!Object.hasOwn(after.nodes, id)) delete draft.nodes[id]
  for (const [id, node] of Object.entries(after.nodes)) if (before.nodes[id] !== node) draft.nodes[id] = node
  for (const name of Object.keys(before.variables)) if (!Object.hasOwn(after.variables, name)) delete draft.variables[name]
  for (const kind of ['outputs', 'losses'] as const) {
    const [old, now] = [before.results[kind], after.results[kind]]
    if (old.length !== now.length) draft.results[kind] = [...now]
    else
      now.forEach((result, k) => {
        if (result.node !== old[k]?.node) draft.results[kind][k] = result
      })
  }
  for (const name of Object.keys(before.results.updates))
    if (!Object.hasOwn(after.results.updates, name)) delete draft.results.updates[name]
  for (const [name, id] of Object.entries(after.results.updates)) if (before.results.updates[name] !== id) draft.results.updates[name] = id
}
