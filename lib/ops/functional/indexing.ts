// Parts of tensors along their axes: slices, Python's indexing, split.

import { ArgumentError, ShapeError } from '../../ir/errors.js'
import type { Size } from '../../ir/types.js'
import type { TracedTensor } from '../builder.js'
import { type Operand, toTensor } from './operands.js'
import { axisOption, oneAxis, wholeNumber } from './options.js'

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
