// decompose: writes composites as what they are defined by, for backends without a kernel for them.

import { type NodeId, tensorType } from '../lib/ir/graph.js'
import type { CompositeName, OpName } from '../lib/ir/vocabulary.js'
import type { Definition, Emitter } from '../lib/ops/op.js'
import { isComposite, opTable } from '../lib/ops/table.js'
import type { Pass, Rule, View } from './pass.js'
import { rewriteGraph } from './rewrite.js'

/** Adds nodes through a rule's view, as a decomposition emits them. */
function emitterOf(view: View): Emitter<NodeId> {
  return {
    emit: (op, operands, attrs) => view.emit(op, operands, attrs),
    typeOf: id => tensorType(view.at(id)),
  }
}

/** A pass that replaces the composites that `wanted` names by their decomposition, and those in it likewise. */
export function decompose(wanted: (op: CompositeName) => boolean) {
  const rules = [
    {
      name: 'decomposeComposite',
      formula: 'relu6(x) → min(max(x, 0), 6), and so on for each composite',
      why: 'the decomposition is the definition of the op',
      numerics: 'exact',
      ops: (Object.keys(opTable) as OpName[]).filter(op => isComposite(op) && wanted(op)),
      rewrite(node, view) {
        const definition: Definition = opTable[node.op]
        if (!('decompose' in definition)) return undefined
        return definition.decompose(emitterOf(view), node.inputs, node.attrs)
      },
    },
  ] as const satisfies readonly Rule[]
  return {
    name: 'decompose',
    description: 'write composites that have no kernel as primitives',
    numerics: 'exact',
    idempotent: true,
    rules,
    run: (graph, context) => rewriteGraph(graph, rules, context),
  } satisfies Pass
}
