// The micro-kernel: a tile of the product held in registers over the whole of k, then its epilogue, then its stores.

import type { FunctionAssembler, Local } from '../assembler.js'
import { advance, storeLanes } from '../kernels/loops.js'
import type { GemmEpilogue } from './index.js'

/** A tile: all columns of some rows, over a range of k. */
export interface Tile {
  readonly rows: number
  /** Columns that exist; the right operand is read in whole vectors of four. */
  readonly columns: number
  readonly from: number
  readonly steps: number
  /** Whether the sums begin at 0 rather than with what C holds, and whether the epilogue follows. */
  readonly first: boolean
  readonly last: boolean
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

/**
 * Emits a tile; its pointers are left as they were. The epilogue must have begun.
 *
 * Every element is summed in the order of k whatever the tile, so that neither the number of rows nor packing changes a bit.
 */
export function emitTile(f: FunctionAssembler, tile: Tile, layout: Layout, pointers: TilePointers, options: TileOptions): void {
  const sums = Array.from({ length: tile.rows }, () => Array.from({ length: Math.ceil(tile.columns / 4) }, () => f.local('v128')))
  begin(f, tile, layout, pointers, sums)
  accumulate(f, tile, layout, pointers, options, sums)
  finish(f, tile, layout, pointers, options, sums)
  f.release(...sums.flat())
}

/** Sums as sums[row][vector]. */
type Sums = readonly (readonly Local[])[]

function begin(f: FunctionAssembler, { first }: Tile, { cRow }: Layout, { c }: TilePointers, sums: Sums): void {
  for (const [row, line] of sums.entries()) {
    for (const [v, sum] of line.entries()) {
      if (first) f.splat(0)
      else {
        f.get(c)
        f.op('v128.load', 4 * (row * cRow + 4 * v))
      }
      f.set(sum)
    }
  }
}

/**
 * Steps of k per turn of the loop. V8 moves the arithmetic of a turn behind all of its loads; with sums and loaded vectors
 * together more than the 15 registers of x64 the loop spills and loses up to half of its speed (5×8, or 4×8 by two steps).
 */
function stepsPerTurn(rows: number, vectors: number): number {
  const fits = (steps: number): boolean => rows * vectors + steps * (rows + vectors) <= 14
  return fits(4) ? 4 : fits(2) ? 2 : 1
}

function accumulate(f: FunctionAssembler, tile: Tile, layout: Layout, { a, b }: TilePointers, options: TileOptions, sums: Sums): void {
  const { rows, from, steps } = tile
  const { aRow, bStep, bGroup, bGroupColumns } = layout
  const vectors = Math.ceil(tile.columns / 4)
  const columns = Array.from({ length: vectors }, () => f.local('v128'))
  const splat = f.local('v128')
  const [multiply, add] = options.int ? (['i32x4.mul', 'i32x4.add'] as const) : (['f32x4.mul', 'f32x4.add'] as const)
  const step = (k: number): void => {
    for (const [v, column] of columns.entries()) {
      const group = Math.floor((4 * v) / bGroupColumns)
      f.get(b)
      f.op('v128.load', 4 * (k * bStep + group * bGroup + 4 * v - group * bGroupColumns))
      f.set(column)
    }
    for (const [row, line] of sums.entries()) {
      f.get(a)
      f.op('v128.load32_splat', 4 * (row * aRow + k))
      f.set(splat)
      for (const [v, sum] of line.entries()) {
        const column = columns[v] as Local
        for (const operand of options.fma ? [splat, column, sum] : [sum, splat, column]) f.get(operand)
        if (options.fma) f.op('f32x4.relaxed_madd')
        else {
          f.op(multiply)
          f.op(add)
        }
        f.set(sum)
      }
    }
  }
  const unroll = (globalThis as any).UNROLL ?? stepsPerTurn(rows, vectors)
  const turns = Math.floor(steps / unroll)
  const looped = turns > 1 ? turns * unroll : 0
  if (looped > 0) {
    const end = f.local('i32')
    f.get(a)
    f.i32(4 * looped)
    f.op('i32.add')
    f.set(end)
    f.block(() => { f.loop(() => {
      for (let u = 0; u < unroll; u++) { if (u>0 && (globalThis as any).BARRIER) { f.get(a); f.op('i32.eqz'); f.branchIf(1) }
        step(from + u) }
      advance(f, b, 4 * unroll * bStep)
      f.get(a)
      f.i32(4 * unroll)
      f.op('i32.add')
      f.tee(a)
      f.get(end)
      f.op('i32.lt_u')
      f.branchIf(0)
    }) })
    f.release(end)
  }
  for (let rest = 0; rest < steps - looped; rest++) step(from + rest)
  advance(f, b, -4 * looped * bStep)
  advance(f, a, -4 * looped)
  f.release(splat, ...columns)
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
