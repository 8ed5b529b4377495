// fuse: gathers nodes that a backend can run as one kernel into regions.

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
  resultIds,
  tensorType,
} from '../lib/ir/graph.js'
import type { Fusible } from '../lib/ops/fusible.js'
import { writeChanges } from './difference.js'
import { findGroups, type Group } from './groups.js'
import type { Lesson, Pass } from './pass.js'

const rules = [
  {
    name: 'fuseAnchor',
    formula: 'f(x · K + b) → one region',
    why: 'the region computes the same ops; nothing outside reads what is inside',
    numerics: 'exact',
  },
  {
    name: 'fuseElementwise',
    formula: 'f(g(x), h(x)) → one region, for elementwise ops of one shape',
    why: 'the region computes the same ops; it has one result, and constants of one value go inside',
    numerics: 'exact',
  },
] as const satisfies readonly Lesson[]

/** Gathers what a backend can run as one kernel into `fused` nodes; needs `context.fusible`. */
export const fuse = {
  name: 'fuse',
  description: 'gather what one kernel can compute into regions',
  numerics: 'exact',
  idempotent: true,
  rules,
  run: (graph, { fusible }) => fuseGraph(graph, fusible),
} satisfies Pass

function fuseGraph(graph: Graph, fusible: Fusible): Edit {
  const rewrites: Rewrite[] = []
  const changed = new Map<NodeId, Node | undefined>()
  for (const node of Object.values(graph.nodes)) {
    if (node.op !== 'scan' || !node.body) continue
    const inner = fuseGraph(node.body, fusible)
    if (inner.graph === node.body) continue
    rewrites.push(...inner.rewrites)
    changed.set(node.id, makeNode({ ...node, body: inner.graph }))
  }
  const regions: Node[] = []
  for (const group of findGroups(graph, fusible)) {
    const node = contract(graph, group)
    const inside = group.members.map(member => member.id).filter(id => id !== node.id)
    for (const id of inside) changed.set(id, undefined)
    changed.set(node.id, node)
    regions.push(node)
    rewrites.push({ rule: group.rule, origin: node.origin, removed: inside, added: [node.id] })
  }
  if (rewrites.length === 0) return noEdit(graph)
  dropOrphans(graph, regions, changed)
  const { variables, results } = graph
  return editGraph(graph, draft => writeChanges(draft, graph, { variables, results, changed }), rewrites)
}

/** One node in the place of a group, with the group as its region. */
function contract(graph: Graph, { members, kind }: Group): Node {
  const root = members.at(-1) as Node
  const inside = new Set(members.map(member => member.id))
  const operands: NodeId[] = []
  const nodes: Record<NodeId, Node> = {}
  for (const id of new Set(members.flatMap(member => member.inputs))) {
    if (inside.has(id)) continue
    const outer = nodeAt(graph, id)
    if (isInlined(outer)) nodes[id] = outer
    else {
      operands.push(id)
      const type = tensorType(outer)
      nodes[id] = makeNode({ id, op: 'input', inputs: [], attrs: { name: id, ...type }, type, origin: outer.origin })
    }
  }
  for (const member of members) nodes[member.id] = member
  const results = { outputs: [{ name: root.id, node: root.id }], losses: [], updates: {} }
  const body: Graph = { inputs: operands, variables: {}, nodes, results }
  const origin = [...new Set(members.flatMap(member => member.origin))]
  return makeNode({ id: root.id, op: 'fused', inputs: operands, attrs: { kind }, type: root.type, origin, body })
}

/** A constant of one value becomes part of the kernel. */
function isInlined(node: Node): boolean {
  return node.op === 'constant' && node.attrs.data.length === 1
}

/** Removes the constants that regions have taken in and nothing else reads. */
function dropOrphans(graph: Graph, regions: readonly Node[], changed: Map<NodeId, Node | undefined>): void {
  const taken = new Set<NodeId>()
  for (const { body } of regions) for (const node of Object.values(body?.nodes ?? {})) if (isInlined(node)) taken.add(node.id)
  if (taken.size === 0) return
  const now = (id: NodeId): Node | undefined => (changed.has(id) ? changed.get(id) : graph.nodes[id])
  for (const id of Object.keys(graph.nodes)) for (const operand of now(id)?.inputs ?? []) taken.delete(operand)
  for (const id of resultIds(graph)) taken.delete(id)
  for (const id of taken) if (now(id)) changed.set(id, undefined)
}
