// argmax and argmin: the position of the first extreme; the first NaN wins.

import type { DType } from '../../../lib/ir/types.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { combineOf, pushIdentity, pushLaneMask } from './combine.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from './loops.js'

export interface PositionSpec {
  readonly extreme: 'max' | 'min'
  readonly dtype: DType
  /** The operand as [outer, length, inner]; positions are along `length`. */
  readonly outer: number
  readonly length: number
  readonly inner: number
}

/** Pointers (int32 result [outer, inner], operand); the extent is `outer`. */
export function position(spec: PositionSpec): Kernel {
  const { extreme, dtype, outer, length, inner } = spec
  return {
    key: `arg${extreme}${dtype === 'float32' ? '' : `:${dtype}`} [${outer},-${length},${inner}]`,
    extent: outer,
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [to, from, begin, end] = f.params as [Local, Local, Local, Local]
        advanceBy(f, to, begin, inner * 4)
        advanceBy(f, from, begin, length * inner * 4)
        const search = new Search(f, spec)
        between(f, begin, end, () => {
          if (inner === 1) search.row(to, from)
          else search.columns(to, from)
          advance(f, to, inner * 4)
          advance(f, from, length * inner * 4)
        })
      }),
  }
}

class Search {
  private readonly f: FunctionAssembler
  private readonly spec: PositionSpec
  private readonly best: Local
  private readonly bestAt: Local
  private readonly value: Local
  private readonly at: Local
  private readonly wins: Local

  constructor(f: FunctionAssembler, spec: PositionSpec) {
    this.f = f
    this.spec = spec
    const local = () => f.local('v128')
    ;[this.best, this.bestAt, this.value, this.at, this.wins] = [local(), local(), local(), local(), local()]
  }

  /** Lanes along the kept axis: each looks down its own column. */
  columns(to: Local, from: Local): void {
    const { f } = this
    const { length, inner } = this.spec
    const vector = (lanes: number): void => {
      f.get(from)
      f.op('v128.load')
      f.set(this.best)
      f.splat(0, 'i32')
      f.tee(this.bestAt)
      f.set(this.at)
      times(f, length - 1, () => {
        advance(f, from, inner * 4)
        this.count(1)
        f.get(from)
        f.op('v128.load')
        f.set(this.value)
        this.better()
        this.take()
      })
      advance(f, from, -(length - 1) * inner * 4)
      storeLanes(f, to, this.bestAt, lanes)
      advance(f, from, lanes * 4)
      advance(f, to, lanes * 4)
    }
    times(f, inner >> 2, () => vector(4))
    if (inner & 3) vector(inner & 3)
    advance(f, from, -inner * 4)
    advance(f, to, -inner * 4)
  }

  /** Lanes along the searched axis, then one against the other: equal values go to the lower position. */
  row(to: Local, from: Local): void {
    const { f } = this
    const { length } = this.spec
    this.load(from, Math.min(4, length))
    f.get(this.value)
    f.set(this.best)
    f.v128([0, 1, 2, 3], 'i32')
    f.tee(this.bestAt)
    f.set(this.at)
    const vector = (lanes: number): void => {
      advance(f, from, 16)
      this.count(4)
      this.load(from, lanes)
      this.better()
      this.take()
    }
    const vectors = Math.max(0, (length >> 2) - 1)
    const rest = length > 4 ? length & 3 : 0
    times(f, vectors, () => vector(4))
    if (rest > 0) vector(rest)
    advance(f, from, -16 * (vectors + (rest > 0 ? 1 : 0)))
    for (const lanes of [
      [2, 3, 0, 1],
      [1, 0, 3, 2],
    ] as const) {
      for (const [whole, turned] of [
        [this.best, this.value],
        [this.bestAt, this.at],
      ] as const) {
        f.get(whole)
        f.get(whole)
        f.shuffle(lanes)
        f.set(turned)
      }
      this.better()
      this.same()
      f.get(this.at)
      f.get(this.bestAt)
      f.op('i32x4.lt_s')
      f.op('v128.and')
      f.op('v128.or')
      this.take()
    }
    storeLanes(f, to, this.bestAt, 1)
  }

  private load(from: Local, lanes: number): void {
    const { f } = this
    const { extreme, dtype } = this.spec
    f.get(from)
    f.op('v128.load')
    if (lanes < 4) {
      pushIdentity(f, combineOf(extreme, dtype), dtype)
      pushLaneMask(f, lanes)
      f.op('v128.bitselect')
    }
    f.set(this.value)
  }

  private count(step: number): void {
    const { f } = this
    f.get(this.at)
    f.splat(step, 'i32')
    f.op('i32x4.add')
    f.set(this.at)
  }

  /** Whether `value` beats `best`. */
  private better(): void {
    const { f } = this
    const { extreme, dtype } = this.spec
    f.get(this.value)
    f.get(this.best)
    // as numbers, true masks are below false ones
    const greater = dtype === 'bool' ? extreme === 'min' : extreme === 'max'
    if (dtype !== 'float32') {
      f.op(greater ? 'i32x4.gt_s' : 'i32x4.lt_s')
      return
    }
    f.op(greater ? 'f32x4.gt' : 'f32x4.lt')
    f.get(this.value)
    f.get(this.value)
    f.op('f32x4.ne')
    f.get(this.best)
    f.get(this.best)
    f.op('f32x4.eq')
    f.op('v128.and')
    f.op('v128.or')
  }

  private same(): void {
    const { f } = this
    f.get(this.value)
    f.get(this.best)
    if (this.spec.dtype !== 'float32') {
      f.op('i32x4.eq')
      return
    }
    f.op('f32x4.eq')
    for (const side of [this.value, this.best]) {
      f.get(side)
      f.get(side)
      f.op('f32x4.ne')
    }
    f.op('v128.and')
    f.op('v128.or')
  }

  /** Pops the mask of lanes where the new value is taken. */
  private take(): void {
    const { f } = this
    f.set(this.wins)
    for (const [old, now] of [
      [this.best, this.value],
      [this.bestAt, this.at],
    ] as const) {
      f.get(now)
      f.get(old)
      f.get(this.wins)
      f.op('v128.bitselect')
      f.set(old)
    }
  }
}
