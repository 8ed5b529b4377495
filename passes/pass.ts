// What a pass is: a named, pure function from a graph to an edit, and the rules it is made of.

import type { Edit, Graph, Node, NodeId } from '../lib/ir/graph.js'
import type { ValueType } from '../lib/ir/types.js'
import type { OpAttrs, OpName } from '../lib/ir/vocabulary.js'
import type { Mode } from '../lib/ops/evaluate.js'
import type { Fusible } from '../lib/ops/fusible.js'

/** What passes may know besides the graph. */
export interface PassContext {
  readonly mode: Mode
  readonly fusible: Fusible
}

export interface Pass {
  readonly name: string
  /** One line: what it does. */
  readonly description: string
  /** Whether results stay bit-identical; a pass that reassociates says `rounding`. */
  readonly numerics: 'exact' | 'rounding'
  /** Whether a second run always finds nothing left to do. */
  readonly idempotent: boolean
  readonly rules: readonly Rule[]
  run(graph: Graph, context: PassContext): Edit
}

/**
 * A local rewrite as data. The three graphs are text: `before` becomes `after` (up to ids), `nearMiss` stays as it is;
 * the suite runs them and docs/passes.md shows them.
 */
export interface Rule {
  readonly name: string
  /** The formula, as in `x + 0 → x`. */
  readonly formula: string
  /** Why it is safe, or what it needs to be. */
  readonly why: string
  readonly numerics: 'exact' | 'rounding'
  /** The ops of the nodes it is tried on. */
  readonly ops: readonly OpName[]
  readonly before: string
  readonly after: string
  readonly nearMiss: string
  /** Gives the id that replaces the node, made with `view.emit` or already there; undefined to leave it. */
  rewrite(node: Node, view: View): NodeId | undefined
}

/** The graph as rewritten so far, and the means to add to it. */
export interface View {
  readonly context: PassContext
  at(id: NodeId): Node
  /** How many live nodes and results read a node; counted when the sweep began. */
  readers(id: NodeId): number
  /** Adds a node. `type` states unknown sizes by their present names where inference would invent new ones. */
  emit<K extends OpName>(op: K, inputs: readonly NodeId[], attrs: OpAttrs[K], type?: ValueType): NodeId
}
