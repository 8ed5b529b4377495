// softmax, log_softmax and logsumexp where the axis is not the last one: each lane walks down a column of its own.

import type { FunctionAssembler, Local } from '../assembler.js'
import { advance, advanceBy, between, exp, expNonPositive, finishSum, kernelType, storeLanes, times } from '../basics.js'
import type { Kernel } from '../kernel.js'
import type { Unary } from '../math/index.js'
import { pushFinite } from './logSumExp.js'

export interface ColumnsSpec {
  readonly outer: number
  readonly length: number
  /** Columns side by side. */
  readonly inner: number
  /** The code for logarithms, where the result is one. */
  readonly log: Unary | undefined
  /** Whether a column becomes one element: logsumexp. */
  readonly total: boolean
}

/** Vectors side by side: a cache line. */
const widest = 4

/** Pointers (result, operand), [outer, length, inner]; the extent is the outer axis. A result of that shape may take the operand's place. */
export function softmaxColumns(spec: ColumnsSpec): Kernel {
  const { outer, length, inner, log, total } = spec
  const name = total ? 'logsumexp' : log ? 'log_softmax' : 'softmax'
  return {
    key: `${name} [${outer},${length},${inner}]`,
    extent: outer,
    inPlace: total ? [] : [0],
    define: (module, title) =>
      module.function(title, kernelType(2), f => {
        const [to, from, begin, end] = f.params as [Local, Local, Local, Local]
        const [written, read] = [4 * inner * (total ? 1 : length), 4 * inner * length]
        advanceBy(f, to, begin, written)
        advanceBy(f, from, begin, read)
        const columns = new Columns(f, to, from, spec)
        between(f, begin, end, () => {
          times(f, Math.floor(inner / (4 * widest)), () => columns.emit(4 * widest))
          const rest = inner % (4 * widest)
          if (rest > 0) columns.emit(rest)
          advance(f, to, written - 4 * inner)
          advance(f, from, read - 4 * inner)
        })
      }),
  }
}

class Columns {
  private readonly f: FunctionAssembler
  private readonly to: Local
  private readonly from: Local
  private readonly spec: ColumnsSpec
  private readonly value: Local
  private readonly tops: readonly Local[]
  private readonly sums: readonly Local[]

  constructor(f: FunctionAssembler, to: Local, from: Local, spec: ColumnsSpec) {
    this.f = f
    this.to = to
    this.from = from
    this.spec = spec
    this.value = f.local('v128')
    const vectors = Math.min(widest, Math.ceil(spec.inner / 4))
    this.tops = Array.from({ length: vectors }, () => f.local('v128'))
    this.sums = Array.from({ length: vectors }, () => f.local('v128'))
  }

  /** The next `lanes` columns; both pointers end behind them. */
  emit(lanes: number): void {
    const { f, to, from } = this
    const { log, total } = this.spec
    const count = Math.ceil(lanes / 4)
    const [tops, sums] = [this.tops.slice(0, count), this.sums.slice(0, count)]
    const store = (k: number): void => storeLanes(f, to, this.value, Math.min(4, lanes - 4 * k), 16 * k)
    for (const [locals, start] of [
      [tops, -Infinity],
      [sums, 0],
    ] as const) {
      for (const local of locals) {
        f.splat(start)
        f.set(local)
      }
    }
    this.down([from], () => this.greatest(tops))
    for (const top of total ? tops : []) {
      pushFinite(f, top)
      f.set(top)
    }
    this.down(log ? [from] : [from, to], () => {
      sums.forEach((sum, k) => {
        this.load(from, k, tops[k])
        if (total) exp(f, this.value)
        else expNonPositive(f, this.value)
        f.set(this.value)
        if (!log) store(k)
        f.get(sum)
        f.get(this.value)
        f.op('f32x4.add')
        f.set(sum)
      })
    })
    for (const sum of sums) finishSum(f, sum, log)
    if (total) this.writeTotals(tops, sums, store)
    else {
      this.down(log ? [from, to] : [to], () => {
        sums.forEach((sum, k) => {
          this.load(log ? from : to, k, log ? tops[k] : undefined)
          f.get(this.value)
          f.get(sum)
          f.op(log ? 'f32x4.sub' : 'f32x4.mul')
          f.set(this.value)
          store(k)
        })
      })
    }
    for (const pointer of [to, from]) advance(f, pointer, 4 * lanes)
  }

  private greatest(tops: readonly Local[]): void {
    const { f, from } = this
    tops.forEach((top, k) => {
      f.get(top)
      f.get(from)
      f.op('v128.load', 16 * k)
      f.op('f32x4.pmax')
      f.set(top)
    })
  }

  private writeTotals(tops: readonly Local[], sums: readonly Local[], store: (k: number) => void): void {
    const { f } = this
    sums.forEach((sum, k) => {
      f.get(sum)
      f.get(tops[k] as Local)
      f.op('f32x4.add')
      f.set(this.value)
      store(k)
    })
  }

  /** Sets `value` to vector k of this step, less `taken`. */
  private load(pointer: Local, k: number, taken: Local | undefined): void {
    const { f } = this
    f.get(pointer)
    f.op('v128.load', 16 * k)
    if (taken) {
      f.get(taken)
      f.op('f32x4.sub')
    }
    f.set(this.value)
  }

  /** Each element of the columns in turn; the pointers are where they were afterwards. */
  private down(pointers: readonly Local[], step: () => void): void {
    const { f } = this
    const { length, inner } = this.spec
    times(f, length, () => {
      step()
      for (const pointer of pointers) advance(f, pointer, 4 * inner)
    })
    for (const pointer of pointers) advance(f, pointer, -4 * inner * length)
  }
}
