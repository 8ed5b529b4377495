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
  tensorType,
} from '../lib/ir/graph.js'
import type { Fusible } from '../lib/ops/fusible.js'
import { writeDifference } from './difference.js'
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
  const changed = new Map<NodeId, Node>()
  const absorbed = new Set<NodeId>()
  for (const node of Object.values(graph.nodes)) {
    if (node.op !== 'scan' || !node.body) continue
    const inner = fuseGraph(node.body, fusible)
    if (inner.graph === node.body) continue
    rewrites.push(...inner.rewrites)
    changed.set(node.id, makeNode({ ...node, body: inner.graph }))
  }
  for (const group of findGroups(graph, fusible)) {
    const node = contract(graph, group)
    const inside = group.members.map(member => member.id).filter(id => id !== node.id)
    for (const id of inside) absorbed.add(id)
    changed.set(node.id, node)
    rewrites.push({ rule: group.rule, origin: node.origin, removed: inside, added: [node.id] })
  }
  if (rewrites.length === 0) return noEdit(graph)
  const nodes: Record<NodeId, Node> = {}
  for (const [id, node] of Object.entries(graph.nodes)) if (!absorbed.has(id)) nodes[id] = changed.get(id) ?? node
  dropOrphans(nodes, graph, rewrites)
  return editGraph(graph, draft => writeDifference(draft, graph, { ...graph, nodes }), rewrites)
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
function dropOrphans(nodes: Record<NodeId, Node>, graph: Graph, rewrites: readonly Rewrite[]): void {
  const read = new Set(Object.values(nodes).flatMap(node => node.inputs))
  const { outputs, losses, updates } = graph.results
  for (const id of [...outputs.map(output => output.node), ...losses.map(loss => loss.node), ...Object.values(updates)]) read.add(id)
  const regions = rewrites.flatMap(rewrite => rewrite.added).map(id => nodes[id])
  for (const region of regions) {
    for (const id of Object.keys(region?.body?.nodes ?? {})) {
      const node = nodes[id]
      if (node && isInlined(node) && !read.has(id)) delete nodes[id]
    }
  }
}
