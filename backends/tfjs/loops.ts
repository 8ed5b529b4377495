// Our own loops over the engines' memory: for moving data, and for what tfjs computes wrongly or slowly.

import type { TypedData } from '../../lib/ir/ndarray.js'

/** Fills a new tensor from others; `target` may hold anything before. */
export type Loop = (target: TypedData, sources: readonly TypedData[]) => void

/** Where the elements of a tensor stand: at `start` plus each index times its stride. */
export interface Layout {
  readonly strides: readonly number[]
  readonly start: number
}

/** Shorter runs than this are copied element by element: a typed array's own copy takes longer to begin. */
const longRun = 24

/** Applies `f` to each element. */
export function mapLoop(f: (x: number) => number): Loop {
  return (target, [source]) => {
    if (source) for (let k = 0; k < target.length; k++) target[k] = f(source[k] as number)
  }
}

/** Copies a box of `shape` from one layout to another. */
export function copyLoop(shape: readonly number[], from: Layout, to: Layout): Loop {
  const axes = mergedAxes(shape, from, to)
  const inner = axes.pop() ?? { size: 1, from: 0, to: 0 }
  return (target, [source]) => {
    if (!source) return
    const run = runOf(inner, source, target)
    const visit = (axis: number, at: number, put: number): void => {
      const outer = axes[axis]
      if (!outer) run(at, put)
      else for (let k = 0; k < outer.size; k++) visit(axis + 1, at + k * outer.from, put + k * outer.to)
    }
    visit(0, from.start, to.start)
  }
}

/** Takes rows along the middle of [outer, length, inner], by indices clamped to it. */
export function gatherLoop(outer: number, length: number, inner: number): Loop {
  return (target, [source, indices]) => {
    if (!source || !indices) return
    const run = runOf({ size: inner, from: 1, to: 1 }, source, target)
    let put = 0
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < indices.length; k++) {
        run((o * length + Math.max(0, Math.min(length - 1, indices[k] as number))) * inner, put)
        put += inner
      }
    }
  }
}

interface Axis {
  readonly size: number
  readonly from: number
  readonly to: number
}

/** Axes of more than one element, joined where both sides step through them as through one. */
function mergedAxes(shape: readonly number[], from: Layout, to: Layout): Axis[] {
  const axes: Axis[] = []
  shape.forEach((size, k) => {
    if (size === 1) return
    const axis = { size, from: from.strides[k] as number, to: to.strides[k] as number }
    const last = axes.at(-1)
    if (last && last.from === axis.from * size && last.to === axis.to * size) axes[axes.length - 1] = { ...axis, size: last.size * size }
    else axes.push(axis)
  })
  return axes
}

/** The copy of one run, from `at` to `put`. */
function runOf({ size, from, to }: Axis, source: TypedData, target: TypedData): (at: number, put: number) => void {
  if (to === 1 && from === 1 && size >= longRun) {
    return (at, put) => {
      target.set(source.subarray(at, at + size), put)
    }
  }
  if (to === 1 && from === 0 && size >= longRun) {
    return (at, put) => {
      target.fill(source[at] as number, put, put + size)
    }
  }
  return (at, put) => {
    for (let k = 0; k < size; k++) target[put + k * to] = source[at + k * from] as number
  }
}
