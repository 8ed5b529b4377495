// Tensors taken and laid out anew: by indices, with cells around them, as one-hot.

import { ArgumentError, DTypeError, ShapeError } from '../../ir/errors.js'
import { NDArray } from '../../ir/ndarray.js'
import type { DType, Size } from '../../ir/types.js'
import type { TracedTensor } from '../builder.js'
import { indexingOps, windowOps } from '../rareOps.js'
import { checkedDType } from './arithmetic.js'
import { getItem } from './indexing.js'
import { concatenate, moveaxis, ravel } from './movement.js'
import { builderOf, cast, dtypeOf, enter, type Operand, scalar, store, toTensor } from './operands.js'
import { axisOption, named, oneAxis, wholeNumber } from './options.js'

export interface TakeOptions {
  readonly axis?: number | null
}

/**
 * Entries along an axis (of the flattened tensor without one) by int32 indices; negative ones count from the end, ones
 * outside are clamped. The result has the indices' shape in place of the axis.
 */
export function take(x: Operand, indices: Operand, axis?: number | null | TakeOptions): TracedTensor {
  const chosen = axisOption<number | null>('take', axis, null)
  const builder = builderOf('take', [x, indices])
  const whole = enter(builder, x, dtypeOf(x))
  const [source, at] = chosen === null ? [ravel(whole), 0] : [whole, oneAxis('take', chosen, whole.type)]
  return builder.emitFrom(indexingOps, 'gather', [source, countedFromStart(source, indices, at)], { axis: at })
}

/** Indices with n added to negative ones; nothing is computed for literals that have none. */
function countedFromStart(x: TracedTensor, indices: Operand, axis: number): TracedTensor {
  const { builder } = x
  const at = wholeIndices('take', enter(builder, indices, dtypeOf(indices)))
  const literals = typeof indices === 'number' ? [indices] : indices instanceof NDArray ? Array.from(indices.data) : undefined
  if (literals?.every(index => index >= 0)) return at
  const wrapped = builder.emit('add', [at, sizeAlong(x, axis)], {})
  return builder.emit('select', [builder.emit('less', [at, scalar(at, 0)], {}), wrapped, at], {})
}

/** The number of elements along an axis as an int32 scalar, counted by the run where it is unknown. */
function sizeAlong(x: TracedTensor, axis: number): TracedTensor {
  const size = x.type.shape[axis] as Size
  if (typeof size === 'number') return scalar(x, size, 'int32')
  const ones = x.builder.emit('broadcast', [scalar(x, 1, 'int32')], { shape: [size] })
  return x.builder.emit('reduce_sum', [ones], { axes: [0], keepdims: false })
}

/** Keras 2's K.gather: rows of the first axis by int32 indices, clamped; negative ones do not count from the end. */
export function gather(reference: Operand, indices: Operand): TracedTensor {
  const builder = builderOf('gather', [reference, indices])
  const rows = enter(builder, reference, dtypeOf(reference))
  oneAxis('gather', 0, rows.type)
  return builder.emitFrom(indexingOps, 'gather', [rows, wholeIndices('gather', enter(builder, indices, dtypeOf(indices)))], { axis: 0 })
}

function wholeIndices(op: string, indices: TracedTensor): TracedTensor {
  if (indices.dtype === 'float32') {
    throw new DTypeError(`${op} needs whole indices`, { indices: indices.type }, "cast(indices, 'int32') truncates")
  }
  return cast(indices, 'int32')
}

/** Cells before and after: one number for all, a pair for all axes, or a pair per axis. */
export type PadWidth = number | readonly [number, number] | readonly (readonly [number, number])[]

export type PadMode = 'constant' | 'reflect' | 'symmetric'

export interface PadOptions {
  /** `constant` by default; `reflect` mirrors without the border, `symmetric` with it. */
  readonly mode: PadMode
  /** The value of new cells in mode `constant`; 0 by default. */
  readonly constantValues: number | boolean | null
}

/** Adds cells around each axis, the batch axis included. */
export function pad(x: Operand, padWidth: PadWidth, mode?: PadMode | Partial<PadOptions>, constantValues?: number): TracedTensor {
  const options = named<PadMode, PadOptions>('pad', mode, first => ({ mode: first ?? 'constant', constantValues: constantValues ?? null }))
  const a = toTensor('pad', x)
  const widths = padWidths(a, padWidth)
  if (options.mode === 'constant') {
    const value = scalar(a, store(Number(options.constantValues ?? 0), a.dtype))
    return a.builder.emitFrom(windowOps, 'pad', [a, value], { low: widths.map(([low]) => low), high: widths.map(([, high]) => high) })
  }
  if (options.mode !== 'reflect' && options.mode !== 'symmetric') {
    throw new ArgumentError(`pad: there is no mode "${String(options.mode)}"`, 'modes are constant, reflect and symmetric')
  }
  if (options.constantValues !== null) throw new ArgumentError(`pad: constantValues has no meaning in mode ${options.mode}`)
  const border = options.mode === 'reflect' ? 1 : 0
  return widths.reduce((padded, [low, high], axis) => mirror(padded, axis, low, high, border), a)
}

/** Adds mirror images of the first and last cells, leaving out `border` of them. */
function mirror(x: TracedTensor, axis: number, low: number, high: number, border: number): TracedTensor {
  if (low === 0 && high === 0) return x
  const size = x.type.shape[axis] as Size
  if (typeof size === 'number' && Math.max(low, high) > size - border) {
    throw new ShapeError(`pad: cannot mirror ${Math.max(low, high)} cells of axis ${axis} of size ${size}`, { x: x.type })
  }
  const part = (start: number, stop: number | null) => {
    const cut = getItem(x, [...Array.from({ length: axis }, () => ({})), { start, stop }])
    return cut.builder.emit('reverse', [cut], { axes: [axis] })
  }
  const before = low > 0 ? [part(border, border + low)] : []
  const after = high > 0 ? [part(-border - high, border === 0 ? null : -border)] : []
  return concatenate([...before, x, ...after], axis)
}

function padWidths(x: TracedTensor, width: PadWidth): (readonly [number, number])[] {
  const pairs = x.type.shape.map((_, axis): readonly [number, number] => {
    if (typeof width === 'number') return [width, width]
    if (isPair(width)) return width
    return (width.length === 1 ? width[0] : width[axis]) ?? [Number.NaN, Number.NaN]
  })
  const perAxis = typeof width === 'number' || isPair(width) || width.length === 1 || width.length === x.rank
  if (!perAxis || pairs.flat().some(cells => !Number.isInteger(cells) || cells < 0)) {
    throw new ArgumentError(`pad: padWidth ${JSON.stringify(width)} is no pair of whole numbers ≥ 0 for each of ${x.rank} axes`)
  }
  return pairs
}

function isPair(width: PadWidth): width is readonly [number, number] {
  return Array.isArray(width) && width.length === 2 && width.every(cells => typeof cells === 'number')
}

export interface OneHotOptions {
  /** Where the new axis goes; last by default. */
  readonly axis: number
  readonly dtype: DType
}

/** A new axis of `numClasses` that is 1 at each int32 class; classes out of range give zeros. */
export function oneHot(x: Operand, numClasses: number, axis?: number | Partial<OneHotOptions>, dtype?: DType): TracedTensor {
  const options = named<number, OneHotOptions>('oneHot', axis, first => ({ axis: first ?? -1, dtype: dtype ?? 'float32' }))
  const a = wholeIndices('oneHot', toTensor('oneHot', x))
  const depth = wholeNumber('oneHot', 'numClasses', numClasses)
  const hot = a.builder.emitFrom(indexingOps, 'one_hot', [a], { depth, dtype: checkedDType('oneHot', options.dtype) })
  return moveaxis(hot, -1, oneAxis('oneHot', options.axis, a.type, a.rank + 1))
}
