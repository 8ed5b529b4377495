// The micro-kernel: a tile of the product held in registers over the whole of k, then its epilogue, then its stores.

import type { FunctionAssembler, Local } from '../assembler.js'
import { advance, storeLanes } from '../kernels/loops.js'
import type { GemmEpilogue } from './index.js'

/** How to compute a tile. */
export interface Tile {
  readonly rows: number
  /** Columns that exist; the right operand is read in whole vectors of four. */
  readonly columns: number
  /** Steps of k per turn of the loop. */
  readonly unroll: number
  /** Independent partial sums per element, a divisor of `unroll`: they hide the latency of addition where a tile is small. */
  readonly ways: number
}

/** Where the elements of a product lie, in elements. */
export interface Layout {
  readonly k: number
  /** From a row of A, and of C, to the next. */
  readonly aRow: number
  readonly cRow: number
  /** From a step of k in B to the next, and from a group of `bGroupColumns` columns to the next. */
  readonly bStep: number
  readonly bGroup: number
  readonly bGroupColumns: number
}

export interface TileOptions {
  readonly int?: boolean
  readonly fma?: boolean
  readonly epilogue?: GemmEpilogue | undefined
}

/** Pointers to the first element of a tile, in A, B, C and the epilogue's operands. */
export interface TilePointers {
  readonly c: Local
  readonly a: Local
  readonly b: Local
  readonly operands: readonly Local[]
}

/** Emits a tile; its pointers are left as they were. The epilogue must have begun. */
export function emitTile(f: FunctionAssembler, tile: Tile, layout: Layout, pointers: TilePointers, options: TileOptions): void {
  const sums = accumulate(f, tile, layout, pointers, options)
  finish(f, tile, layout, pointers, options, sums)
  f.release(...sums.flat())
}

/** The sums over k, as sums[row][vector]. */
function accumulate(f: FunctionAssembler, tile: Tile, layout: Layout, { a, b }: TilePointers, options: TileOptions): Local[][] {
  const { rows, unroll, ways } = tile
  const { k, aRow, bStep, bGroup, bGroupColumns } = layout
  const vectors = Math.ceil(tile.columns / 4)
  const sums = Array.from({ length: ways }, () =>
    Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local('v128'))),
  )
  for (const sum of sums.flat(2)) {
    f.splat(0)
    f.set(sum)
  }
  const columns = Array.from({ length: vectors }, () => f.local('v128'))
  const splat = f.local('v128')
  const [multiply, add] = options.int ? (['i32x4.mul', 'i32x4.add'] as const) : (['f32x4.mul', 'f32x4.add'] as const)

  const step = (u: number): void => {
    columns.forEach((column, v) => {
      const group = Math.floor((4 * v) / bGroupColumns)
      f.get(b)
      f.op('v128.load', 4 * (u * bStep + group * bGroup + 4 * v - group * bGroupColumns))
      f.set(column)
    })
    for (let row = 0; row < rows; row++) {
      f.get(a)
      f.op('v128.load32_splat', 4 * (row * aRow + u))
      f.set(splat)
      for (const [v, column] of columns.entries()) {
        const sum = sums[u % ways]?.[row]?.[v] as Local
        if (options.fma) {
          for (const operand of [splat, column, sum]) f.get(operand)
          f.op('f32x4.relaxed_madd')
        } else {
          for (const operand of [sum, splat, column]) f.get(operand)
          f.op(multiply)
          f.op(add)
        }
        f.set(sum)
      }
    }
  }
  const turns = Math.floor(k / unroll)
  if (turns > 1) {
    const end = f.local('i32')
    f.get(a)
    f.i32(4 * unroll * turns)
    f.op('i32.add')
    f.set(end)
    f.loop(() => {
      for (let u = 0; u < unroll; u++) step(u)
      advance(f, b, 4 * unroll * bStep)
      f.get(a)
      f.i32(4 * unroll)
      f.op('i32.add')
      f.tee(a)
      f.get(end)
      f.op('i32.lt_u')
      f.branchIf(0)
    })
    f.release(end)
  }
  const done = turns > 1 ? turns * unroll : 0
  for (let u = done; u < k; u++) step(u - done)
  advance(f, b, -4 * done * bStep)
  advance(f, a, -4 * done)
  f.release(splat, ...columns)
  const [first = [], ...others] = sums
  for (const way of others) {
    first.forEach((row, r) => {
      row.forEach((sum, v) => {
        f.get(sum)
        f.get(way[r]?.[v] as Local)
        f.op(add)
        f.set(sum)
      })
    })
    f.release(...way.flat())
  }
  return first
}

/** Epilogue and stores. */
function finish(
  f: FunctionAssembler,
  tile: Tile,
  layout: Layout,
  { c, operands }: TilePointers,
  { epilogue }: TileOptions,
  sums: Local[][],
): void {
  const vectors = Math.ceil(tile.columns / 4)
  for (let v = 0; v < vectors; v++) {
    const shared = new Map<number, Local>()
    for (const [row, line] of sums.entries()) {
      const sum = line[v] as Local
      if (epilogue) {
        const values = epilogue.operands.map(({ rowStride, columnStride }, i) => {
          const known = shared.get(i)
          if (known) return known
          const value = f.local('v128')
          f.get(operands[i] as Local)
          f.op(columnStride === 0 ? 'v128.load32_splat' : 'v128.load', 4 * (row * rowStride + 4 * v * columnStride))
          f.set(value)
          if (rowStride === 0) shared.set(i, value)
          return value
        })
        epilogue.emit(f, sum, values)
        f.set(sum)
        f.release(...values.filter((_, i) => !shared.has(i)))
      }
      storeLanes(f, c, sum, Math.min(4, tile.columns - 4 * v), 4 * (row * layout.cRow + 4 * v))
    }
    f.release(...shared.values())
  }
}
