// What a sliding window does with its cells: combine them lane by lane, weigh them, finish and store.

import type { DType } from '../../../lib/ir/types.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { EpilogueOperand, GemmEpilogue } from '../gemm/spec.js'
import { type CombineName, combineOf, pushIdentity } from './combine.js'
import { storeLanes } from './loops.js'

/** `filter` sums cells times weights, `mean` divides the sum by the number of cells that exist. */
export type WindowRule = 'max' | 'sum' | 'mean' | 'filter'

export interface RuleOptions {
  readonly rule: WindowRule
  readonly dtype: DType
  readonly epilogue: GemmEpilogue | undefined
}

/** Pointers to the first channel of a position: the result, the window's first cell, the weights, the epilogue's operands. */
export interface WindowPointers {
  readonly to: Local
  readonly from: Local
  readonly weights: Local | undefined
  readonly operands: readonly Local[]
}

/** The rule as code in one function. */
export class RuleEmitter {
  private readonly f: FunctionAssembler
  private readonly options: RuleOptions
  private readonly combine: CombineName

  constructor(f: FunctionAssembler, options: RuleOptions) {
    this.f = f
    this.options = options
    this.combine = options.rule === 'max' ? 'max' : 'sum'
    options.epilogue?.begin(f)
  }

  start(sums: readonly Local[]): void {
    const { f, combine } = this
    const { dtype } = this.options
    for (const sum of sums) {
      pushIdentity(f, combineOf(combine, dtype), dtype)
      f.set(sum)
    }
  }

  /** Adds a cell to a sum; a filter weighs it. */
  add(sum: Local, cell: Local, weight: Local | undefined): void {
    const { f, combine } = this
    if (weight && f.fma) {
      for (const local of [cell, weight, sum]) f.get(local)
      f.op('f32x4.relaxed_madd')
    } else {
      for (const local of [sum, cell]) f.get(local)
      if (weight) {
        f.get(weight)
        f.op('f32x4.mul')
      }
      f.op(combineOf(combine, this.options.dtype).instruction)
    }
    f.set(sum)
  }

  /**
   * Divides if this is a mean, applies the epilogue and stores; sums[p][v] is vector v of position p, `lanes` counts the
   * channels of all vectors, and positions lie `step` elements apart in the result.
   */
  finish(
    sums: readonly (readonly Local[])[],
    lanes: number,
    { to, operands }: WindowPointers,
    cells: Local | undefined,
    step: number,
  ): void {
    const { f } = this
    const { epilogue } = this.options
    const walks = epilogue?.operands ?? []
    for (let v = 0; v < (sums[0]?.length ?? 0); v++) {
      const load = (walk: EpilogueOperand, k: number, position: number): Local => {
        const value = f.local('v128')
        f.get(operands[k] as Local)
        f.op(walk.columnStride === 0 ? 'v128.load32_splat' : 'v128.load', 4 * (position * walk.rowStride + 4 * v * walk.columnStride))
        f.set(value)
        return value
      }
      const shared = walks.map((walk, k) => (walk.rowStride === 0 ? load(walk, k, 0) : undefined))
      sums.forEach((line, position) => {
        const sum = line[v] as Local
        if (cells) {
          f.get(sum)
          f.get(cells)
          f.op('f32x4.div')
          f.set(sum)
        }
        if (epilogue) {
          const values = walks.map((walk, k) => shared[k] ?? load(walk, k, position))
          epilogue.emit(f, sum, values)
          f.set(sum)
          f.release(...values.filter((_, k) => !shared[k]))
        }
        storeLanes(f, to, sum, Math.min(4, lanes - 4 * v), 4 * (position * step + 4 * v))
      })
      f.release(...shared.filter(value => value !== undefined))
    }
  }
}
