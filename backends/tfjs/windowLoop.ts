// Our own loop over windows: for what the pooling kernels of tfjs refuse, get wrong, or do not have.

import type { TypedData } from '../../lib/ir/ndarray.js'
import { stridesOf } from '../../lib/ops/shapes.js'
import type { Loop } from './loops.js'

/** Windows over [batch, ...spatial, channels]; one entry per spatial axis in each list. */
export interface WindowPlan {
  readonly batch: number
  readonly channels: number
  readonly sizes: readonly number[]
  readonly results: readonly number[]
  readonly window: readonly number[]
  readonly strides: readonly number[]
  /** Cells of padding before the first; negative where some are cut off. */
  readonly low: readonly number[]
}

export type WindowFold = 'max' | 'sum' | 'mean'

/** Of the elements at `from` plus each of `count` offsets. */
type Folded = (source: TypedData, from: number, offsets: Int32Array, count: number) => number

const folds = { max: largest, sum: total, mean } satisfies Record<WindowFold, Folded>

function largest(source: TypedData, from: number, offsets: Int32Array, count: number): number {
  let value = source instanceof Int32Array ? -2147483648 : -Infinity
  for (let k = 0; k < count; k++) {
    const x = source[from + (offsets[k] as number)] as number
    if (x > value || Number.isNaN(x)) value = x
  }
  return value
}

function total(source: TypedData, from: number, offsets: Int32Array, count: number): number {
  let value = 0
  for (let k = 0; k < count; k++) value += source[from + (offsets[k] as number)] as number
  return value
}

function mean(source: TypedData, from: number, offsets: Int32Array, count: number): number {
  return total(source, from, offsets, count) / count
}

/** Folds the cells of each window that exist. Of none, the maximum is the least there is, the mean NaN. */
export function windowLoop(plan: WindowPlan, fold: WindowFold): Loop {
  const { batch, channels, sizes, results, window } = plan
  const steps = stridesOf(sizes).map(stride => stride * channels)
  const image = sizes.reduce((cells, size) => cells * size, channels)
  const positions = results.reduce((count, size) => count * size, 1)
  return (target, [source]) => {
    if (!source) return
    const folded = folds[fold]
    const cells = new Int32Array(window.reduce((count, size) => count * size, 1))
    const index = results.map(() => 0)
    for (let position = 0; position < positions; position++) {
      const count = cellsAt(plan, steps, index, cells)
      for (let b = 0; b < batch; b++) {
        const [from, to] = [b * image, (b * positions + position) * channels]
        for (let c = 0; c < channels; c++) target[to + c] = folded(source, from + c, cells, count)
      }
      advance(index, results)
    }
  }
}

/** Writes the offsets of a window's cells that lie inside the operand; gives their number. */
function cellsAt(plan: WindowPlan, steps: readonly number[], index: readonly number[], cells: Int32Array): number {
  const { sizes, window, strides, low } = plan
  let count = 1
  cells[0] = 0
  for (let axis = 0; axis < sizes.length; axis++) {
    const begin = (index[axis] as number) * (strides[axis] as number) - (low[axis] as number)
    const first = Math.max(0, begin)
    const last = Math.min(sizes[axis] as number, begin + (window[axis] as number)) - 1
    const length = Math.max(0, last - first + 1)
    // backwards, so that the offsets of the axes before are read before they are written over
    for (let k = count - 1; k >= 0; k--) {
      const base = cells[k] as number
      for (let j = length - 1; j >= 0; j--) cells[k * length + j] = base + (first + j) * (steps[axis] as number)
    }
    count *= length
  }
  return count
}

/** The next index in row-major order. */
function advance(index: number[], sizes: readonly number[]): void {
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const next = (index[axis] as number) + 1
    if (next < (sizes[axis] as number)) {
      index[axis] = next
      return
    }
    index[axis] = 0
  }
}
