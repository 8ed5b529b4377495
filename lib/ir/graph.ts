// The tensor graph: a flat, immutable, JSON-able table of nodes keyed by id, and edits as values.

import { enablePatches, Immer, type Patch } from 'immer'
import type { TensorType, ValueType } from './types.js'
import type { OpAttrs, OpName } from './vocabulary.js'

enablePatches()
const immer = new Immer() // our own: a host application's setAutoFreeze() must not reach it

/** Readable and stable across passes: the layer call's path, then the op, as in "dense_1/matmul". */
export type NodeId = string

export type RegionOp = 'fused' | 'scan'

export interface NodeOf<K extends OpName> {
  readonly id: NodeId
  readonly op: K
  /** Ids, not objects: immer drafts trees, and a graph is not one. */
  readonly inputs: readonly NodeId[]
  readonly attrs: OpAttrs[K]
  readonly type: ValueType
  /** The layer calls this node came from, as in "base/dense_1#0"; merged nodes carry all of them. */
  readonly origin: readonly string[]
  /** The closed graph of a region op: everything enters as an operand. */
  readonly body?: K extends RegionOp ? Graph : undefined
}

/** One node of any op; testing `op` narrows `attrs`. */
export type Node = { [K in OpName]: NodeOf<K> }[OpName]

/** The fields of a node whose op is not known statically. */
export interface NodeFields {
  readonly id: NodeId
  readonly op: OpName
  readonly inputs: readonly NodeId[]
  readonly attrs: OpAttrs[OpName]
  readonly type: ValueType
  readonly origin: readonly string[]
  readonly body?: Graph | undefined
}

/** Makes a node, deeply frozen, from fields that belong together; `verify` checks that they do. */
export function makeNode({ id, op, inputs, attrs, type, origin, body }: NodeFields): Node {
  // one order of fields, so that the engine knows all nodes by one shape; frozen here, so that immer need not walk them
  const node = body ? { id, op, inputs, attrs, type, origin, body } : { id, op, inputs, attrs, type, origin }
  freezeDeep(node)
  return node as Node
}

function freezeDeep(value: object): void {
  if (Object.isFrozen(value) || ArrayBuffer.isView(value)) return
  Object.freeze(value)
  const parts: unknown[] = Array.isArray(value) ? value : Object.values(value)
  for (const part of parts) if (typeof part === 'object' && part !== null) freezeDeep(part)
}

/** What a variable is for, which says who may change it and when its update counts. */
export type VariableKind =
  | 'weight' // trainable
  | 'statistic' // non-trainable, such as a moving mean; updated in training only
  | 'counter' // of a random stream; updated in training only
  | 'state' // recurrent; updated in every mode
  | 'prepared' // computed from other variables by `prepare`
  | 'bound' // a constant the user bound to an input

export interface VariableInfo {
  readonly type: TensorType
  readonly kind: VariableKind
}

export interface Result {
  readonly name: string
  readonly node: NodeId
}

export interface Results {
  readonly outputs: readonly Result[]
  readonly losses: readonly Result[]
  /** Variable name → the node that gives its new value; written after every read. */
  readonly updates: Readonly<Record<string, NodeId>>
}

export interface Graph {
  readonly inputs: readonly NodeId[]
  readonly variables: Readonly<Record<string, VariableInfo>>
  readonly nodes: Readonly<Record<NodeId, Node>>
  readonly results: Results
}

/** Why a pass changed what it changed. */
export interface Rewrite {
  readonly rule: string
  readonly origin: readonly string[]
  readonly removed: readonly NodeId[]
  readonly added: readonly NodeId[]
}

/** A change as a value: where it started, where it ended, the steps both ways and the reasons. */
export interface Edit {
  readonly before: Graph
  readonly graph: Graph
  readonly patches: readonly Patch[]
  readonly undo: readonly Patch[]
  readonly rewrites: readonly Rewrite[]
}

/** The graph as a recipe may write it. Never read through it: reads of a draft are slow. */
export interface GraphDraft {
  inputs: NodeId[]
  variables: Record<string, VariableInfo>
  nodes: Record<NodeId, Node>
  results: { outputs: Result[]; losses: Result[]; updates: Record<string, NodeId> }
}

/** Runs `recipe` on a draft of `graph`. A recipe that changes nothing gives back `graph` itself. */
export function editGraph(before: Graph, recipe: (draft: GraphDraft) => void, rewrites: readonly Rewrite[] = []): Edit {
  const [graph, patches, undo] = immer.produceWithPatches(before, draft => recipe(draft as GraphDraft))
  return { before, graph, patches, undo, rewrites }
}

/** The edit of a pass that found nothing to do. */
export function noEdit(graph: Graph): Edit {
  return { before: graph, graph, patches: [], undo: [], rewrites: [] }
}

/** Applies patches, such as an edit's `patches` or `undo`, to a graph. */
export function applyPatches(graph: Graph, patches: readonly Patch[]): Graph {
  return immer.applyPatches(graph, patches as Patch[])
}

/** Freezes a graph that was built as new plain data. */
export function freezeGraph(graph: Graph): Graph {
  return immer.produce(graph, () => {})
}

/** The node of an id that must exist. */
export function nodeAt(graph: Graph, id: NodeId): Node {
  const node = graph.nodes[id]
  if (!node) throw new Error(`internal: the graph has no node "${id}"`)
  return node
}

/** The type of a node that must not be a tuple. */
export function tensorType(node: Node): TensorType {
  if ('tuple' in node.type) throw new Error(`internal: "${node.id}" (${node.op}) is a tuple; only get reads it`)
  return node.type
}

/** Every node id that a graph gives out: outputs, losses and updates. */
export function resultIds(graph: Pick<Graph, 'results'>): NodeId[] {
  const { outputs, losses, updates } = graph.results
  const updated = Object.keys(updates).sort() // key order means nothing
  return [...outputs, ...losses].map(result => result.node).concat(updated.map(name => updates[name] as NodeId))
}
