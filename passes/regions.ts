// Regions: nodes that take any order of axes, joined where one reads another, with what leads into and out of them.

import type { Node, NodeId } from '../lib/ir/graph.js'
import { composePerms, identityPerm, invertPerm, type Perm } from './permutations.js'

/** One reading of a value through transposes; without a reader it is a result. */
export interface Edge {
  readonly source: NodeId
  readonly perm: Perm
  readonly reader?: Node
  /** How it is read: in the reader's own order, lifted to its rank first, in any order that it can reduce, or as it is. */
  readonly as: 'peer' | 'smaller' | 'reduced' | 'fixed'
}

export interface Region {
  readonly nodes: readonly Node[]
  /** The order of each node's axes that spares all transposes inside while the first node keeps its own. */
  readonly offsets: ReadonlyMap<NodeId, Perm>
  readonly edges: readonly Edge[]
}

/** The regions that peers form. */
export function regionsOf(followers: readonly Node[], edges: readonly Edge[]): readonly Region[] {
  const links = new Map<NodeId, Edge[]>(followers.map(({ id }) => [id, []]))
  for (const edge of edges) {
    const [below, above] = [links.get(edge.source), edge.reader && links.get(edge.reader.id)]
    if (edge.as !== 'peer' || !below || !above) continue
    below.push(edge)
    above.push(edge)
  }
  const regionOf = new Map<NodeId, { nodes: Node[]; offsets: Map<NodeId, Perm>; edges: Edge[] }>()
  const byId = new Map(followers.map(node => [node.id, node]))
  for (const first of followers) {
    if (regionOf.has(first.id)) continue
    const region = { nodes: [] as Node[], offsets: new Map<NodeId, Perm>(), edges: [] as Edge[] }
    visit(first, region)
  }
  for (const edge of edges) {
    const touched = new Set([regionOf.get(edge.source), edge.reader && regionOf.get(edge.reader.id)])
    touched.delete(undefined)
    for (const region of touched) region?.edges.push(edge)
  }
  return [...new Set(regionOf.values())]

  function visit(first: Node, region: { nodes: Node[]; offsets: Map<NodeId, Perm>; edges: Edge[] }): void {
    const rank = 'tuple' in first.type ? 0 : first.type.shape.length
    region.offsets.set(first.id, identityPerm(rank))
    const stack = [first]
    for (let node = stack.pop(); node; node = stack.pop()) {
      region.nodes.push(node)
      regionOf.set(node.id, region)
      const offset = region.offsets.get(node.id) as Perm
      for (const { source, perm, reader } of links.get(node.id) ?? []) {
        const isSource = source === node.id
        const other = isSource ? reader : byId.get(source)
        if (!other || region.offsets.has(other.id)) continue
        region.offsets.set(other.id, composePerms(isSource ? invertPerm(perm) : perm, offset))
        stack.push(other)
      }
    }
  }
}
