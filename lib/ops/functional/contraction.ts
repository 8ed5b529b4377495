// Contractions: matmul, dot, tensordot and Keras 2's batch_dot, by reshaping to the one primitive.

import { ShapeError } from '../../ir/errors.js'
import { type Shape, type Size, sizeOf } from '../../ir/types.js'
import type { TracedTensor } from '../builder.js'
import { multiply } from './arithmetic.js'
import { cast, type Operand, promotedPair } from './operands.js'
import { named, oneAxis, wholeNumber } from './options.js'

/** NumPy's matmul: the last axis against the last but one; a vector counts as a row on the left, a column on the right. */
export function matmul(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('matmul', x1, x2)
  if (a.rank === 0 || b.rank === 0)
    throw new ShapeError('matmul needs operands of rank 1 or more', { x1: a.type, x2: b.type }, 'use multiply()')
  const [left, right] = [a.rank === 1 ? reshaped(a, [1, ...a.type.shape]) : a, b.rank === 1 ? reshaped(b, [...b.type.shape, 1]) : b]
  const product = contract(left, right)
  if (a.rank > 1 && b.rank > 1) return product
  const sizes = product.type.shape
  return reshaped(product, [...sizes.slice(0, -2), ...(a.rank === 1 ? [] : sizes.slice(-2, -1)), ...(b.rank === 1 ? [] : sizes.slice(-1))])
}

/** The primitive; of bools, whether any pair is true in both. */
function contract(a: TracedTensor, b: TracedTensor): TracedTensor {
  const { builder } = a
  if (a.dtype !== 'bool') return builder.emit('matmul', [a, b], {})
  return cast(builder.emit('matmul', [cast(a, 'int32'), cast(b, 'int32')], {}), 'bool')
}

/** NumPy's dot: the last axis against the last but one of x2 (its only one); a scalar multiplies. */
export function dot(x1: Operand, x2: Operand): TracedTensor {
  const [a, b] = promotedPair('dot', x1, x2)
  if (a.rank === 0 || b.rank === 0) return multiply(a, b)
  if (a.rank <= 2 && b.rank <= 2) return matmul(a, b)
  return contractAxes('dot', a, b, [a.rank - 1], [Math.max(0, b.rank - 2)])
}

/** How many axes, or which of each operand. */
export type DotAxes = number | readonly [number | readonly number[], number | readonly number[]]

/** NumPy's tensordot: the last n axes against the first n, or the axes named for each operand. */
export function tensordot(x1: Operand, x2: Operand, axes?: DotAxes | { readonly axes?: DotAxes }): TracedTensor {
  const [a, b] = promotedPair('tensordot', x1, x2)
  const chosen = named<DotAxes, { axes: DotAxes }>('tensordot', axes, first => ({ axes: first ?? 2 })).axes
  if (typeof chosen === 'number') {
    const count = wholeNumber('tensordot', 'axes', chosen)
    const range = (from: number) => Array.from({ length: count }, (_, k) => from + k)
    return contractAxes('tensordot', a, b, range(a.rank - count), range(0))
  }
  const list = (part: number | readonly number[]) => (typeof part === 'number' ? [part] : part)
  return contractAxes('tensordot', a, b, list(chosen[0]), list(chosen[1]))
}

/** Sums over pairs of axes; what is left of x1 comes first, then what is left of x2. */
function contractAxes(op: string, a: TracedTensor, b: TracedTensor, of1: readonly number[], of2: readonly number[]): TracedTensor {
  const operands = { x1: a.type, x2: b.type }
  const [axes1, axes2] = [of1.map(axis => oneAxis(op, axis, a.type)), of2.map(axis => oneAxis(op, axis, b.type))]
  const pairs = axes1.map((axis, k) => [a.type.shape[axis] as Size, b.type.shape[axes2[k] as number]] as const)
  const repeated = new Set(axes1).size < axes1.length || new Set(axes2).size < axes2.length
  if (axes1.length !== axes2.length || repeated || pairs.some(([m, n]) => typeof m === 'number' && typeof n === 'number' && m !== n)) {
    throw new ShapeError(`${op}: axes [${of1.join(', ')}] and [${of2.join(', ')}] do not pair up`, operands)
  }
  const [free1, free2] = [others(a, axes1), others(b, axes2)]
  const inner = merged(
    op,
    pairs.map(([m, n]) => (typeof m === 'number' ? m : (n as Size))),
    operands,
  )
  const sizes = (x: TracedTensor, axes: readonly number[]) => axes.map(axis => x.type.shape[axis] as Size)
  const left = reshaped(permuted(a, [...free1, ...axes1]), [merged(op, sizes(a, free1), operands), inner])
  const right = reshaped(permuted(b, [...axes2, ...free2]), [inner, merged(op, sizes(b, free2), operands)])
  return reshaped(contract(left, right), [...sizes(a, free1), ...sizes(b, free2)])
}

/**
 * Keras 2's K.batch_dot: for each entry of the first axis, sums over one axis of each; by default the last of x and the
 * last but one of y. Two matrices give [batch, 1].
 * Source: keras 2.3.1 backend/tensorflow_backend.py batch_dot.
 */
export function batchDot(x: Operand, y: Operand, axes?: number | readonly [number, number] | null): TracedTensor {
  const [a, b] = promotedPair('batchDot', x, y)
  const operands = { x: a.type, y: b.type }
  if (a.rank < 2 || b.rank < 2) throw new ShapeError('batchDot needs operands of rank 2 or more', operands)
  const [of1, of2] = typeof axes === 'number' ? [axes, axes] : (axes ?? [a.rank - 1, Math.max(1, b.rank - 2)])
  const [axis1, axis2] = [oneAxis('batchDot', of1, a.type), oneAxis('batchDot', of2, b.type)]
  if (axis1 === 0 || axis2 === 0) throw new ShapeError('batchDot cannot sum over the batch axis', operands)
  const [m, n] = [a.type.shape[axis1] as Size, b.type.shape[axis2] as Size]
  if (typeof m === 'number' && typeof n === 'number' && m !== n) {
    throw new ShapeError(`batchDot: axis ${axis1} of x has size ${m}, but axis ${axis2} of y ${n}`, operands)
  }
  const batch = a.type.shape[0] as Size
  const [free1, free2] = [others(a, [0, axis1]), others(b, [0, axis2])]
  const sizes = (from: TracedTensor, kept: readonly number[]) => kept.map(axis => from.type.shape[axis] as Size)
  const left = reshaped(permuted(a, [0, ...free1, axis1]), [batch, merged('batchDot', sizes(a, free1), operands), m])
  const right = reshaped(permuted(b, [0, axis2, ...free2]), [b.type.shape[0] as Size, n, merged('batchDot', sizes(b, free2), operands)])
  const product = contract(left, right)
  const rest = [...sizes(a, free1), ...sizes(b, free2)]
  return reshaped(product, [product.type.shape[0] as Size, ...(rest.length > 0 ? rest : [1])])
}

function others(x: TracedTensor, axes: readonly number[]): number[] {
  return x.type.shape.map((_, axis) => axis).filter(axis => !axes.includes(axis))
}

/** The size of several axes as one: known, the only one there is, or −1 for reshape to infer. */
function merged(op: string, sizes: Shape, operands: { [name: string]: TracedTensor['type'] }): Size {
  const known = sizes.filter(size => typeof size === 'number')
  if (known.length === sizes.length) return sizeOf(known)
  const unknown = sizes.filter(size => typeof size === 'string')
  if (unknown.length > 1) throw new ShapeError(`${op}: more than one of the axes [${sizes.join(', ')}] is unknown`, operands)
  return sizeOf(known) === 1 ? (unknown[0] as Size) : -1
}

function permuted(x: TracedTensor, perm: readonly number[]): TracedTensor {
  return perm.every((axis, k) => axis === k) ? x : x.builder.emit('transpose', [x], { perm })
}

function reshaped(x: TracedTensor, shape: Shape): TracedTensor {
  const same = shape.length === x.rank && shape.every((size, axis) => size === x.type.shape[axis])
  return same ? x : x.builder.emit('reshape', [x], { shape })
}
