// Rules about magnitudes: absolute values, rectifiers, clips, extremes, rounding.

import type { Node } from '../../lib/ir/graph.js'
import type { OpName } from '../../lib/ir/vocabulary.js'
import { as, fillOf, isFill, operand, standIn } from '../match.js'
import type { Rule } from '../pass.js'

/** Ops whose result is +0, positive or NaN, never −0. */
const nonNegative: ReadonlySet<OpName> = new Set(['abs', 'relu', 'relu6', 'square', 'exp', 'sigmoid'])
const roundings: readonly OpName[] = ['floor', 'ceil', 'round']

/** Whether a value is +0, positive or NaN everywhere, as far as its op tells. */
export function isNonNegative(value: Node): boolean {
  return nonNegative.has(value.op) || (value.op === 'clip' && value.attrs.min > 0 && value.attrs.max > 0)
}

export const ranges = [
  {
    name: 'absNonNegative',
    formula: '|x| → x for x ≥ +0',
    why: 'the operand is an abs, relu, relu6, square, exp or sigmoid, or a clip above 0, none of which gives −0',
    numerics: 'exact',
    ops: ['abs'],
    // an int32 square may wrap, and |−2³¹| is −2³¹
    rewrite: (abs, view) => (isNonNegative(view.at(operand(abs))) && isFloat(abs) ? operand(abs) : undefined),
  },
  {
    name: 'dropSign',
    formula: '|−x| → |x|, (−x)² → x², |x|² → x²',
    why: 'the sign bit is dropped anyway',
    numerics: 'exact',
    ops: ['abs', 'square'],
    rewrite(even, view) {
      const inner = view.at(operand(even))
      if (inner.op !== 'negate' && inner.op !== 'abs') return undefined
      return view.emit(even.op, [operand(inner)], even.attrs)
    },
  },
  {
    name: 'reluNonNegative',
    formula: 'relu(x) → x for x ≥ +0',
    why: 'max(x, 0) is x for every x ≥ +0, and NaN for NaN',
    numerics: 'exact',
    ops: ['relu'],
    rewrite: (relu, view) => (isNonNegative(view.at(operand(relu))) && isFloat(relu) ? operand(relu) : undefined),
  },
  {
    name: 'relu6OfRelu',
    formula: 'relu6(relu(x)) → relu6(x)',
    why: 'max(x, 0) twice is max(x, 0)',
    numerics: 'exact',
    ops: ['relu6'],
    rewrite(relu6, view) {
      const relu = as(view.at(operand(relu6)), 'relu')
      return relu && view.emit('relu6', [operand(relu)], {})
    },
  },
  {
    name: 'relu6Bounded',
    formula: 'relu6(x) → x for 0 ≤ x ≤ 6',
    why: 'the operand is a relu6 or a sigmoid',
    numerics: 'exact',
    ops: ['relu6'],
    rewrite(relu6, view) {
      const inner = view.at(operand(relu6)).op
      return inner === 'relu6' || inner === 'sigmoid' ? operand(relu6) : undefined
    },
  },
  {
    name: 'maximumZero',
    formula: 'max(x, 0) → relu(x)',
    why: 'it is the definition of relu, whose zero is +0',
    numerics: 'exact',
    ops: ['maximum'],
    rewrite(maximum, view) {
      const zero = view.at(operand(maximum, 1))
      if (!isFill(zero, 0) || as(zero, 'constant')?.attrs.dtype === 'bool') return undefined
      return standIn(operand(maximum), maximum, view) && view.emit('relu', [operand(maximum)], {})
    },
  },
  {
    name: 'minimumSix',
    formula: 'min(relu(x), 6) → relu6(x)',
    why: 'it is the definition of relu6',
    numerics: 'exact',
    ops: ['minimum'],
    rewrite(minimum, view) {
      const relu = as(view.at(operand(minimum)), 'relu')
      if (!relu || !isFill(view.at(operand(minimum, 1)), 6)) return undefined
      return standIn(relu.id, minimum, view) && view.emit('relu6', [operand(relu)], {})
    },
  },
  {
    name: 'extremeOfSelf',
    formula: 'max(x, x) → x, min(x, x) → x',
    why: 'equal operands, NaN included',
    numerics: 'exact',
    ops: ['maximum', 'minimum'],
    rewrite: extreme => (operand(extreme, 0) === operand(extreme, 1) ? operand(extreme) : undefined),
  },
  {
    name: 'extremeTwice',
    formula: 'max(max(x, a), b) → max(x, max(a, b)), the same for min',
    why: 'maximum is associative, also over zeros and NaN; a and b are constants, equal everywhere',
    numerics: 'exact',
    ops: ['maximum', 'minimum'],
    rewrite(outer, view) {
      const inner = view.at(operand(outer))
      const bound = view.at(operand(outer, 1))
      if (inner.op !== outer.op || !standIn(inner.id, outer, view) || bound.op !== 'constant') return undefined
      const [a, b] = [fillOf(view.at(operand(inner, 1))), fillOf(bound)]
      if (a === undefined || b === undefined || !standIn(operand(inner), outer, view)) return undefined
      const data = [outer.op === 'maximum' ? Math.max(a, b) : Math.min(a, b)]
      const merged = view.emit('constant', [], { ...bound.attrs, data }, bound.type)
      return view.emit(outer.op, [operand(inner), merged], {}, outer.type)
    },
  },
  {
    name: 'clipTwice',
    formula: 'clip(clip(x, a, b), c, d) → clip(x, clip(a, c, d), clip(b, c, d))',
    why: 'a clip only picks among ordered values, so it passes through another; NaN stays NaN',
    numerics: 'exact',
    ops: ['clip'],
    rewrite(outer, view) {
      const inner = as(view.at(operand(outer)), 'clip')
      if (outer.op !== 'clip' || !inner) return undefined
      const clip = (value: number) => Math.min(Math.max(value, outer.attrs.min), outer.attrs.max)
      return view.emit('clip', [operand(inner)], { min: clip(inner.attrs.min), max: clip(inner.attrs.max) })
    },
  },
  {
    name: 'roundTwice',
    formula: 'floor(round(x)) → round(x)',
    why: 'floor, ceil and round leave whole numbers as they are',
    numerics: 'exact',
    ops: roundings,
    rewrite: (outer, view) => (roundings.includes(view.at(operand(outer)).op) ? operand(outer) : undefined),
  },
] as const satisfies readonly Rule[]

export function isFloat({ type }: Node): boolean {
  return !('tuple' in type) && type.dtype === 'float32'
}
