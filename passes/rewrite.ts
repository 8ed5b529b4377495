// rewriteGraph: the one traversal that local rules are applied by.

import { type Edit, editGraph, type Graph, makeNode, type Node, type NodeId, noEdit, type Rewrite } from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import { isTuple, sameType, showType, type ValueType } from '../lib/ir/types.js'
import type { OpAttrs, OpName } from '../lib/ir/vocabulary.js'
import { inferType } from '../lib/ops/infer.js'
import { Analyses } from './analyses.js'
import { writeChanges } from './difference.js'
import { keptAmong, keptIds, knowKept, withOperands } from './liveness.js'
import type { PassContext, Rule, View } from './pass.js'
import { redirectedResults } from './redirect.js'

/** More rewrites per node than any sane rule set needs: two rules that undo each other are a bug, not a hang. */
const maxRewrites = 64

/**
 * Applies rules to every node, operands first, until none fires. A replaced node's id passes to its replacement where
 * that is new, so ids stay stable; nodes that die of the rewriting are removed; regions are rewritten from inside.
 */
export function rewriteGraph(graph: Graph, rules: readonly Rule[], context: PassContext): Edit {
  const ops = new Set(rules.flatMap(rule => rule.ops))
  if (!topologicalOrder(graph).some(node => ops.has(node.op) || node.body)) return noEdit(graph)
  const rewriting = new Rewriting(graph, rules, context)
  while (rewriting.sweep()) {
    // until a sweep changes nothing
  }
  return rewriting.finish()
}

class Rewriting {
  private readonly graph: Graph
  private readonly rules: ReadonlyMap<OpName, readonly Rule[]>
  private readonly context: PassContext
  private readonly all: readonly Rule[]
  private readonly rewrites: Rewrite[] = []
  private readonly limit: number
  /** What the sweep found: the graph but for its nodes, and those, operands first. */
  private found: Omit<Graph, 'nodes'>
  private nodes: readonly Node[]
  private kept: ReadonlySet<NodeId>
  /** The nodes that this sweep leaves, operands first. */
  private order: Node[] = []
  /** The nodes that are no longer those of the graph that came in; undefined where one died. */
  private readonly changed = new Map<NodeId, Node | undefined>()
  private readonly forward = new Map<NodeId, NodeId>()
  private dead: NodeId[] = []
  /** Whether a helper was replaced, so that it comes after those that read it. */
  private disordered = false
  /** The place of the node that the sweep has come to, and those of all that it found, once a rule has asked. */
  private place = 0
  private places: Map<NodeId, number> | undefined
  private pending: Node[] = []
  private subject: Node | undefined
  private readonly analyses: Analyses

  constructor(graph: Graph, rules: readonly Rule[], context: PassContext) {
    this.graph = graph
    this.found = graph
    this.nodes = topologicalOrder(graph)
    this.kept = keptIds(graph)
    this.limit = maxRewrites * (1 + this.nodes.length)
    this.all = rules
    this.context = context
    this.analyses = new Analyses(graph, this.nodes, this.kept)
    const byOp = new Map<OpName, Rule[]>()
    for (const rule of rules) for (const op of rule.ops) byOp.set(op, [...(byOp.get(op) ?? []), rule])
    this.rules = byOp
  }

  /** One walk over the graph; true if anything changed. */
  sweep(): boolean {
    const fired = this.rewrites.length
    this.order = []
    this.forward.clear()
    this.dead = []
    this.analyses.begin(this.found, this.nodes, this.kept)
    this.disordered = false
    this.places = undefined
    const allKept = this.kept.size === this.nodes.length
    for (this.place = 0; this.place < this.nodes.length; this.place++) {
      const node = this.nodes[this.place] as Node
      const kept = allKept || this.kept.has(node.id)
      const subject = this.withForwarded(kept ? this.withRewrittenBody(node) : node)
      this.order.push(subject)
      if (subject !== node) this.changed.set(node.id, subject)
      if (kept) this.applyAll(subject)
      else this.dead.push(node.id)
    }
    if (this.rewrites.length === fired) return false
    this.collect()
    return true
  }

  finish(): Edit {
    const { graph, changed } = this
    if (this.rewrites.length === 0) return noEdit(graph)
    const { variables, results } = this.found
    const edit = editGraph(graph, draft => writeChanges(draft, graph, { variables, results, changed }), this.rewrites)
    knowKept(edit.graph, this.kept)
    return edit
  }

  /** Rewrites a node until no rule fires on what replaces it. */
  private applyAll(node: Node): void {
    for (let subject: Node | undefined = node; subject; ) subject = this.apply(subject)
  }

  /** Tries each rule on a node; gives the replacement to be tried in turn, if it is new. */
  private apply(node: Node): Node | undefined {
    for (const rule of this.rules.get(node.op) ?? []) {
      if (this.pending.length > 0) this.pending = []
      this.subject = node
      const result = rule.rewrite(node, this.view)
      if (result === undefined || result === node.id) continue
      if (this.context.allows?.(rule.name, node) === false) continue
      return this.replace(node, result, rule)
    }
    return undefined
  }

  private replace(node: Node, result: NodeId, rule: Rule): Node | undefined {
    const emitted = this.pending
    const root = emitted.find(candidate => candidate.id === result)
    const found = root ?? this.nodeOf(result)
    if (!found || (!root && this.isLater(result))) return unread(result, `rule ${rule.name}`)
    if (!compatible(found.type, node.type)) {
      throw new Error(`internal: rule ${rule.name} replaced "${node.id}" of ${showType(node.type)} by ${showType(found.type)}`)
    }
    this.rewrites.push({
      rule: rule.name,
      origin: node.origin,
      removed: [node.id],
      added: emitted.map(({ id }) => (id === result ? node.id : id)),
    })
    if (this.rewrites.length > this.limit) {
      const last = [...new Set(this.rewrites.slice(-8).map(rewrite => rewrite.rule))]
      throw new Error(`internal: rules do not come to rest: ${last.join(', ')}`)
    }
    this.pending = []
    this.changed.set(node.id, node)
    for (const helper of emitted) {
      if (helper === root) continue
      this.order.push(helper)
      this.changed.set(helper.id, helper)
    }
    const fired = this.rewrites.length
    for (const helper of emitted) if (helper !== root) this.applyAll(helper)
    if (this.rewrites.length > fired) this.disordered = true
    if (!root) {
      if (!sameType(found.type, node.type))
        throw new Error(`internal: rule ${rule.name} forwards "${node.id}" to a node of other unknown sizes`)
      this.forward.set(node.id, result)
      this.analyses.noteForward(node.id, result)
      return undefined
    }
    const renamed = this.withForwarded(makeNode({ ...root, id: node.id, type: node.type }))
    const place = this.order.findLastIndex(({ id }) => id === node.id)
    this.order.splice(place, 1) // so that it comes after its helpers
    this.order.push(renamed)
    this.changed.set(node.id, renamed)
    return renamed
  }

  private readonly view: View = (() => {
    const self = this
    return {
      get context() {
        return self.context
      },
      at: id => self.read(id),
      readers: id => self.analyses.readers(self.resolve(id)),
      dependence: id => self.analyses.dependence(self.resolve(id)),
      emit: (op, inputs, attrs, type) => self.emit(op, inputs, attrs, type),
    }
  })()

  private nodeOf(id: NodeId): Node | undefined {
    return this.changed.has(id) ? this.changed.get(id) : this.graph.nodes[id]
  }

  private read(id: NodeId): Node {
    return this.nodeOf(this.resolve(id)) ?? this.pending.find(candidate => candidate.id === id) ?? unread(id)
  }

  /** Whether the sweep has not come to a node yet: what is made now must not read it. */
  private isLater(id: NodeId): boolean {
    this.places ??= new Map(this.nodes.map((node, k) => [node.id, k]))
    return (this.places.get(id) ?? -1) > this.place
  }

  private emit(op: OpName, inputs: readonly NodeId[], attrs: OpAttrs[OpName], type?: ValueType): NodeId {
    const subject = this.subject as Node
    const id = this.freshId(`${subject.id}/${op}`)
    const operands = inputs.map(input => (this.isLater(input) ? unread(input) : this.read(input)))
    const inferred = inferType(
      { id, op, attrs },
      operands.map(operand => operand.type),
    )
    // What a node is made of is what it came from: its own origin and that of the operands it swallowed.
    const origin = [...new Set([...subject.origin, ...this.swallowed(subject, operands)])]
    const node = makeNode({ id, op, inputs: operands.map(operand => operand.id), attrs, type: type ?? inferred, origin })
    this.pending.push(node)
    this.analyses.noteEmitted(node)
    return id
  }

  /** The origins of the subject's operands that the new node no longer reads: those it stands for from now on. */
  private swallowed(subject: Node, operands: readonly Node[]): string[] {
    const origins: string[] = []
    for (const input of subject.inputs) {
      const id = this.resolve(input)
      if (!operands.some(operand => operand.id === id)) origins.push(...(this.nodeOf(id)?.origin ?? []))
    }
    return origins
  }

  private freshId(stem: string): NodeId {
    const taken = (id: string) =>
      this.changed.get(id) !== undefined || Object.hasOwn(this.graph.nodes, id) || this.pending.some(node => node.id === id)
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
    if (this.forward.size === 0) return node
    for (const id of node.inputs)
      if (this.forward.has(id)) return makeNode({ ...node, inputs: node.inputs.map(input => this.resolve(input)) })
    return node
  }

  private withRewrittenBody(node: Node): Node {
    if (!node.body) return node
    const { graph, rewrites } = rewriteGraph(node.body, this.all, this.context)
    if (graph === node.body) return node
    this.rewrites.push(...rewrites)
    return makeNode({ ...node, body: graph })
  }

  /** Takes what a sweep made for what the next one finds, without what died of it; what was dead before is left to `dce`. */
  private collect(): void {
    const { inputs, variables, results } = this.found
    this.found = { inputs, variables, results: redirectedResults(results, id => this.resolve(id)) }
    const order = this.disordered ? topologicalOrder({ ...this.found, nodes: byId(this.order) }) : this.order
    this.kept = keptAmong(order, this.found)
    const stays = withOperands(id => this.nodeOf(id), this.kept, this.dead)
    this.nodes = order.filter(({ id }) => {
      if (stays.has(id)) return true
      this.changed.set(id, undefined)
      return false
    })
  }
}

function unread(id: NodeId, rule = 'a rule'): never {
  throw new Error(`internal: ${rule} reads "${id}", which comes later or does not exist`)
}

function byId(nodes: readonly Node[]): Record<NodeId, Node> {
  return Object.fromEntries(nodes.map(node => [node.id, node]))
}

/** Equal where both know a size; a name may stand for what the other side has not worked out. */
function compatible(a: ValueType, b: ValueType): boolean {
  if (isTuple(a) || isTuple(b)) return sameType(a, b)
  const fits = a.shape.every((size, axis) => size === b.shape[axis] || typeof size === 'string' || typeof b.shape[axis] === 'string')
  return a.dtype === b.dtype && a.shape.length === b.shape.length && fits
}
