// Parts of tensors: slices, Python's indexing, take, split, padding, one-hot.

import { ArgumentError, DTypeError, ShapeError } from '../../ir/errors.js'
import { NDArray } from '../../ir/ndarray.js'
import type { DType, Size } from '../../ir/types.js'
import type { TracedTensor } from '../builder.js'
import { checkedDType } from './arithmetic.js'
import { concatenate, moveaxis, ravel } from './movement.js'
import { builderOf, cast, dtypeOf, enter, type Operand, scalar, store, toTensor } from './operands.js'
import { axisOption, named, oneAxis, wholeNumber } from './options.js'

/** The part that begins at `startIndices` and has `shape`; −1 takes the rest of an axis. */
export function slice(x: Operand, startIndices: readonly number[], shape: readonly number[]): TracedTensor {
  const a = toTensor('slice', x)
  if (startIndices.length !== a.rank || shape.length !== a.rank) {
    throw new ShapeError(`slice needs a start and a size for each of the ${a.rank} axes`, { x: a.type })
  }
  const end = shape.map((count, axis) => {
    const [start, size] = [wholeNumber('slice', 'a start index', startIndices[axis] as number), a.type.shape[axis] as Size]
    if (count === -1) return null
    const stop = start + wholeNumber('slice', 'a size', count)
    if (typeof size === 'number' && stop > size) {
      throw new ShapeError(`slice: ${start} + ${count} goes beyond axis ${axis} of size ${size}`, { x: a.type })
    }
    return stop
  })
  return a.builder.emit('slice', [a], { begin: startIndices, end, strides: startIndices.map(() => 1) })
}

/** Python's `start:stop:step`; what is left out, or null, is Python's default. */
export interface Range {
  readonly start?: number | null
  readonly stop?: number | null
  readonly step?: number | null
}

/** A part of an index: an entry, a range, `'...'` for all axes between, null for a new axis. */
export type Index = number | Range | '...' | null

/**
 * Python's `x[index]`: `getItem(x, ['...', { stop: -1 }, 0])` is `x[..., :-1, 0]`.
 * @throws ShapeError for too many indices or an entry out of range, ArgumentError for a step of 0.
 */
export function getItem(x: Operand, index: Index | readonly Index[]): TracedTensor {
  const a = toTensor('getItem', x)
  const parts = expandEllipsis(a, isList(index) ? index : [index])
  const begin: number[] = []
  const end: (number | null)[] = []
  const strides: number[] = []
  const flipped: number[] = []
  const result: ('new' | 'drop' | 'keep')[] = []
  let axis = 0
  for (const part of parts) {
    if (part === null) {
      result.push('new')
      continue
    }
    const bounds = typeof part === 'number' ? entryBounds(a, axis, part) : rangeBounds(part)
    if (bounds.flip) flipped.push(axis)
    begin.push(bounds.begin)
    end.push(bounds.end)
    strides.push(bounds.step)
    result.push(typeof part === 'number' ? 'drop' : 'keep')
    axis++
  }
  const source = flipped.length > 0 ? a.builder.emit('reverse', [a], { axes: flipped }) : a
  const whole = begin.every((start, k) => start === 0 && end[k] === null && strides[k] === 1)
  const cut = whole ? source : source.builder.emit('slice', [source], { begin, end, strides })
  const sizes = [...cut.type.shape]
  const shape = result.flatMap(kind => {
    if (kind === 'new') return [1]
    const size = sizes.shift() as Size
    return kind === 'keep' ? [size] : []
  })
  return result.every(kind => kind === 'keep') ? cut : cut.builder.emit('reshape', [cut], { shape })
}

function isList(index: Index | readonly Index[]): index is readonly Index[] {
  return Array.isArray(index)
}

/** Fills in the axes that an ellipsis, or the end, leaves out. */
function expandEllipsis(x: TracedTensor, index: readonly Index[]): (number | Range | null)[] {
  const used = index.filter(part => part !== null && part !== '...').length
  if (used > x.rank) throw new ShapeError(`getItem: ${used} indices for a tensor of rank ${x.rank}`, { x: x.type })
  if (index.filter(part => part === '...').length > 1) throw new ArgumentError("getItem: '...' may stand once")
  const rest = Array.from({ length: x.rank - used }, (): Range => ({}))
  const complete = index.includes('...') ? index : [...index, '...' as const]
  return complete.flatMap(part => (part === '...' ? rest : [part]))
}

interface Bounds {
  readonly begin: number
  readonly end: number | null
  readonly step: number
  readonly flip: boolean
}

function entryBounds(x: TracedTensor, axis: number, entry: number): Bounds {
  const size = x.type.shape[axis] as Size
  const ok = Number.isInteger(entry) && (typeof size === 'string' || (entry >= -size && entry < size))
  if (!ok) throw new ShapeError(`getItem: there is no entry ${entry} along axis ${axis} of size ${size}`, { x: x.type })
  return { begin: entry, end: entry === -1 ? null : entry + 1, step: 1, flip: false }
}

/** A negative step reads the reversed axis, where entry i counts as −1 − i. */
function rangeBounds({ start = null, stop = null, step: given = null }: Range): Bounds {
  const step = given ?? 1
  const whole = [start ?? 0, stop ?? 0, step].every(Number.isInteger)
  if (step === 0 || !whole) throw new ArgumentError(`getItem: ${start}:${stop}:${given} is no range`, 'a step is not 0; bounds are whole')
  if (step > 0) return { begin: start ?? 0, end: stop, step, flip: false }
  return { begin: start === null ? 0 : -1 - start, end: stop === null ? null : -1 - stop, step: -step, flip: true }
}

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
  return builder.emit('gather', [source, countedFromStart(source, indices, at)], { axis: at })
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
  return builder.emit('gather', [rows, wholeIndices('gather', enter(builder, indices, dtypeOf(indices)))], { axis: 0 })
}

function wholeIndices(op: string, indices: TracedTensor): TracedTensor {
  if (indices.dtype === 'float32') {
    throw new DTypeError(`${op} needs whole indices`, { indices: indices.type }, "cast(indices, 'int32') truncates")
  }
  return cast(indices, 'int32')
}

/**
 * Cuts an axis (0 by default) into equal sections, or before each index of a list.
 * @throws ShapeError when the size is unknown or does not divide.
 */
export function split(
  x: Operand,
  indicesOrSections: number | readonly number[],
  axis?: number | { readonly axis?: number },
): TracedTensor[] {
  const a = toTensor('split', x)
  const at = oneAxis('split', axisOption('split', axis, 0), a.type)
  const size = a.type.shape[at] as Size
  let cuts: readonly number[]
  if (typeof indicesOrSections === 'number') {
    const sections = wholeNumber('split', 'sections', indicesOrSections, 1)
    if (typeof size !== 'number' || size % sections !== 0) {
      throw new ShapeError(`split: axis ${at} of size ${size} does not divide into ${sections}`, { x: a.type })
    }
    cuts = Array.from({ length: sections - 1 }, (_, k) => ((k + 1) * size) / sections)
  } else cuts = indicesOrSections
  const ends = [...cuts, null]
  return ends.map((stop, k) =>
    getItem(a, [...Array.from({ length: at }, () => ({})), { start: k === 0 ? 0 : (cuts[k - 1] as number), stop }]),
  )
}

/** The entries along an axis (0 by default) as a list. @throws ShapeError when the size is unknown. */
export function unstack(x: Operand, axis?: number | { readonly axis?: number }): TracedTensor[] {
  const a = toTensor('unstack', x)
  const at = oneAxis('unstack', axisOption('unstack', axis, 0), a.type)
  const size = a.type.shape[at] as Size
  if (typeof size !== 'number') throw new ShapeError(`unstack: the size of axis ${at} is unknown`, { x: a.type })
  return Array.from({ length: size }, (_, k) => getItem(a, [...Array.from({ length: at }, () => ({})), k]))
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
    return a.builder.emit('pad', [a, value], { low: widths.map(([low]) => low), high: widths.map(([, high]) => high) })
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
  const hot = a.builder.emit('one_hot', [a], { depth, dtype: checkedDType('oneHot', options.dtype) })
  return moveaxis(hot, -1, oneAxis('oneHot', options.axis, a.type, a.rank + 1))
}
