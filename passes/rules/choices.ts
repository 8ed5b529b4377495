// Rules about choices: logic, select, phase, casts, and dropout that drops nothing.

import { tensorType } from '../../lib/ir/graph.js'
import type { OpName } from '../../lib/ir/vocabulary.js'
import { as, fillOf, operand, standIn } from '../match.js'
import type { Rule } from '../pass.js'

/** The comparison that is false where this one is true; where NaN can occur only (in)equality has one. */
const opposites: Readonly<Partial<Record<OpName, OpName>>> = {
  equal: 'not_equal',
  not_equal: 'equal',
  less: 'greater_equal',
  less_equal: 'greater',
  greater: 'less_equal',
  greater_equal: 'less',
}

export const choices = [
  {
    name: 'notTwice',
    formula: '¬¬p → p',
    why: 'logic',
    numerics: 'exact',
    ops: ['logical_not'],
    rewrite: (not, view) => as(view.at(operand(not)), 'logical_not')?.inputs[0],
  },
  {
    name: 'notComparison',
    formula: '¬(x = y) → x ≠ y; ¬(n < m) → n ≥ m in int32',
    why: 'with NaN, ¬(x < y) is true where x ≥ y is not',
    numerics: 'exact',
    ops: ['logical_not'],
    rewrite(not, view) {
      const comparison = view.at(operand(not))
      const opposite = opposites[comparison.op]
      if (!opposite) return undefined
      const total = tensorType(view.at(operand(comparison))).dtype !== 'float32'
      if (!total && comparison.op !== 'equal' && comparison.op !== 'not_equal') return undefined
      return view.emit(opposite, comparison.inputs, {}, not.type)
    },
  },
  {
    name: 'logicWithSelf',
    formula: 'p ∧ p → p, p ∨ p → p',
    why: 'logic',
    numerics: 'exact',
    ops: ['logical_and', 'logical_or'],
    rewrite: ({ inputs: [left, right] }) => (left === right ? left : undefined),
  },
  {
    name: 'logicWithConstant',
    formula: 'p ∧ true → p, p ∨ false → p, p ∧ false → false, p ∨ true → true',
    why: 'logic; where the constant decides, it takes the shape of the result',
    numerics: 'exact',
    ops: ['logical_and', 'logical_or'],
    rewrite(node, view) {
      const value = fillOf(view.at(operand(node, 1)))
      if (value === undefined) return undefined
      const neutral = (value !== 0) === (node.op === 'logical_and')
      return neutral ? standIn(operand(node), node, view) : view.emit('constant', [], { data: [value], ...tensorType(node) })
    },
  },
  {
    name: 'selectConstant',
    formula: 'select(true, x, y) → x, select(false, x, y) → y',
    why: 'the condition is a constant; the side chosen has the shape of the result',
    numerics: 'exact',
    ops: ['select'],
    rewrite(node, view) {
      const value = fillOf(view.at(operand(node)))
      return value === undefined ? undefined : standIn(operand(node, value === 0 ? 2 : 1), node, view)
    },
  },
  {
    name: 'selectSame',
    formula: 'select(p, x, x) → x',
    why: 'both sides are one value, of the shape of the result',
    numerics: 'exact',
    ops: ['select'],
    rewrite: (node, view) => (operand(node, 1) === operand(node, 2) ? standIn(operand(node, 1), node, view) : undefined),
  },
  {
    name: 'selectNot',
    formula: 'select(¬p, x, y) → select(p, y, x)',
    why: 'logic',
    numerics: 'exact',
    ops: ['select'],
    rewrite(node, view) {
      const not = as(view.at(operand(node)), 'logical_not')
      return not && view.emit('select', [operand(not), operand(node, 2), operand(node, 1)], {}, node.type)
    },
  },
  {
    name: 'phaseSame',
    formula: 'phase(x, x) → x',
    why: 'both modes mean one value',
    numerics: 'exact',
    ops: ['phase'],
    rewrite: ({ inputs: [train, infer] }) => (train === infer ? train : undefined),
  },
  {
    name: 'castIdentity',
    formula: 'cast(x, dtype of x) → x',
    why: 'nothing is converted',
    numerics: 'exact',
    ops: ['cast'],
    rewrite: (cast, view) => standIn(operand(cast), cast, view),
  },
  {
    name: 'castOfCast',
    formula: 'cast(cast(p)) → cast(p) for bool p',
    why: 'int32 and float32 hold 0 and 1 exactly; an int32 above 2²⁴ would not survive float32',
    numerics: 'exact',
    ops: ['cast'],
    rewrite(outer, view) {
      const inner = as(view.at(operand(outer)), 'cast')
      if (outer.op !== 'cast' || !inner || tensorType(view.at(operand(inner))).dtype !== 'bool') return undefined
      return view.emit('cast', [operand(inner)], { dtype: outer.attrs.dtype })
    },
  },
  {
    name: 'dropoutNothing',
    formula: 'dropout(x) {rate: 0} → x',
    why: 'every random number is ≥ 0, so all entries stay, divided by 1; the counter still advances',
    numerics: 'exact',
    ops: ['dropout'],
    rewrite: dropout => (dropout.op === 'dropout' && dropout.attrs.rate === 0 ? operand(dropout) : undefined),
  },
] as const satisfies readonly Rule[]
