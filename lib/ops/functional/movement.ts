// Shapes and layout: reshape, transpose, axes, joining and splitting, repetition, padding, fills.

import { ArgumentError, ShapeError } from '../../ir/errors.js'
import { type NDArray, ndarray } from '../../ir/ndarray.js'
import { type DType, isConcrete, type Shape, type Size, sizeOf } from '../../ir/types.js'
import type { TracedTensor } from '../builder.js'
import type { SymbolicTensor } from '../symbolic.js'
import { checkedDType } from './arithmetic.js'
import { enter, type Operand, promoted, store, toTensor } from './operands.js'
import { type Axes, axisOption, manyAxes, named, oneAxis, wholeNumber } from './options.js'

/** Sizes as users write them: numbers, names from `shape()`, and −1 or null for the one to infer. */
export type ShapeLike = readonly (Size | null)[]

/** The shape, with the names of unknown sizes; reshape, broadcastTo and fills take them back. */
export function shape(x: SymbolicTensor): Shape {
  return x.type.shape
}

/** Keras 2's K.int_shape: null where a size is unknown. */
export function intShape(x: SymbolicTensor): readonly (number | null)[] {
  return x.shape
}

/** The rank. */
export function ndim(x: SymbolicTensor): number {
  return x.rank
}

/** Row-major reshape; the shape includes the batch axis, and one −1 (or null) is inferred. */
export function reshape(x: Operand, newShape: ShapeLike): TracedTensor {
  const a = toTensor('reshape', x)
  const target = newShape.map(size => size ?? -1)
  return a.builder.emit('reshape', [a], { shape: withLoneSymbol(a.type.shape, target) })
}

/** Writes an unknown size in place of −1 where all others cancel, so that a batch stays known as the batch. */
function withLoneSymbol(sizes: Shape, target: Shape): Shape {
  const left = [...sizes]
  const right = target.filter(size => size !== -1)
  if (right.length !== target.length - 1) return target
  for (const size of right.filter(one => typeof one === 'string')) {
    const match = left.indexOf(size)
    if (match < 0) return target
    left.splice(match, 1)
  }
  const unknown = left.filter(size => typeof size === 'string')
  const product = (list: Shape) => sizeOf(list.filter(size => typeof size === 'number'))
  const lone = unknown.length === 1 && product(left) === product(right) && product(left) > 0
  return lone ? target.map(size => (size === -1 ? (unknown[0] as Size) : size)) : target
}

/** Flattens to rank 1. */
export function ravel(x: Operand): TracedTensor {
  return reshape(x, [-1])
}

/** Keras 2's K.batch_flatten: all but the first axis become one. */
export function batchFlatten(x: Operand): TracedTensor {
  const a = toTensor('batchFlatten', x)
  if (a.rank === 0) throw new ShapeError('batchFlatten needs a batch axis', { x: a.type })
  const rest = a.type.shape.slice(1)
  return a.builder.emit('reshape', [a], { shape: [a.type.shape[0] as Size, isConcrete(rest) ? sizeOf(rest) : -1] })
}

/** The axes in a new order; null reverses them. */
type Permutation = readonly number[] | null

/** Reorders axes; without `axes`, reverses them. Axis 0 is the batch axis. */
export function transpose(x: Operand, axes?: Permutation | { readonly axes?: Permutation }): TracedTensor {
  const a = toTensor('transpose', x)
  const chosen = named<Permutation, { axes: Permutation }>('transpose', axes, first => ({ axes: first ?? null })).axes
  const order = chosen ?? a.type.shape.map((_, k) => a.rank - 1 - k)
  return a.builder.emit('transpose', [a], { perm: order.map(axis => oneAxis('transpose', axis, a.type)) })
}

/** Keras 2's K.permute_dimensions: transpose with all axes named. */
export function permuteDimensions(x: Operand, pattern: readonly number[]): TracedTensor {
  return transpose(x, pattern)
}

/** Exchanges two axes. */
export function swapaxes(x: Operand, axis1: number, axis2: number): TracedTensor {
  const a = toTensor('swapaxes', x)
  const [from, to] = [oneAxis('swapaxes', axis1, a.type), oneAxis('swapaxes', axis2, a.type)]
  return transpose(
    a,
    a.type.shape.map((_, k) => (k === from ? to : k === to ? from : k)),
  )
}

/** Moves an axis to another place; the others keep their order. */
export function moveaxis(x: Operand, source: number, destination: number): TracedTensor {
  const a = toTensor('moveaxis', x)
  const [from, to] = [oneAxis('moveaxis', source, a.type), oneAxis('moveaxis', destination, a.type)]
  if (from === to) return a
  const rest = a.type.shape.map((_, k) => k).filter(k => k !== from)
  return transpose(a, [...rest.slice(0, to), from, ...rest.slice(to)])
}

type NewAxes = number | readonly number[]

/** New axes of size 1 where the result will have them. */
export function expandDims(x: Operand, axis: NewAxes | { readonly axis: NewAxes }): TracedTensor {
  const a = toTensor('expandDims', x)
  const list = named<NewAxes, { axis: NewAxes }>('expandDims', axis, first => ({ axis: first ?? -1 })).axis
  const rank = a.rank + (typeof list === 'number' ? 1 : list.length)
  const added = manyAxes('expandDims', list, a.type, rank)
  const sizes = [...a.type.shape]
  return a.builder.emit('reshape', [a], {
    shape: Array.from({ length: rank }, (_, k) => (added.includes(k) ? 1 : (sizes.shift() as Size))),
  })
}

/**
 * Drops axes of size 1; without `axis`, all that are known to be 1. An unknown size is checked when it is bound.
 * @throws ShapeError when an axis named has another size.
 */
export function squeeze(x: Operand, axis?: Axes | { readonly axis?: Axes }): TracedTensor {
  const a = toTensor('squeeze', x)
  const chosen = axisOption<Axes>('squeeze', axis, null)
  const sizes = a.type.shape
  const dropped = chosen === null ? sizes.flatMap((size, k) => (size === 1 ? [k] : [])) : manyAxes('squeeze', chosen, a.type)
  const bad = dropped.find(k => typeof sizes[k] === 'number' && sizes[k] !== 1)
  if (bad !== undefined) throw new ShapeError(`squeeze: axis ${bad} has size ${sizes[bad]}, not 1`, { x: a.type })
  return a.builder.emit('reshape', [a], { shape: sizes.filter((_, k) => !dropped.includes(k)) })
}

/** NumPy's broadcast_to; sizes may be names from `shape()`. */
export function broadcastTo(x: Operand, newShape: Shape): TracedTensor {
  const a = toTensor('broadcastTo', x)
  return a.builder.emit('broadcast', [a], { shape: newShape })
}

/** Joins tensors along an axis: 0 by default, as in Keras 3 (K.concatenate of Keras 2 took the last). */
export function concatenate(xs: readonly Operand[], axis?: number | { readonly axis?: number }): TracedTensor {
  const parts = promoted('concatenate', xs)
  const [first] = parts as [TracedTensor]
  const at = oneAxis('concatenate', axisOption('concatenate', axis, 0), first.type)
  return first.builder.emit('concat', parts, { axis: at })
}

/** Joins tensors of one shape along a new axis, 0 by default. */
export function stack(xs: readonly Operand[], axis?: number | { readonly axis?: number }): TracedTensor {
  const parts = promoted('stack', xs)
  const [first] = parts as [TracedTensor]
  const odd = parts.find(part => part.rank !== first.rank)
  if (odd) throw new ShapeError('stack needs operands of one shape', { first: first.type, other: odd.type })
  const at = oneAxis('stack', axisOption('stack', axis, 0), first.type, first.rank + 1)
  return first.builder.emit(
    'concat',
    parts.map(part => expandDims(part, at)),
    { axis: at },
  )
}

/** Reverses the order along axes, all by default. */
export function flip(x: Operand, axis?: Axes | { readonly axis?: Axes }): TracedTensor {
  const a = toTensor('flip', x)
  return a.builder.emit('reverse', [a], { axes: manyAxes('flip', axisOption<Axes>('flip', axis, null), a.type) })
}

/**
 * Repeats each entry along an axis; without `axis`, of the flattened tensor. This is Keras 3's `repeat`; what Keras 2
 * calls K.repeat is `repeatVector`.
 */
export function repeat(x: Operand, repeats: number, axis?: number | null | { readonly axis?: number | null }): TracedTensor {
  const a = toTensor('repeat', x)
  const chosen = axisOption<number | null>('repeat', axis, null)
  const count = wholeNumber('repeat', 'repeats', repeats)
  if (chosen === null) return repeatAlong(ravel(a), count, 0)
  return repeatAlong(a, count, oneAxis('repeat', chosen, a.type))
}

/** Keras 2's K.repeat_elements: repeat with an axis. */
export function repeatElements(x: Operand, rep: number, axis: number): TracedTensor {
  return repeat(x, rep, axis)
}

/** Keras 2's K.repeat: [batch, features] → [batch, n, features]. */
export function repeatVector(x: Operand, n: number): TracedTensor {
  const a = toTensor('repeatVector', x)
  if (a.rank !== 2) throw new ShapeError('repeatVector needs a tensor of rank 2', { x: a.type })
  const [batch, features] = a.type.shape as readonly [Size, Size]
  return broadcastTo(expandDims(a, 1), [batch, wholeNumber('repeatVector', 'n', n), features])
}

function repeatAlong(x: TracedTensor, count: number, axis: number): TracedTensor {
  const sizes = x.type.shape
  const wide = broadcastTo(expandDims(x, axis + 1), [...sizes.slice(0, axis + 1), count, ...sizes.slice(axis + 1)])
  const size = sizes[axis] as Size
  return reshape(wide, [...sizes.slice(0, axis), typeof size === 'number' ? size * count : -1, ...sizes.slice(axis + 1)])
}

/** Repeats the whole tensor along each axis; one number counts for the last axis, as in NumPy. */
export function tile(x: Operand, repeats: number | readonly number[]): TracedTensor {
  const a = toTensor('tile', x)
  const given = typeof repeats === 'number' ? [repeats] : repeats
  const rank = Math.max(a.rank, given.length)
  const pad = <T>(list: readonly T[], fill: T) => [...Array.from({ length: rank - list.length }, () => fill), ...list]
  const [sizes, counts] = [pad<Size>(a.type.shape, 1), pad(given, 1)]
  let result = reshape(a, sizes)
  counts.forEach((count, axis) => {
    if (wholeNumber('tile', 'repeats', count) === 1) return
    const before = result.type.shape
    const wide = broadcastTo(expandDims(result, axis), [...before.slice(0, axis), count, ...before.slice(axis)])
    const size = before[axis] as Size
    result = reshape(wide, [...before.slice(0, axis), typeof size === 'number' ? size * count : -1, ...before.slice(axis + 1)])
  })
  return result
}

export interface FillOptions {
  readonly dtype?: DType
}

/** Zeros of the operand's shape, in its dtype unless another is given. */
export function zerosLike(x: Operand, dtype?: DType | FillOptions): TracedTensor {
  return fill('zerosLike', x, 0, dtype)
}

/** Ones of the operand's shape, in its dtype unless another is given. */
export function onesLike(x: Operand, dtype?: DType | FillOptions): TracedTensor {
  return fill('onesLike', x, 1, dtype)
}

/** One value in the operand's shape, in its dtype unless another is given. */
export function fullLike(x: Operand, value: number | boolean | SymbolicTensor, dtype?: DType | FillOptions): TracedTensor {
  return fill('fullLike', x, value, dtype)
}

function fill(op: string, x: Operand, value: number | boolean | SymbolicTensor, dtype: DType | FillOptions | undefined): TracedTensor {
  const a = toTensor(op, x)
  const wanted = checkedDType(op, named<DType, { dtype: DType }>(op, dtype, first => ({ dtype: first ?? a.dtype })).dtype)
  if (typeof value === 'object') return broadcastTo(enter(a.builder, value, wanted), a.type.shape)
  return a.builder.constant([store(Number(value), wanted)], { dtype: wanted, shape: a.type.shape })
}

/**
 * start, start + step, … below stop (one argument is the stop), as an NDArray: int32 where all three are whole.
 * @throws ArgumentError when the step is 0.
 */
export function arange(start: number, stop?: number | null, step = 1, dtype?: DType): NDArray {
  const [from, to] = stop === undefined || stop === null ? [0, start] : [start, stop]
  if (step === 0 || ![from, to, step].every(Number.isFinite))
    throw new ArgumentError(`arange: cannot count from ${from} to ${to} by ${step}`)
  const length = Math.max(0, Math.ceil((to - from) / step))
  const whole = [from, to, step].every(Number.isInteger)
  return ndarray(
    Array.from({ length }, (_, k) => from + k * step),
    checkedDType('arange', dtype ?? (whole ? 'int32' : 'float32')),
  )
}
