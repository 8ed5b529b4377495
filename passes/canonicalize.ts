// canonicalize: one spelling for what can be spelled in several ways, so that every other rule is written once.

import type { Node } from '../lib/ir/graph.js'
import type { OpName } from '../lib/ir/vocabulary.js'
import type { Dependence } from './dependence.js'
import { as, operand } from './match.js'
import type { Pass, Rule, View } from './pass.js'
import { rewriteGraph } from './rewrite.js'

const commutative: readonly OpName[] = ['add', 'multiply', 'maximum', 'minimum', 'logical_and', 'logical_or', 'equal', 'not_equal']

const mirrored = { less: 'greater', less_equal: 'greater_equal', greater: 'less', greater_equal: 'less_equal' } as const

const steadiness = { run: 0, weights: 1, nothing: 2 } satisfies Record<Dependence, number>

/** Whether the operands stand in the wrong order: constants last, before them what only weights change, else by id. */
function isTurned(node: Node, view: View): boolean {
  const [left, right] = [operand(node, 0), operand(node, 1)]
  const rank = (id: string) => (view.at(id).op === 'constant' ? 3 : steadiness[view.dependence(id)])
  const difference = rank(left) - rank(right)
  return difference > 0 || (difference === 0 && left > right)
}

const rules = [
  {
    name: 'orderOperands',
    formula: 'c + x → x + c, y · x → x · y',
    why: 'these ops are commutative to the bit; constants go right, before them what only weights change, equals by id',
    numerics: 'exact',
    ops: commutative,
    rewrite(node, view) {
      if (!isTurned(node, view)) return undefined
      return view.emit(node.op, [operand(node, 1), operand(node, 0)], node.attrs, node.type)
    },
  },
  {
    name: 'mirrorComparison',
    formula: 'c < x → x > c',
    why: 'both are false for NaN; the operands go in the order of commutative ops',
    numerics: 'exact',
    ops: ['less', 'less_equal', 'greater', 'greater_equal'],
    rewrite(node, view) {
      if (!isTurned(node, view)) return undefined
      return view.emit(mirrored[node.op as keyof typeof mirrored], [operand(node, 1), operand(node, 0)], {}, node.type)
    },
  },
  {
    name: 'subtractConstant',
    formula: 'x − c → x + (−c)',
    why: 'IEEE 754 defines the one by the other; rules for adding a constant then serve both',
    numerics: 'exact',
    ops: ['subtract'],
    rewrite(node, view) {
      const constant = as(view.at(operand(node, 1)), 'constant')
      if (!constant || view.at(operand(node, 0)).op === 'constant') return undefined
      const { data, dtype } = constant.attrs
      const negated = data.map(value => (dtype === 'int32' ? -value | 0 : -value))
      const opposite = view.emit('constant', [], { ...constant.attrs, data: negated }, constant.type)
      return view.emit('add', [operand(node, 0), opposite], {}, node.type)
    },
  },
] as const satisfies readonly Rule[]

/** Puts the operands of commutative ops and comparisons in one order, and writes subtractions of constants as sums. */
export const canonicalize = {
  name: 'canonicalize',
  description: 'one spelling for what can be spelled in several ways',
  numerics: 'exact',
  idempotent: true,
  rules,
  run: (graph, context) => rewriteGraph(graph, rules, context),
} satisfies Pass
