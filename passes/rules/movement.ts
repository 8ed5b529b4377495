// Rules that fold slices, reversals, concatenations, pads and trivial reductions.

import { type NodeId, tensorType } from '../../lib/ir/graph.js'
import type { Shape, Size } from '../../lib/ir/types.js'
import { as, fillOf, operand, shapeOf, standIn } from '../match.js'
import type { Rule, View } from '../pass.js'

interface Cut {
  readonly begin: number
  readonly end: number | null
  readonly stride: number
}

const whole: Cut = { begin: 0, end: null, stride: 1 }

/** The bounds of a cut of a known size, as Python clips them. */
function resolve({ begin, end, stride }: Cut, size: number): { start: number; count: number } {
  const clip = (bound: number) => Math.max(0, Math.min(size, bound < 0 ? bound + size : bound))
  const start = clip(begin)
  return { start, count: Math.max(0, Math.ceil(((end === null ? size : clip(end)) - start) / stride)) }
}

/** One cut that does what two do in turn; undefined where an unknown size hides it. */
function composeCuts(inner: Cut, outer: Cut, size: Size): Cut | undefined {
  const isWhole = ({ begin, end, stride }: Cut) => begin === 0 && end === null && stride === 1
  if (isWhole(inner)) return outer
  if (isWhole(outer)) return inner
  if (typeof size === 'string') return undefined
  const first = resolve(inner, size)
  const second = resolve(outer, first.count)
  if (second.count === 0) return { begin: 0, end: 0, stride: 1 }
  const begin = first.start + second.start * inner.stride
  const stride = inner.stride * outer.stride
  return { begin, end: begin + (second.count - 1) * stride + 1, stride }
}

/** The operands of a concat, those of its concats along the same axis opened. */
function flattened(ids: readonly NodeId[], axis: number, view: View): NodeId[] {
  return ids.flatMap(id => {
    const inner = as(view.at(id), 'concat')
    return inner && fromFront(inner.attrs.axis, shapeOf(inner)) === axis ? inner.inputs : [id]
  })
}

function fromFront(axis: number, shape: Shape): number {
  return axis < 0 ? axis + shape.length : axis
}

export const movement = [
  {
    name: 'sliceIdentity',
    formula: 'x[:] → x',
    why: 'a slice that keeps every size keeps every element',
    numerics: 'exact',
    ops: ['slice'],
    rewrite: (node, view) => standIn(operand(node), node, view),
  },
  {
    name: 'sliceOfSlice',
    formula: 'x[a:b:s][c:d:t] → x[a + c·s : … : s·t]',
    why: 'per axis one of the two takes everything, or the size is known',
    numerics: 'exact',
    ops: ['slice'],
    rewrite(outer, view) {
      const inner = as(view.at(operand(outer)), 'slice')
      if (outer.op !== 'slice' || !inner) return undefined
      const cut = ({ attrs: { begin, end, strides } }: typeof inner, axis: number): Cut => ({
        begin: begin[axis] ?? whole.begin,
        end: end[axis] ?? whole.end,
        stride: strides[axis] ?? whole.stride,
      })
      const cuts = shapeOf(view.at(operand(inner))).map((size, axis) => composeCuts(cut(inner, axis), cut(outer, axis), size))
      const known = cuts.filter(each => each !== undefined)
      if (known.length < cuts.length) return undefined
      const attrs = { begin: known.map(each => each.begin), end: known.map(each => each.end), strides: known.map(each => each.stride) }
      return view.emit('slice', [operand(inner)], attrs, outer.type)
    },
  },
  {
    name: 'reverseUnits',
    formula: 'reverse(x, axes) → reverse(x, axes longer than 1)',
    why: 'one element has no order; without axes nothing is left to do',
    numerics: 'exact',
    ops: ['reverse'],
    rewrite(node, view) {
      if (node.op !== 'reverse') return undefined
      const axes = node.attrs.axes.filter(axis => shapeOf(node)[axis] !== 1)
      if (axes.length === 0) return operand(node)
      return axes.length < node.attrs.axes.length ? view.emit('reverse', [operand(node)], { axes }) : undefined
    },
  },
  {
    name: 'reverseOfReverse',
    formula: 'reverse(reverse(x, a), b) → reverse(x, axes in one of them)',
    why: 'an axis reversed twice is as it was',
    numerics: 'exact',
    ops: ['reverse'],
    rewrite(outer, view) {
      const inner = as(view.at(operand(outer)), 'reverse')
      if (outer.op !== 'reverse' || !inner) return undefined
      const [a, b] = [inner.attrs.axes, outer.attrs.axes]
      const axes = [...a.filter(axis => !b.includes(axis)), ...b.filter(axis => !a.includes(axis))].sort((k, l) => k - l)
      return axes.length === 0 ? operand(inner) : view.emit('reverse', [operand(inner)], { axes })
    },
  },
  {
    name: 'concatOne',
    formula: 'concat(x) → x',
    why: 'there is nothing to join',
    numerics: 'exact',
    ops: ['concat'],
    rewrite: (node, view) => (node.inputs.length === 1 ? standIn(operand(node), node, view) : undefined),
  },
  {
    name: 'concatOfConcat',
    formula: 'concat(concat(x, y), z) → concat(x, y, z)',
    why: 'both join along the same axis',
    numerics: 'exact',
    ops: ['concat'],
    rewrite(outer, view) {
      if (outer.op !== 'concat') return undefined
      const axis = fromFront(outer.attrs.axis, shapeOf(outer))
      const inputs = flattened(outer.inputs, axis, view)
      return inputs.length > outer.inputs.length || inputs.some((id, k) => id !== outer.inputs[k])
        ? view.emit('concat', inputs, { axis }, outer.type)
        : undefined
    },
  },
  {
    name: 'padNothing',
    formula: 'pad(x) {low: 0, high: 0} → x',
    why: 'no cells are added',
    numerics: 'exact',
    ops: ['pad'],
    rewrite: (node, view) =>
      node.op === 'pad' && [...node.attrs.low, ...node.attrs.high].every(cells => cells === 0)
        ? standIn(operand(node), node, view)
        : undefined,
  },
  {
    name: 'padOfPad',
    formula: 'pad(pad(x, z), z) → pad(x, z)',
    why: 'both fill with the same scalar, so the cells add up',
    numerics: 'exact',
    ops: ['pad'],
    rewrite(outer, view) {
      const inner = as(view.at(operand(outer)), 'pad')
      if (outer.op !== 'pad' || !inner) return undefined
      const [a, b] = [operand(inner, 1), operand(outer, 1)]
      const [fillA, fillB] = [fillOf(view.at(a)), fillOf(view.at(b))]
      if (a !== b && (fillA === undefined || !Object.is(fillA, fillB))) return undefined
      const sum = (left: readonly number[], right: readonly number[]) => left.map((cells, axis) => cells + (right[axis] ?? 0))
      const attrs = { low: sum(inner.attrs.low, outer.attrs.low), high: sum(inner.attrs.high, outer.attrs.high) }
      return view.emit('pad', [operand(inner), b], attrs, outer.type)
    },
  },
  {
    name: 'reduceUnits',
    formula: 'reduce(x) over axes of size 1 → reshape(x)',
    why: 'the extreme and the product of one element are that element; a sum is not, since +0 + −0 is +0',
    numerics: 'exact',
    ops: ['reduce_max', 'reduce_min', 'reduce_prod'],
    rewrite(node, view) {
      if (node.op !== 'reduce_max' && node.op !== 'reduce_min' && node.op !== 'reduce_prod') return undefined
      const { dtype, shape } = tensorType(view.at(operand(node)))
      if (!node.attrs.axes.every(axis => shape[axis] === 1) || tensorType(node).dtype !== dtype) return undefined
      return view.emit('reshape', [operand(node)], { shape: shapeOf(node) })
    },
  },
] as const satisfies readonly Rule[]
