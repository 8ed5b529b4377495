// sinkTransposes: moves transposes through what computes the same in any order of axes, until few or none are left.

import {
  type Edit,
  editGraph,
  type Graph,
  makeNode,
  type Node,
  type NodeId,
  nodeAt,
  noEdit,
  type Rewrite,
  tensorType,
} from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import { isTuple, type Shape, sameShape } from '../lib/ir/types.js'
import type { OpAttrs, OpName } from '../lib/ir/vocabulary.js'
import { attrsInOrder, followerKind, follows, isReduction, reductionInOrder } from './axisOrder.js'
import { writeDifference } from './difference.js'
import { chooseLayouts, type Layouts, lifted, turnedFrom } from './layouts.js'
import type { Lesson, Pass } from './pass.js'
import { composePerms, identityPerm, invertPerm, isIdentityPerm, movesOnlyUnits, type Perm, permuted } from './permutations.js'

const rules = [
  {
    name: 'throughElementwise',
    formula: 'f(T(x), T(y), w) → T(f(x, y, T⁻¹(w)))',
    why: 'f works on each element alone; what it reads besides is turned back, which costs nothing for weights and scalars; done where fewer transposes are left, or they come to lie behind what computes',
    numerics: 'exact',
  },
  {
    name: 'throughAxis',
    formula: 'f(T(x), axis) → T(f(x, T[axis])), f a batch_norm, concat, softmax, a reduction that keeps its axes …',
    why: 'the axis is called by its place in x; sums over several axes go only where these keep their order, so that they round alike',
    numerics: 'exact',
  },
  {
    name: 'throughCells',
    formula: 'f(T(x)) → T(f(x)), f a pad, slice, reverse or broadcast',
    why: 'what f does to each axis goes with the axis',
    numerics: 'exact',
  },
  {
    name: 'intoReduction',
    formula: 'reduce(T(x), axes) → reduce(x, T[axes])',
    why: 'the axes that are left, and those of a sum, keep their order',
    numerics: 'exact',
  },
] as const satisfies readonly Lesson[]

/** Chooses the order of axes of each value, so that the fewest transposes are left; see layouts.ts. Regions stay as they are. */
export const sinkTransposes = {
  name: 'sinkTransposes',
  description: 'move transposes through what computes the same in any order of axes, until few or none are left',
  numerics: 'exact',
  idempotent: true,
  rules,
  run(graph, { mode }) {
    const hasTransposes = topologicalOrder(graph).some(node => node.op === 'transpose')
    return hasTransposes ? new Rebuilding(graph, chooseLayouts(graph, mode)).run() : noEdit(graph)
  },
} satisfies Pass

const ruleOf = { elementwise: 'throughElementwise', axis: 'throughAxis', cells: 'throughCells' } as const

class Rebuilding {
  private readonly graph: Graph
  private readonly layouts: Layouts
  private readonly nodes: Record<NodeId, Node>
  private readonly rewrites: Rewrite[] = []
  /** Transposes by what they turn and how. */
  private readonly known = new Map<string, NodeId>()

  constructor(graph: Graph, layouts: Layouts) {
    this.graph = graph
    this.layouts = layouts
    this.nodes = { ...graph.nodes }
    for (const node of topologicalOrder(graph)) {
      if (node.op !== 'transpose') continue
      const { source, perm } = turnedFrom(graph, node.id)
      const key = `${source} ${perm}`
      if (!layouts.has(source) && !this.known.has(key)) this.known.set(key, node.id)
    }
  }

  run(): Edit {
    const { graph } = this
    for (const node of topologicalOrder(graph)) if (node.op !== 'transpose') this.nodes[node.id] = this.rebuilt(node)
    if (this.rewrites.length === 0) return noEdit(graph)
    const result = (id: NodeId) => (this.isMoved(id) ? this.read(id, identityOf(graph, id)) : id)
    const { outputs, losses, updates } = graph.results
    const results = {
      outputs: outputs.map(({ name, node }) => ({ name, node: result(node) })),
      losses: losses.map(({ name, node }) => ({ name, node: result(node) })),
      updates: Object.fromEntries(Object.entries(updates).map(([name, node]) => [name, result(node)])),
    }
    const after: Graph = { ...graph, nodes: this.nodes, results }
    this.dropUnread(after)
    return editGraph(graph, draft => writeDifference(draft, graph, after), this.rewrites)
  }

  /** Whether a value, or what it is a transpose of, is kept in another order now. */
  private isMoved(id: NodeId): boolean {
    return this.layouts.has(turnedFrom(this.graph, id).source)
  }

  private rebuilt(node: Node): Node {
    const perm = this.layouts.get(node.id)
    if (perm) return this.inOrder(node, perm)
    const reduction = isReduction(node) ? this.reduction(node) : undefined
    if (reduction) return reduction
    if (!node.inputs.some(id => this.isMoved(id))) return node
    return makeNode({ ...node, inputs: node.inputs.map(id => this.read(id, identityOf(this.graph, id))) })
  }

  /** A node whose result has its axes in another order. */
  private inOrder(node: Node, perm: Perm): Node {
    const { dtype, shape } = tensorType(node)
    const kind = followerKind(node)
    const attrs = attrsInOrder(node, perm)
    if (!kind || !attrs) throw new Error(`internal: "${node.id}" (${node.op}) has one order of axes only`)
    const full = node.inputs.findIndex(id => tensorType(nodeAt(this.graph, id)).shape.length === perm.length)
    const inputs = node.inputs.map((id, k) =>
      follows(node, k) ? this.operand(id, perm, kind === 'elementwise' && k !== full) : this.read(id, identityOf(this.graph, id)),
    )
    this.rewrites.push({ rule: ruleOf[kind], origin: node.origin, removed: [node.id], added: [node.id] })
    return makeNode({ ...node, inputs, attrs, type: { dtype, shape: permuted(shape, perm) } })
  }

  /** A reduction of a turned operand that takes it in the order that it is kept in, where that gives the same. */
  private reduction(node: Node): Node | undefined {
    const { source, perm } = turnedFrom(this.graph, node.inputs[0] as NodeId)
    const found = composePerms(invertPerm(perm), this.layouts.get(source) ?? identityPerm(perm.length))
    const attrs = isIdentityPerm(found) ? undefined : reductionInOrder(node, found)
    if (!attrs) return undefined
    this.rewrites.push({ rule: 'intoReduction', origin: node.origin, removed: [node.id], added: [node.id] })
    return makeNode({ ...node, inputs: [source], attrs })
  }

  /** An operand in the order of a result; one of fewer axes is lifted first. */
  private operand(id: NodeId, perm: Perm, mayDropUnits: boolean): NodeId {
    const { shape } = tensorType(nodeAt(this.graph, id))
    if (shape.length === perm.length) return this.peer(id, perm, mayDropUnits)
    const own = this.read(id, identityPerm(shape.length))
    if (shape.every(size => size === 1)) return own
    const full = lifted(shape, perm.length)
    const target = permuted(full, perm)
    if (movesOnlyUnits(perm, full)) return this.reshape(own, mayDropUnits ? withoutLeadingUnits(target) : target)
    return this.transpose(this.reshape(own, full), perm)
  }

  /** An operand with the axes of a result; where only axes of size 1 move, one that broadcasts is reshaped and leaves out leading ones. */
  private peer(id: NodeId, perm: Perm, mayDropUnits: boolean): NodeId {
    const { source, turn } = this.turnTo(id, perm)
    const { shape } = tensorType(this.nodes[source] as Node)
    if (shape.every(size => size === 1)) return source
    if (isIdentityPerm(turn) || !mayDropUnits || !movesOnlyUnits(turn, shape)) return this.turned(source, turn)
    return this.reshape(source, withoutLeadingUnits(permuted(shape, turn)))
  }

  /** What a node of the graph that came in gives, with its axes in the order of `perm`. */
  private read(id: NodeId, perm: Perm): NodeId {
    if (!this.isMoved(id) && isIdentityPerm(perm)) return id
    const { source, turn } = this.turnTo(id, perm)
    return this.turned(source, turn)
  }

  /** How what a node gives, in the order of `perm`, comes from what it is a transpose of, as that is kept. */
  private turnTo(id: NodeId, perm: Perm): { source: NodeId; turn: Perm } {
    const turned = turnedFrom(this.graph, id)
    const wanted = composePerms(turned.perm, perm)
    const kept = this.layouts.get(turned.source)
    return { source: turned.source, turn: kept ? composePerms(invertPerm(kept), wanted) : wanted }
  }

  private turned(id: NodeId, turn: Perm): NodeId {
    return isIdentityPerm(turn) ? id : this.transpose(id, turn)
  }

  private transpose(id: NodeId, perm: Perm): NodeId {
    const key = `${id} ${perm}`
    const known = this.known.get(key)
    if (known !== undefined) return known
    const { dtype, shape } = tensorType(this.nodes[id] as Node)
    const added = this.add('transpose', id, { perm }, permuted(shape, perm), dtype)
    this.known.set(key, added)
    return added
  }

  private reshape(id: NodeId, shape: Shape): NodeId {
    const type = tensorType(this.nodes[id] as Node)
    if (sameShape(type.shape, shape)) return id
    return this.add('reshape', id, { shape }, shape, type.dtype)
  }

  private add<K extends OpName>(op: K, operand: NodeId, attrs: OpAttrs[K], shape: Shape, dtype: 'float32' | 'int32' | 'bool'): NodeId {
    let id = `${operand}/${op}`
    for (let k = 1; Object.hasOwn(this.nodes, id); k++) id = `${operand}/${op}_${k}`
    const { origin } = this.nodes[operand] as Node
    this.nodes[id] = makeNode({ id, op, inputs: [operand], attrs, type: { dtype, shape }, origin })
    return id
  }

  /** Removes the transposes that nothing reads any more. */
  private dropUnread({ results }: Graph): void {
    const counts = new Map<NodeId, number>()
    const count = (id: NodeId, by: number) => counts.set(id, (counts.get(id) ?? 0) + by)
    for (const node of Object.values(this.nodes)) for (const id of node.inputs) count(id, 1)
    const { outputs, losses, updates } = results
    for (const id of [...outputs.map(({ node }) => node), ...losses.map(({ node }) => node), ...Object.values(updates)]) count(id, 1)
    for (const node of [...topologicalOrder(this.graph)].reverse()) {
      if (node.op !== 'transpose' || (counts.get(node.id) ?? 0) > 0) continue
      delete this.nodes[node.id]
      for (const id of node.inputs) count(id, -1)
    }
  }
}

function identityOf(graph: Graph, id: NodeId): Perm {
  const { type } = nodeAt(graph, id)
  return identityPerm(isTuple(type) ? 0 : type.shape.length)
}

function withoutLeadingUnits(shape: Shape): Shape {
  const first = shape.findIndex(size => size !== 1)
  return first < 0 ? [] : shape.slice(first)
}
