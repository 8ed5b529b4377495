// Rules by which convolutions and pools take in the pads and crops of what they read.

import type { Node, NodeId, NodeOf } from '../../lib/ir/graph.js'
import type { Size } from '../../lib/ir/types.js'
import { convSliding } from '../../lib/ops/primitives/conv.js'
import { slidingWindow } from '../../lib/ops/primitives/windows.js'
import { as, fillOf, infersTo, operand, shapeOf } from '../match.js'
import type { Rule, View } from '../pass.js'
import { isFloat, isNonNegative } from './ranges.js'
import { knownPadding, type Pair } from './windows.js'

type Windowed = NodeOf<'conv'> | NodeOf<'window_max'> | NodeOf<'window_sum'>

function windowed(node: Node): Windowed | undefined {
  return node.op === 'conv' || node.op === 'window_max' || node.op === 'window_sum' ? node : undefined
}

/** The padding of a conv or pool in numbers, where it is known. */
function paddingOf(node: Windowed, view: View): readonly Pair[] | undefined {
  const sizes = shapeOf(view.at(operand(node))).slice(1, -1)
  if (node.op !== 'conv') return knownPadding(slidingWindow(node.attrs), sizes)
  const kernel = shapeOf(view.at(operand(node, 1))) as readonly number[]
  const isPlain = node.attrs.inputDilation.every(dilation => dilation === 1)
  return isPlain || node.attrs.padding !== 'same' ? knownPadding(convSliding(kernel, node.attrs), sizes) : undefined
}

/** The same op of another operand with other padding, if it infers the same type. */
function repad(node: Windowed, value: NodeId, padding: readonly Pair[], view: View): NodeId | undefined {
  const operands = [value, ...node.inputs.slice(1)]
  const attrs = { ...node.attrs, padding }
  return infersTo(node.op, operands, attrs, node.type, view) ? view.emit(node.op, operands, attrs, node.type) : undefined
}

/** The padding with `more` cells on each side of the operand; input dilation puts its zeros between those too. */
function sum(padding: readonly Pair[], more: readonly Pair[], node: Windowed): Pair[] {
  return padding.map(([low, high], axis) => {
    const [before, after] = more[axis] as Pair
    const step = node.op === 'conv' ? (node.attrs.inputDilation[axis] as number) : 1
    return [low + before * step, high + after * step]
  })
}

/** A pad of spatial axes only, by cells that `fits` accepts, as the cells of each of them. */
function padAt(id: NodeId, fits: (fill: number) => boolean, view: View): { value: NodeId; cells: Pair[] } | undefined {
  const pad = as(view.at(id), 'pad')
  const fill = pad && fillOf(view.at(operand(pad, 1)))
  if (!pad || fill === undefined || !fits(fill)) return undefined
  const cells = pad.attrs.low.map((low, axis): Pair => [low, pad.attrs.high[axis] as number])
  const outer = [...(cells[0] ?? []), ...(cells.at(-1) ?? [])]
  return outer.every(count => count === 0) ? { value: operand(pad), cells: cells.slice(1, -1) } : undefined
}

/** How many cells a slice takes off both ends of an axis, if it does nothing else to it. */
function cutOf({ begin, end, strides }: NodeOf<'slice'>['attrs'], axis: number, size: Size): Pair | undefined {
  const [from, to] = [begin[axis] ?? 0, end[axis] ?? null]
  if (strides[axis] !== 1) return undefined
  if (typeof size === 'number') {
    const clip = (bound: number) => Math.max(0, Math.min(size, bound < 0 ? bound + size : bound))
    return [clip(from), size - (to === null ? size : clip(to))]
  }
  return from >= 0 && (to === null || to < 0) ? [from, to === null ? 0 : -to] : undefined
}

/** A slice that only takes cells off both ends of spatial axes. */
function cropAt(id: NodeId, view: View): { value: NodeId; cells: Pair[] } | undefined {
  const slice = as(view.at(id), 'slice')
  if (!slice) return undefined
  const cuts = shapeOf(view.at(operand(slice))).map((size, axis) => cutOf(slice.attrs, axis, size))
  const cells = cuts.filter(cut => cut !== undefined)
  const outer = [...(cells[0] ?? []), ...(cells.at(-1) ?? [])]
  if (cells.length < cuts.length || outer.some(count => count > 0)) return undefined
  return { value: operand(slice), cells: cells.slice(1, -1) }
}

/** The neutral element of a pool. */
function neutral(node: Windowed): (fill: number) => boolean {
  if (node.op !== 'window_max') return fill => fill === 0
  const least = 'dtype' in node.type && node.type.dtype === 'int32' ? -2147483648 : Number.NEGATIVE_INFINITY
  return fill => fill === least
}

export const padding = [
  {
    name: 'padIntoConv',
    formula: 'conv(pad(x, 0)) → conv(x), padded',
    why: 'a conv surrounds its operand with zeros itself; a backend reads none of them (0 · ∞ in a kernel is no longer NaN)',
    numerics: 'rounding',
    ops: ['conv'],
    rewrite(node, view) {
      const conv = windowed(node)
      const padding = conv && paddingOf(conv, view)
      const pad = padding && padAt(operand(conv), fill => fill === 0, view)
      return pad && repad(conv, pad.value, sum(padding, pad.cells, conv), view)
    },
  },
  {
    name: 'padIntoPool',
    formula: 'window_max(pad(x, −∞)) → window_max(x), padded; window_sum(pad(x, 0)) alike',
    why: 'a pool skips the cells outside its operand, which is what the neutral element does',
    numerics: 'exact',
    ops: ['window_max', 'window_sum'],
    rewrite(node, view) {
      const pool = windowed(node)
      const padding = pool && paddingOf(pool, view)
      const pad = padding && padAt(operand(pool), neutral(pool), view)
      return pad && repad(pool, pad.value, sum(padding, pad.cells, pool), view)
    },
  },
  {
    name: 'zeroPadIntoMax',
    formula: 'window_max(pad(x, 0)) → window_max(x), padded, for x ≥ +0',
    why: 'the zeros never exceed a cell of x, and padding narrower than the window leaves one in each',
    numerics: 'exact',
    ops: ['window_max'],
    rewrite(node, view) {
      const pool = windowed(node)
      const padding = pool && paddingOf(pool, view)
      const pad = padding && padAt(operand(pool), fill => Object.is(fill, 0), view)
      if (!pad || pool.op !== 'window_max' || !isFloat(pool) || !isNonNegative(view.at(pad.value))) return undefined
      const cells = sum(padding, pad.cells, pool)
      const touches = cells.every((pair, axis) => pair.every(count => count < (pool.attrs.window[axis] as number)))
      return touches ? repad(pool, pad.value, cells, view) : undefined
    },
  },
  {
    name: 'cropIntoWindow',
    formula: 'conv(x[…, a : −b, …]) → conv(x) with padding −a, −b; pools alike',
    why: 'negative padding cuts off; not where the op pads a side that is cut, which would bring the cells back',
    numerics: 'exact',
    ops: ['conv', 'window_max', 'window_sum'],
    rewrite(node, view) {
      const reader = windowed(node)
      const padding = reader && paddingOf(reader, view)
      if (!padding || (reader.op === 'conv' && reader.attrs.inputDilation.some(dilation => dilation !== 1))) return undefined
      const crop = cropAt(operand(reader), view)
      if (!crop || crop.cells.flat().every(cut => cut === 0)) return undefined
      const pads = padding.flat()
      if (crop.cells.flat().some((cut, k) => cut > 0 && (pads[k] as number) > 0)) return undefined
      const cells = crop.cells.map(([before, after]): Pair => [-before, -after])
      return repad(reader, crop.value, sum(padding, cells, reader), view)
    },
  },
] as const satisfies readonly Rule[]
