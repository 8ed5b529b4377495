// An axis that windows slide over, and which of its taps exist at a position.

import type { FunctionAssembler, Local } from '../assembler.js'

/** One spatial axis. */
export interface WindowAxis {
  readonly size: number
  readonly taps: number
  readonly stride: number
  readonly dilation: number
  readonly low: number
  readonly positions: number
}

/** A number of loop steps, known now or in a local. */
export type Count = number | Local

/** The first position whose window is whole, and the one behind the last. */
export function interior({ size, taps, stride, dilation, low, positions }: WindowAxis): readonly [number, number] {
  const first = Math.max(0, Math.ceil(low / stride))
  const last = Math.floor((size - 1 + low - (taps - 1) * dilation) / stride)
  return [Math.min(first, positions), Math.min(positions, last + 1)]
}

/** Whether every window of an axis lies inside it. */
export function neverCut({ size, taps, stride, dilation, low, positions }: WindowAxis): boolean {
  return low <= 0 && (positions - 1) * stride - low + (taps - 1) * dilation < size
}

interface Range {
  /** The cell of the first tap that exists. */
  readonly first: Local
  /** That tap, if it can be another than 0. */
  readonly low: Local | undefined
  readonly count: Count
}

/** Which taps of an axis exist at a position. The caller releases the locals. */
export function pushRange(f: FunctionAssembler, axis: WindowAxis, position: Local): Range {
  const { size, taps, stride, dilation, low: padding } = axis
  const first = f.local('i32')
  f.get(position)
  f.i32(stride)
  f.op('i32.mul')
  f.i32(padding)
  f.op('i32.sub')
  f.set(first)
  if (neverCut(axis)) return { first, low: undefined, count: taps }
  const [low, count] = [f.local('i32'), f.local('i32')]
  const tapsBelow = (target: Local, push: () => void): void => {
    push()
    f.set(target)
    clamp(f, target, 0, 'i32.gt_s')
    if (dilation === 1) return
    f.get(target)
    f.i32(dilation)
    f.op('i32.div_u')
    f.set(target)
  }
  tapsBelow(low, () => {
    f.i32(dilation - 1)
    f.get(first)
    f.op('i32.sub')
  })
  tapsBelow(count, () => {
    f.i32(size - 1 + dilation)
    f.get(first)
    f.op('i32.sub')
  })
  clamp(f, count, taps, 'i32.lt_s')
  f.get(count)
  f.get(low)
  f.op('i32.sub')
  f.set(count)
  clamp(f, count, 0, 'i32.gt_s')
  f.get(low)
  f.i32(dilation)
  f.op('i32.mul')
  f.get(first)
  f.op('i32.add')
  f.set(first)
  return { first, low, count }
}

/** Keeps `local` where it compares so with a limit, else sets it to the limit. */
function clamp(f: FunctionAssembler, local: Local, limit: number, op: 'i32.gt_s' | 'i32.lt_s'): void {
  f.get(local)
  f.i32(limit)
  f.get(local)
  f.i32(limit)
  f.op(op)
  f.op('select_i32')
  f.set(local)
}
