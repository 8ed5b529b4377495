// Work: what of a graph every run computes, piece by piece, and the layer each piece belongs to.

import { type PassStep, splitPrepare } from '../../passes/index.js'
import type { Graph, Node, NodeId } from '../ir/graph.js'
import { liveIds, topologicalOrder } from '../ir/order.js'
import { leafOps } from '../ir/printer.js'

/** A node that runs compute, alone or as a member of a region. */
export interface Piece {
  readonly node: Node
  /** The node of the graph itself that it is, or is in. */
  readonly kernel: Node
  /** The paths of the layers it came from. */
  readonly layers: readonly string[]
}

/** The graph after a pass that changed it; the traced graph stands first, with no pass. */
export interface Stage {
  readonly step: PassStep | undefined
  readonly pieces: readonly Piece[]
}

/** Knows layers by path, and which layer a piece of work belongs to. */
export class WorkOfLayers {
  readonly stages: readonly Stage[]
  /** What is computed from the weights alone, in the end. */
  readonly prepared: readonly Piece[]
  private readonly paths: readonly string[]
  private readonly native = new Map<string, Set<string>>()

  /** `paths` are those of all layers; `steps` what the passes did to the traced graph. */
  constructor(paths: readonly string[], traced: Graph, steps: readonly PassStep[]) {
    this.paths = [...paths].sort((a, b) => b.length - a.length) // the innermost layer is found first
    const changed = steps.filter(({ edit }) => edit.graph !== edit.before)
    this.stages = [
      { step: undefined, pieces: this.piecesOf(splitPrepare(traced).run) },
      ...changed.map(step => ({ step, pieces: this.piecesOf(splitPrepare(step.edit.graph).run) })),
    ]
    this.prepared = this.piecesOf(splitPrepare(changed.at(-1)?.edit.graph ?? traced).prepare)
    // what a layer means by itself: its nodes once the mode is known, before any other rewriting
    const meaning = this.stages.find(({ step }) => step?.pass === 'resolvePhase') ?? this.stages[0]
    for (const { node, layers } of meaning?.pieces ?? []) for (const layer of layers) this.noteNative(layer, node.op)
  }

  /** The pieces at the end of all passes. */
  get final(): readonly Piece[] {
    return this.stages.at(-1)?.pieces ?? []
  }

  /** The layers that origins name: the innermost of each, without call numbers. */
  layersOf(origin: readonly string[]): string[] {
    return [...new Set(origin.flatMap(label => this.layerAt(withoutCalls(label)) ?? []))]
  }

  /**
   * The layer that a piece is the work of. Where it came from several, it belongs to the one that had such an op from
   * the start: a matmul that a normalisation was folded into is still the dense layer's.
   */
  ownerOf({ node, layers }: Piece): string | undefined {
    if (layers.length <= 1) return layers[0]
    const native = layers.filter(layer => this.native.get(layer)?.has(node.op))
    const named = this.layerAt(withoutCalls(node.id))
    if (named !== undefined && (native.length > 0 ? native : layers).includes(named)) return named
    return native[0] ?? layers[0]
  }

  private layerAt(path: string): string | undefined {
    return this.paths.find(known => path === known || path.startsWith(`${known}/`))
  }

  private piecesOf(graph: Graph): Piece[] {
    const live = liveIds(graph)
    const pieces: Piece[] = []
    for (const kernel of topologicalOrder(graph)) {
      if (!live.has(kernel.id) || isLeaf(kernel)) continue
      const members = kernel.op === 'fused' && kernel.body ? topologicalOrder(kernel.body).filter(node => !isLeaf(node)) : [kernel]
      for (const node of members) pieces.push({ node, kernel, layers: this.layersOf(node.origin) })
    }
    return pieces
  }

  private noteNative(layer: string, op: string): void {
    const ops = this.native.get(layer) ?? new Set()
    this.native.set(layer, ops.add(op))
  }
}

/** The first piece of each kernel, by the kernel's id. */
export function leadsOf(pieces: readonly Piece[]): ReadonlyMap<NodeId, Piece> {
  const leads = new Map<NodeId, Piece>()
  for (const piece of pieces) if (!leads.has(piece.kernel.id)) leads.set(piece.kernel.id, piece)
  return leads
}

function isLeaf({ op }: Node): boolean {
  return leafOps.has(op) || op === 'get'
}

/** `base#0/dense#1` and the id `base/dense#1/matmul` speak of `base/dense`. */
function withoutCalls(label: string): string {
  return label
    .split('/')
    .map(part => part.replace(/#\d+$/, ''))
    .join('/')
}
