// What a pass is: a named, pure function from a graph to an edit, and the rules it is made of.

import type { Edit, Graph, Node, NodeId } from '../lib/ir/graph.js'
import type { ValueType } from '../lib/ir/types.js'
import type { OpAttrs, OpName } from '../lib/ir/vocabulary.js'
import type { Mode } from '../lib/ops/evaluate.js'
import type { Fusible } from '../lib/ops/fusible.js'
import type { Dependence } from './dependence.js'

/** What passes may know besides the graph. */
export interface PassContext {
  readonly mode: Mode
  readonly fusible: Fusible
  /** Asked before each rewrite of a node by a local rule: one that is not allowed is left out. All are by default. */
  readonly allows?: (rule: string, node: Node) => boolean
}

/**
 * `exact` results are bit-identical in float32, the sign of zero included and NaN for NaN;
 * `rounding` ones may differ in the last bits or in the sign of a zero.
 */
export type Numerics = 'exact' | 'rounding'

export interface Pass {
  readonly name: string
  /** One line: what it does. */
  readonly description: string
  /** `exact` only if every rule is. */
  readonly numerics: Numerics
  /** Whether a second run always finds nothing left to do. */
  readonly idempotent: boolean
  /** Every rule that its rewrites can name. */
  readonly rules: readonly Lesson[]
  run(graph: Graph, context: PassContext): Edit
}

/** What a rewrite does, as data. Its example is in `passes/examples`. */
export interface Lesson {
  readonly name: string
  /** The formula, as in `x + 0 → x`. */
  readonly formula: string
  /** Why it is safe, or what it needs to be. */
  readonly why: string
  readonly numerics: Numerics
}

/** A local rewrite: a lesson that can be applied to one node at a time. */
export interface Rule extends Lesson {
  /** The ops of the nodes it is tried on. */
  readonly ops: readonly OpName[]
  /** Gives the id that replaces the node, made with `view.emit` or already there; undefined to leave it. */
  rewrite(node: Node, view: View): NodeId | undefined
}

/** The graph as rewritten so far, and the means to add to it. */
export interface View {
  readonly context: PassContext
  at(id: NodeId): Node
  /** How many live nodes and results read a node; counted when the sweep began, 0 for a node made since. */
  readers(id: NodeId): number
  /** What a node's value depends on. */
  dependence(id: NodeId): Dependence
  /** Adds a node. `type` states unknown sizes by their present names where inference would invent new ones. */
  emit<K extends OpName>(op: K, inputs: readonly NodeId[], attrs: OpAttrs[K], type?: ValueType): NodeId
}
