// Rules about magnitudes: absolute values, rectifiers, clips, extremes, rounding.

import type { Node } from '../../lib/ir/graph.js'
import type { OpName } from '../../lib/ir/vocabulary.js'
import { as, fillOf, isFill, operand, standIn } from '../match.js'
import type { Rule } from '../pass.js'
import { sketch } from '../sketch.js'

const x = 'x float32[batch,4]'
const node = (id: string, call: string) => `%${id} = ${call} : float32[batch,4]`

/** Ops whose result is +0, positive or NaN, never −0. */
const nonNegative: ReadonlySet<OpName> = new Set(['abs', 'relu', 'relu6', 'square', 'exp', 'sigmoid'])
const roundings: readonly OpName[] = ['floor', 'ceil', 'round']

function isNonNegative(value: Node): boolean {
  return nonNegative.has(value.op) || (value.op === 'clip' && value.attrs.min > 0 && value.attrs.max > 0)
}

export const ranges: readonly Rule[] = [
  {
    name: 'absNonNegative',
    formula: '|x| → x for x ≥ +0',
    why: 'the operand is an abs, relu, relu6, square, exp or sigmoid, or a clip above 0, none of which gives −0',
    numerics: 'exact',
    ops: ['abs'],
    before: sketch(x, node('r', 'relu(%x)'), node('y', 'abs(%r)')),
    after: sketch(x, node('r', 'relu(%x)')),
    nearMiss: sketch(x, node('r', 'tanh(%x)'), node('y', 'abs(%r)')),
    // an int32 square may wrap, and |−2³¹| is −2³¹
    rewrite: (abs, view) => (isNonNegative(view.at(operand(abs))) && isFloat(abs) ? operand(abs) : undefined),
  },
  {
    name: 'dropSign',
    formula: '|−x| → |x|, (−x)² → x², |x|² → x²',
    why: 'the sign bit is dropped anyway',
    numerics: 'exact',
    ops: ['abs', 'square'],
    before: sketch(x, node('n', 'negate(%x)'), node('y', 'abs(%n)')),
    after: sketch(x, node('y', 'abs(%x)')),
    nearMiss: sketch(x, node('n', 'negate(%x)'), node('y', 'exp(%n)')),
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
    before: sketch(x, node('r', 'relu(%x)'), node('y', 'relu(%r)')),
    after: sketch(x, node('r', 'relu(%x)')),
    nearMiss: sketch(x, node('r', 'negate(%x)'), node('y', 'relu(%r)')),
    rewrite: (relu, view) => (isNonNegative(view.at(operand(relu))) && isFloat(relu) ? operand(relu) : undefined),
  },
  {
    name: 'relu6OfRelu',
    formula: 'relu6(relu(x)) → relu6(x)',
    why: 'max(x, 0) twice is max(x, 0)',
    numerics: 'exact',
    ops: ['relu6'],
    before: sketch(x, node('r', 'relu(%x)'), node('y', 'relu6(%r)')),
    after: sketch(x, node('y', 'relu6(%x)')),
    nearMiss: sketch(x, node('r', 'abs(%x)'), node('y', 'relu6(%r)')),
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
    before: sketch(x, node('r', 'sigmoid(%x)'), node('y', 'relu6(%r)')),
    after: sketch(x, node('r', 'sigmoid(%x)')),
    nearMiss: sketch(x, node('r', 'exp(%x)'), node('y', 'relu6(%r)')),
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
    before: sketch(x, '%c = constant() {data: [0]} : float32[]', node('y', 'maximum(%x, %c)')),
    after: sketch(x, node('y', 'relu(%x)')),
    nearMiss: sketch(x, '%c = constant() {data: [-0]} : float32[]', node('y', 'maximum(%x, %c)')),
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
    before: sketch(x, '%c = constant() {data: [6]} : float32[]', node('r', 'relu(%x)'), node('y', 'minimum(%r, %c)')),
    after: sketch(x, node('y', 'relu6(%x)')),
    nearMiss: sketch(x, '%c = constant() {data: [7]} : float32[]', node('r', 'relu(%x)'), node('y', 'minimum(%r, %c)')),
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
    before: sketch(x, node('y', 'maximum(%x, %x)'), node('z', 'exp(%y)')),
    after: sketch(x, node('z', 'exp(%x)')),
    nearMiss: sketch(`${x}; v float32[batch,4]`, node('y', 'maximum(%v, %x)')),
    rewrite: extreme => (operand(extreme, 0) === operand(extreme, 1) ? operand(extreme) : undefined),
  },
  {
    name: 'extremeTwice',
    formula: 'max(max(x, a), b) → max(x, max(a, b)), the same for min',
    why: 'maximum is associative, also over zeros and NaN; a and b are constants, equal everywhere',
    numerics: 'exact',
    ops: ['maximum', 'minimum'],
    before: sketch(
      x,
      '%a = constant() {data: [1]} : float32[]',
      '%b = constant() {data: [2]} : float32[]',
      node('m', 'maximum(%x, %a)'),
      node('y', 'maximum(%m, %b)'),
    ),
    after: sketch(x, '%b = constant() {data: [2]} : float32[]', node('y', 'maximum(%x, %b)')),
    nearMiss: sketch(
      x,
      '%a = constant() {data: [1]} : float32[]',
      '%b = constant() {data: [2]} : float32[]',
      node('m', 'minimum(%x, %a)'),
      node('y', 'maximum(%m, %b)'),
    ),
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
    before: sketch(x, node('i', 'clip(%x) {min: -1, max: 2}'), node('y', 'clip(%i) {min: 0.5, max: 3}')),
    after: sketch(x, node('y', 'clip(%x) {min: 0.5, max: 2}')),
    nearMiss: sketch(x, node('i', 'clip(%x) {min: -1, max: 2}'), node('r', 'exp(%i)'), node('y', 'clip(%r) {min: 0.5, max: 3}')),
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
    before: sketch(x, node('r', 'round(%x)'), node('y', 'floor(%r)')),
    after: sketch(x, node('r', 'round(%x)')),
    nearMiss: sketch(x, node('r', 'exp(%x)'), node('y', 'floor(%r)')),
    rewrite: (outer, view) => (roundings.includes(view.at(operand(outer)).op) ? operand(outer) : undefined),
  },
]

function isFloat({ type }: Node): boolean {
  return !('tuple' in type) && type.dtype === 'float32'
}
