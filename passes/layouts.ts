// Layouts: the order of axes in which each value of a graph is best kept, so that the fewest transposes are left.

import { type Graph, type Node, type NodeId, nodeAt, resultIds, tensorType } from '../lib/ir/graph.js'
import { topologicalOrder, usersOf } from '../lib/ir/order.js'
import { isTuple, type Shape } from '../lib/ir/types.js'
import type { Mode } from '../lib/ops/evaluate.js'
import { attrsInOrder, followerKind, follows, isReduction, reductionInOrder } from './axisOrder.js'
import { dependences } from './dependence.js'
import { composePerms, identityPerm, invertPerm, isIdentityPerm, movesOnlyUnits, type Perm, permuted } from './permutations.js'
import { type Edge, type Region, regionsOf } from './regions.js'

/**
 * What a transpose costs; where counts are equal it should lie at inputs and results, and behind what computes. Each
 * reading of one costs a trifle, so that readers of a shared transpose leave it one by one.
 */
const price = { transpose: 8, behindComputed: 2, beforeRead: 1, absorbed: 1, reading: 2 ** -10 } as const
/** Rounds over all regions: the choice of one may spare another something. */
const rounds = 4

/** The order of axes of each node's value, where it is not the declared one. */
export type Layouts = ReadonlyMap<NodeId, Perm>

/** Layouts as far as a choice has got: one region's may be on trial. */
type Chosen = Pick<Layouts, 'get'>

/**
 * Nodes that compute the same in any order of axes form regions, each of which takes the order that leaves the fewest
 * transposes around it. Everything else keeps the order that it has.
 */
export function chooseLayouts(graph: Graph, mode: Mode): Layouts {
  const dependence = dependences(graph, topologicalOrder(graph))
  const changes = (id: NodeId) => dependence.get(id) === 'run'
  const order = topologicalOrder(graph)
  if (!order.some(node => node.op === 'transpose' && changes(node.id))) return new Map()
  const edges = edgesOf(graph, order, changes)
  const absorbing = mode === 'infer' ? flattensIntoKernels(graph, order, changes) : new Set<NodeId>()
  const regions = regionsOf(
    order.filter(node => changes(node.id) && isFollower(node)),
    edges,
  )
  const layouts = new Map<NodeId, Perm>()
  const needs = (edge: Edge, chosen: Chosen) => demands(edge, { graph, layouts: chosen, absorbing })
  const held = new Map<string, number>()
  const hold = (list: readonly Edge[], by: number) => {
    for (const edge of list) for (const { key } of needs(edge, layouts)) held.set(key, (held.get(key) ?? 0) + by)
  }
  hold(edges, 1)
  for (let round = 0, improved = true; improved && round < rounds; round++) {
    improved = false
    for (const region of regions) {
      hold(region.edges, -1)
      const costOf = (chosen: Chosen) => costOfRegion(region, chosen, needs, held)
      let cost = costOf(layouts)
      let best: ReadonlyMap<NodeId, Perm> | undefined
      for (const own of candidates(region)) {
        const other = costOf({ get: id => own.get(id) ?? layouts.get(id) })
        if (other < cost) [cost, best] = [other, own]
      }
      for (const [id, perm] of best ?? []) layouts.set(id, perm)
      hold(region.edges, 1)
      improved ||= best !== undefined
    }
  }
  return new Map([...layouts].filter(([, perm]) => !isIdentityPerm(perm)))
}

/** Where a value comes from, looking through transposes. */
export function turnedFrom(graph: Graph, id: NodeId): { source: NodeId; perm: Perm } {
  const perms: Perm[] = []
  let node = nodeAt(graph, id)
  for (; node.op === 'transpose'; node = nodeAt(graph, node.inputs[0] as NodeId)) perms.unshift(node.attrs.perm)
  return { source: node.id, perm: perms.reduce(composePerms, identityPerm(isTuple(node.type) ? 0 : node.type.shape.length)) }
}

/** Whether a node computes the same in any order of axes. */
export function isFollower(node: Node): boolean {
  return !isTuple(node.type) && followerKind(node) !== undefined
}

function edgesOf(graph: Graph, order: readonly Node[], changes: (id: NodeId) => boolean): Edge[] {
  const edges: Edge[] = []
  for (const node of order) {
    if (node.op === 'transpose') continue
    node.inputs.forEach((id, k) => {
      const turned = turnedFrom(graph, id)
      if (changes(turned.source)) edges.push({ ...turned, reader: node, as: takes(node, k, nodeAt(graph, turned.source)) })
    })
  }
  for (const id of resultIds(graph)) {
    const turned = turnedFrom(graph, id)
    if (changes(turned.source)) edges.push({ ...turned, as: 'fixed' })
  }
  return edges
}

function takes(node: Node, k: number, source: Node): Edge['as'] {
  if (isReduction(node)) return 'reduced'
  if (!isFollower(node) || !follows(node, k)) return 'fixed'
  return tensorType(source).shape.length === tensorType(node).shape.length ? 'peer' : 'smaller'
}

interface Choice {
  readonly graph: Graph
  readonly layouts: Chosen
  /** Flattens whose transposes go into a kernel of weights. */
  readonly absorbing: ReadonlySet<NodeId>
}

interface Demand {
  /** Stands for a value in one order: readers of one key share the transpose. */
  readonly key: string
  readonly cost: number
}

/** The transposes that an edge needs. */
function demands({ source, perm, reader, as }: Edge, { graph, layouts, absorbing }: Choice): Demand[] {
  const node = nodeAt(graph, source)
  if (isTuple(node.type)) return []
  const { shape } = node.type
  const kept = layouts.get(source) ?? identityPerm(shape.length)
  const readerLayout = reader && layouts.get(reader.id)
  if (reader && as === 'reduced' && reductionInOrder(reader, composePerms(invertPerm(perm), kept))) return []
  const wanted = as === 'peer' && readerLayout ? composePerms(perm, readerLayout) : perm
  const turn = composePerms(invertPerm(kept), wanted)
  const isComputed = node.op !== 'input' && node.op !== 'variable' && !isFollower(node)
  const isRead = reader !== undefined && !isFollower(reader)
  const cost = price.transpose + (isComputed ? price.behindComputed : 0) + (isRead ? price.beforeRead : 0)
  const found: Demand[] = []
  if (reader && absorbing.has(reader.id) && turn[0] === 0 && !isIdentityPerm(turn))
    found.push({ key: `${source} ${wanted} flat`, cost: price.absorbed })
  else if (!movesOnlyUnits(turn, permuted(shape, kept))) found.push({ key: `${source} ${wanted}`, cost })
  if (as === 'smaller' && readerLayout && !movesOnlyUnits(readerLayout, lifted(permuted(shape, perm), readerLayout.length)))
    // the reshape that lifts the value is what the transpose then lies behind
    found.push({ key: `${source} ${perm} lifted ${readerLayout}`, cost: price.transpose + price.behindComputed })
  return found
}

/** The reshapes to [batch, rest] of which a matmul by weights is the only reader, as the rule transposeIntoKernel wants them. */
function flattensIntoKernels(graph: Graph, order: readonly Node[], changes: (id: NodeId) => boolean): ReadonlySet<NodeId> {
  const users = usersOf(graph)
  const flattens = order.filter(({ id, op, type }) => {
    if (op !== 'reshape' || isTuple(type) || type.shape.length !== 2) return false
    let [reader, ...more] = users.get(id) ?? []
    for (let at = id; reader !== undefined && more.length === 0; [reader, ...more] = users.get(at) ?? []) {
      const node = nodeAt(graph, reader)
      if (node.op === 'matmul') return node.inputs[0] === at && !changes(node.inputs[1] as NodeId)
      if (node.inputs.length !== 1 || followerKind(node) !== 'elementwise') return false
      at = reader
    }
    return false
  })
  return new Set(flattens.map(({ id }) => id))
}

/** A shape with leading axes of size 1 up to a rank. */
export function lifted(shape: Shape, rank: number): Shape {
  return [...new Array<number>(rank - shape.length).fill(1), ...shape]
}

/** The price of the transposes that a region needs and nothing else does. */
function costOfRegion(
  { nodes, edges }: Region,
  layouts: Chosen,
  needs: (edge: Edge, layouts: Chosen) => readonly Demand[],
  held: ReadonlyMap<string, number>,
): number {
  for (const node of nodes) {
    const perm = layouts.get(node.id)
    if (perm && !isIdentityPerm(perm) && !attrsInOrder(node, perm)) return Number.POSITIVE_INFINITY
  }
  const costs = new Map<string, number>()
  const needed = edges.flatMap(edge => needs(edge, layouts))
  for (const { key, cost } of needed) if (!held.get(key)) costs.set(key, Math.max(cost, costs.get(key) ?? 0))
  return [...costs.values()].reduce((sum, cost) => sum + cost, needed.length * price.reading)
}

/** The orders of a region's nodes that spare a transpose on one of the edges that lead out of it. */
function* candidates({ nodes, edges, offsets }: Region): Generator<ReadonlyMap<NodeId, Perm>> {
  const seen = new Set<string>()
  for (const { source, perm, reader, as } of edges) {
    const [below, above] = [offsets.get(source), reader && offsets.get(reader.id)]
    if (below && above && as === 'peer') continue
    const first = below
      ? composePerms(invertPerm(below), perm)
      : above && as === 'peer'
        ? composePerms(invertPerm(above), invertPerm(perm))
        : undefined
    if (!first || seen.has(String(first))) continue
    seen.add(String(first))
    yield new Map(nodes.map(({ id }) => [id, composePerms(offsets.get(id) as Perm, first)]))
  }
}
