// softmax and log_softmax along the last axis: one pass for the maximum, one for the sum, one for the result.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { expNonPositive } from '../math/exp.js'
import type { Unary } from '../math/index.js'
import { acrossLanes, pushLaneMask } from './combine.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from './loops.js'

/** Rows up to this many vectors stay in locals from end to end. */
const shortRow = 6

/**
 * Pointers (result, operand), both [rows, length]; the extent is rows. The result may take the operand's place. With
 * `log`, the code for logarithms, it is log_softmax.
 */
export function softmax(rows: number, length: number, log: Unary | undefined): Kernel {
  return {
    key: `${log ? 'log_softmax' : 'softmax'} [${rows},${length}]`,
    extent: rows,
    inPlace: [0],
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [to, from, begin, end] = f.params as [Local, Local, Local, Local]
        advanceBy(f, to, begin, length * 4)
        advanceBy(f, from, begin, length * 4)
        const row = length <= shortRow * 4 ? shortRows(f, length, log) : longRows(f, length, log)
        between(f, begin, end, () => {
          row(to, from)
          advance(f, to, length * 4)
          advance(f, from, length * 4)
        })
      }),
  }
}

/** `value` where the row has elements, `otherwise` in the lanes behind it. Leaves the vector on the stack. */
function pushLive(f: FunctionAssembler, value: Local, lanes: number, otherwise: number): void {
  f.get(value)
  if (lanes >= 4) return
  f.splat(otherwise)
  pushLaneMask(f, lanes)
  f.op('v128.bitselect')
}

function shortRows(f: FunctionAssembler, length: number, log: Unary | undefined): (to: Local, from: Local) => void {
  const values = Array.from({ length: Math.ceil(length / 4) }, () => f.local('v128'))
  const [top, sum, e] = [f.local('v128'), f.local('v128'), f.local('v128')]
  const lanesOf = (k: number): number => Math.min(4, length - 4 * k)
  return (to, from) => {
    values.forEach((value, k) => {
      f.get(from)
      f.op('v128.load', 16 * k)
      f.set(value)
      if (k > 0) f.get(top)
      pushLive(f, value, lanesOf(k), -Infinity)
      if (k > 0) f.op('f32x4.pmax')
      f.set(top)
    })
    acrossLanes(f, top, 'f32x4.pmax')
    values.forEach((value, k) => {
      f.get(value)
      f.get(top)
      f.op('f32x4.sub')
      f.set(value)
      expNonPositive(f, value)
      f.set(log ? e : value)
      if (k > 0) f.get(sum)
      pushLive(f, log ? e : value, lanesOf(k), 0)
      if (k > 0) f.op('f32x4.add')
      f.set(sum)
    })
    acrossLanes(f, sum, 'f32x4.add')
    finishSum(f, sum, log)
    values.forEach((value, k) => {
      f.get(value)
      f.get(sum)
      f.op(log ? 'f32x4.sub' : 'f32x4.mul')
      f.set(value)
      storeLanes(f, to, value, lanesOf(k), 16 * k)
    })
  }
}

/** What each exponential is multiplied by, or each logarithm lessened by. */
export function finishSum(f: FunctionAssembler, sum: Local, log: Unary | undefined): void {
  if (log) log(f, sum)
  else {
    f.splat(1)
    f.get(sum)
    f.op('f32x4.div')
  }
  f.set(sum)
}

/** Passes over rows that do not fit into locals. */
export class RowPasses {
  readonly value: Local
  readonly top: Local
  readonly sum: Local
  private readonly f: FunctionAssembler
  private readonly length: number

  constructor(f: FunctionAssembler, length: number) {
    this.f = f
    this.length = length
    ;[this.value, this.top, this.sum] = [f.local('v128'), f.local('v128'), f.local('v128')]
  }

  /** Loads each vector of a row, from the first pointer, into `value` for `body`, which is told how many lanes count. */
  pass(pointers: readonly Local[], body: (lanes: number) => void): void {
    const { f, length } = this
    const [vectors, rest] = [length >> 2, length & 3]
    const load = (lanes: number): void => {
      f.get(pointers[0] as Local)
      f.op('v128.load')
      f.set(this.value)
      body(lanes)
    }
    times(f, vectors, () => {
      load(4)
      for (const pointer of pointers) advance(f, pointer, 16)
    })
    if (rest > 0) load(rest)
    for (const pointer of pointers) advance(f, pointer, -16 * vectors)
  }

  /** Sets `top` to the maximum of a row, NaN aside. */
  greatest(from: Local): void {
    const { f, top, value } = this
    f.splat(-Infinity)
    f.set(top)
    this.pass([from], lanes => {
      f.get(top)
      pushLive(f, value, lanes, -Infinity)
      f.op('f32x4.pmax')
      f.set(top)
    })
    acrossLanes(f, top, 'f32x4.pmax')
  }

  /** Sets `sum` to the sum of exponentials of differences from `top`, which are stored where `to` points. */
  total(from: Local, to: Local | undefined, exp: Unary): void {
    const { f, top, sum, value } = this
    f.splat(0)
    f.set(sum)
    this.pass(to ? [from, to] : [from], lanes => {
      f.get(value)
      f.get(top)
      f.op('f32x4.sub')
      f.set(value)
      exp(f, value)
      f.set(value)
      if (to) storeLanes(f, to, value, lanes)
      f.get(sum)
      pushLive(f, value, lanes, 0)
      f.op('f32x4.add')
      f.set(sum)
    })
    acrossLanes(f, sum, 'f32x4.add')
  }
}

function longRows(f: FunctionAssembler, length: number, log: Unary | undefined): (to: Local, from: Local) => void {
  const row = new RowPasses(f, length)
  const { value, top, sum } = row
  return (to, from) => {
    row.greatest(from)
    row.total(from, log ? undefined : to, expNonPositive)
    finishSum(f, sum, log)
    row.pass(log ? [from, to] : [to], lanes => {
      f.get(value)
      if (log) {
        f.get(top)
        f.op('f32x4.sub')
      }
      f.get(sum)
      f.op(log ? 'f32x4.sub' : 'f32x4.mul')
      f.set(value)
      storeLanes(f, to, value, lanes)
    })
  }
}
