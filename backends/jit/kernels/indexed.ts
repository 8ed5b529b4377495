// gather and scatter_add: whole inner rows by int32 indices, which are clamped.

import type { DType } from '../../../lib/ir/types.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from './loops.js'

export interface IndexedSpec {
  /** The indexed tensor as [outer, length, inner]; `count` indices. */
  readonly outer: number
  readonly length: number
  readonly inner: number
  readonly count: number
}

/** Pointers (result [outer, count, inner], operand, indices); the extent is `outer`, or indices where outer is 1. */
export function gather({ outer, length, inner, count }: IndexedSpec): Kernel {
  const byIndex = outer === 1
  return {
    key: `gather [${outer},${length},${inner}] ${count}`,
    extent: byIndex ? count : outer,
    define: (module, name) =>
      module.function(name, kernelType(3), f => {
        const [to, from, indices, begin, end] = f.params as [Local, Local, Local, Local, Local]
        const row = f.local('i32')
        const one = (): void => {
          pushRow(f, from, indices, length, inner)
          f.set(row)
          copyRow(f, to, row, inner)
          advance(f, indices, 4)
          advance(f, to, inner * 4)
        }
        advanceBy(f, to, begin, (byIndex ? 1 : count) * inner * 4)
        if (byIndex) {
          advanceBy(f, indices, begin, 4)
          between(f, begin, end, one)
          return
        }
        advanceBy(f, from, begin, length * inner * 4)
        between(f, begin, end, () => {
          times(f, count, one)
          advance(f, indices, -count * 4)
          advance(f, from, length * inner * 4)
        })
      }),
  }
}

/** Pointers (result, indices, updates): adds into what the result already holds; the extent is `outer`. */
export function scatterAdd({ outer, length, inner, count }: IndexedSpec, dtype: DType): Kernel {
  return {
    key: `scatter_add${dtype === 'float32' ? '' : `:${dtype}`} [${outer},${length},${inner}] ${count}`,
    extent: outer,
    define: (module, name) =>
      module.function(name, kernelType(3), f => {
        const [to, indices, updates, begin, end] = f.params as [Local, Local, Local, Local, Local]
        const [row, value] = [f.local('i32'), f.local('v128')]
        advanceBy(f, to, begin, length * inner * 4)
        advanceBy(f, updates, begin, count * inner * 4)
        const add = (lanes: number, offset: number): void => {
          f.get(row)
          f.op('v128.load', offset)
          f.get(updates)
          f.op('v128.load', offset)
          f.op(dtype === 'float32' ? 'f32x4.add' : 'i32x4.add')
          f.set(value)
          storeLanes(f, row, value, lanes, offset)
        }
        between(f, begin, end, () => {
          times(f, count, () => {
            pushRow(f, to, indices, length, inner)
            f.set(row)
            times(f, inner >> 2, () => {
              add(4, 0)
              advance(f, row, 16)
              advance(f, updates, 16)
            })
            if (inner & 3) {
              add(inner & 3, 0)
              advance(f, updates, (inner & 3) * 4)
            }
            advance(f, indices, 4)
          })
          advance(f, indices, -count * 4)
          advance(f, to, length * inner * 4)
        })
      }),
  }
}

/** base + clamp(index) · inner, in bytes. */
function pushRow(f: FunctionAssembler, base: Local, indices: Local, length: number, inner: number): void {
  const index = f.local('i32')
  const bound = (limit: number, test: 'i32.gt_s' | 'i32.lt_s'): void => {
    f.get(index)
    f.i32(limit)
    f.get(index)
    f.i32(limit)
    f.op(test)
    f.op('select_i32')
    f.set(index)
  }
  f.get(indices)
  f.op('i32.load')
  f.set(index)
  bound(length - 1, 'i32.lt_s')
  bound(0, 'i32.gt_s')
  f.get(base)
  f.get(index)
  f.i32(inner * 4)
  f.op('i32.mul')
  f.op('i32.add')
  f.release(index)
}

/** Copies `inner` elements; the pointer `to` stays, `from` is used up. */
function copyRow(f: FunctionAssembler, to: Local, from: Local, inner: number): void {
  const value = f.local('v128')
  const vector = (lanes: number): void => {
    f.get(from)
    f.op('v128.load')
    f.set(value)
    storeLanes(f, to, value, lanes)
  }
  times(f, inner >> 2, () => {
    vector(4)
    advance(f, from, 16)
    advance(f, to, 16)
  })
  if (inner & 3) vector(inner & 3)
  advance(f, to, -16 * (inner >> 2))
  f.release(value)
}
