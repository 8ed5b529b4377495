// Rules about choices: logic, select, phase, casts, and dropout that drops nothing.

import { tensorType } from '../../lib/ir/graph.js'
import type { OpName } from '../../lib/ir/vocabulary.js'
import { as, fillOf, operand, standIn } from '../match.js'
import type { Rule } from '../pass.js'
import { sketch } from '../sketch.js'

const flags = 'p bool[batch,4]; q bool[batch,4]'
const x = 'x float32[batch,4]'
const bool = (id: string, call: string) => `%${id} = ${call} : bool[batch,4]`
const float = (id: string, call: string) => `%${id} = ${call} : float32[batch,4]`

/** The comparison that is false where this one is true; where NaN can occur only (in)equality has one. */
const opposites: Readonly<Partial<Record<OpName, OpName>>> = {
  equal: 'not_equal',
  not_equal: 'equal',
  less: 'greater_equal',
  less_equal: 'greater',
  greater: 'less_equal',
  greater_equal: 'less',
}

export const choices: readonly Rule[] = [
  {
    name: 'notTwice',
    formula: '¬¬p → p',
    why: 'logic',
    numerics: 'exact',
    ops: ['logical_not'],
    before: sketch(flags, bool('n', 'logical_not(%p)'), bool('m', 'logical_not(%n)'), bool('y', 'logical_and(%m, %q)')),
    after: sketch(flags, bool('y', 'logical_and(%p, %q)')),
    nearMiss: sketch(flags, bool('n', 'logical_not(%p)'), bool('y', 'logical_and(%n, %q)')),
    rewrite: (not, view) => as(view.at(operand(not)), 'logical_not')?.inputs[0],
  },
  {
    name: 'notComparison',
    formula: '¬(x = y) → x ≠ y; ¬(n < m) → n ≥ m in int32',
    why: 'with NaN, ¬(x < y) is true where x ≥ y is not',
    numerics: 'exact',
    ops: ['logical_not'],
    before: sketch(`${x}; z float32[batch,4]`, bool('e', 'equal(%x, %z)'), bool('y', 'logical_not(%e)')),
    after: sketch(`${x}; z float32[batch,4]`, bool('y', 'not_equal(%x, %z)')),
    nearMiss: sketch(`${x}; z float32[batch,4]`, bool('e', 'less(%x, %z)'), bool('y', 'logical_not(%e)')),
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
    before: sketch(flags, bool('m', 'logical_and(%p, %p)'), bool('y', 'logical_or(%m, %q)')),
    after: sketch(flags, bool('y', 'logical_or(%p, %q)')),
    nearMiss: sketch(flags, bool('y', 'logical_and(%p, %q)')),
    rewrite: ({ inputs: [left, right] }) => (left === right ? left : undefined),
  },
  {
    name: 'logicWithConstant',
    formula: 'p ∧ true → p, p ∨ false → p, p ∧ false → false, p ∨ true → true',
    why: 'logic; where the constant decides, it takes the shape of the result',
    numerics: 'exact',
    ops: ['logical_and', 'logical_or'],
    before: sketch(flags, '%t = constant() {data: [1]} : bool[]', bool('m', 'logical_and(%p, %t)'), bool('y', 'logical_and(%m, %q)')),
    after: sketch(flags, bool('y', 'logical_and(%p, %q)')),
    nearMiss: sketch('p bool[4]', '%t = constant() {data: [1]} : bool[3,4]', '%y = logical_and(%p, %t) : bool[3,4]'),
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
    before: sketch(
      `${x}; z float32[batch,4]`,
      '%t = constant() {data: [1]} : bool[]',
      float('s', 'select(%t, %x, %z)'),
      float('y', 'exp(%s)'),
    ),
    after: sketch(`${x}; z float32[batch,4]`, float('y', 'exp(%x)')),
    nearMiss: sketch('x float32[4]; z float32[3,4]', '%t = constant() {data: [1]} : bool[]', '%y = select(%t, %x, %z) : float32[3,4]'),
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
    before: sketch(`${x}; p bool[batch,4]`, float('s', 'select(%p, %x, %x)'), float('y', 'exp(%s)')),
    after: sketch(`${x}; p bool[batch,4]`, float('y', 'exp(%x)')),
    nearMiss: sketch('x float32[4]; p bool[3,4]', '%y = select(%p, %x, %x) : float32[3,4]'),
    rewrite: (node, view) => (operand(node, 1) === operand(node, 2) ? standIn(operand(node, 1), node, view) : undefined),
  },
  {
    name: 'selectNot',
    formula: 'select(¬p, x, y) → select(p, y, x)',
    why: 'logic',
    numerics: 'exact',
    ops: ['select'],
    before: sketch(`${x}; z float32[batch,4]; p bool[batch,4]`, bool('n', 'logical_not(%p)'), float('y', 'select(%n, %x, %z)')),
    after: sketch(`${x}; z float32[batch,4]; p bool[batch,4]`, float('y', 'select(%p, %z, %x)')),
    nearMiss: sketch(`${x}; z float32[batch,4]`, bool('n', 'is_nan(%x)'), float('y', 'select(%n, %x, %z)')),
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
    before: sketch(x, float('p', 'phase(%x, %x)'), float('y', 'exp(%p)')),
    after: sketch(x, float('y', 'exp(%x)')),
    nearMiss: sketch(`${x}; z float32[batch,4]`, float('y', 'phase(%x, %z)')),
    rewrite: ({ inputs: [train, infer] }) => (train === infer ? train : undefined),
  },
  {
    name: 'castIdentity',
    formula: 'cast(x, dtype of x) → x',
    why: 'nothing is converted',
    numerics: 'exact',
    ops: ['cast'],
    before: sketch(x, float('c', 'cast(%x) {dtype: "float32"}'), float('y', 'exp(%c)')),
    after: sketch(x, float('y', 'exp(%x)')),
    nearMiss: sketch(x, '%y = cast(%x) {dtype: "int32"} : int32[batch,4]'),
    rewrite: (cast, view) => standIn(operand(cast), cast, view),
  },
  {
    name: 'castOfCast',
    formula: 'cast(cast(p)) → cast(p) for bool p',
    why: 'int32 and float32 hold 0 and 1 exactly; an int32 above 2²⁴ would not survive float32',
    numerics: 'exact',
    ops: ['cast'],
    before: sketch(flags, '%n = cast(%p) {dtype: "int32"} : int32[batch,4]', float('y', 'cast(%n) {dtype: "float32"}')),
    after: sketch(flags, float('y', 'cast(%p) {dtype: "float32"}')),
    nearMiss: sketch('n int32[batch,4]', float('f', 'cast(%n) {dtype: "float32"}'), '%y = cast(%f) {dtype: "int32"} : int32[batch,4]'),
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
    before: sketch(`${x}; k int32[2]; c int32[]`, float('d', 'dropout(%x, %k, %c) {rate: 0, shape: ["batch", 4]}'), float('y', 'exp(%d)')),
    after: sketch(`${x}; k int32[2]; c int32[]`, float('y', 'exp(%x)')),
    nearMiss: sketch(`${x}; k int32[2]; c int32[]`, float('y', 'dropout(%x, %k, %c) {rate: 0.5, shape: ["batch", 4]}')),
    rewrite: dropout => (dropout.op === 'dropout' && dropout.attrs.rate === 0 ? operand(dropout) : undefined),
  },
]
