// The micro-kernel: a tile of the product held in registers over the whole of k, then its epilogue, then its stores.

import type { FunctionAssembler, Local } from '../assembler.js'
import { advance, times } from '../kernels/loops.js'
import { emitFinish, storeSums } from './finish.js'
import type { Layout, Sums, TileOptions, TilePointers, TileSize } from './layout.js'

/**
 * Emits a tile; its pointers are left as they were. The epilogue must have begun.
 *
 * Every element is summed in the order of k by every tile: neither the batch nor the packing changes a bit of a result.
 */
export function emitTile(f: FunctionAssembler, size: TileSize, layout: Layout, pointers: TilePointers, options: TileOptions): void {
  const sums = Array.from({ length: size.rows }, () => Array.from({ length: Math.ceil(size.columns / 4) }, () => f.local('v128')))
  accumulate(f, layout, pointers, options, sums)
  if (options.epilogue) emitFinish(f, size, layout, pointers, options.epilogue, sums)
  else storeSums(f, size, layout, pointers.c, sums)
  f.release(...sums.flat())
}

/**
 * Steps of k per turn of the loop. V8 moves the arithmetic of a turn behind all of its loads: sums and loaded vectors that
 * together exceed the 15 registers of x64 are spilled, which halves the speed (measured: 5×8; 4×8 or 1×32 by two steps).
 */
function stepsPerTurn(rows: number, vectors: number): number {
  return rows * vectors + 2 * (rows + vectors) <= 14 ? 2 : 1
}

function accumulate(f: FunctionAssembler, layout: Layout, { a, b }: TilePointers, options: TileOptions, sums: Sums): void {
  const { k, bStep, taps = [] } = layout
  const vectors = sums[0]?.length ?? 0
  for (const sum of sums.flat()) {
    f.splat(0)
    f.set(sum)
  }
  const step = stepOf(f, layout, a, b, options, sums)
  const unroll = stepsPerTurn(sums.length, vectors)
  const turns = Math.floor(k / unroll)
  const looped = turns > 1 ? turns * unroll : 0
  /** The steps of `k`; what the pointers have moved by afterwards is for the caller to take back. */
  const run = (): void => {
    if (looped > 0) {
      const end = f.local('i32')
      f.get(a)
      f.i32(4 * looped)
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
    for (let rest = 0; rest < k - looped; rest++) step(rest)
  }
  const over = (axis: number): void => {
    const loop = taps[axis]
    if (!loop) {
      run()
      advance(f, b, 4 * (k - looped) * bStep)
      return
    }
    times(f, loop.count, () => {
      over(axis + 1)
      advance(f, a, 4 * (loop.step - movedBy(axis + 1)))
    })
  }
  /** Elements that A's pointer moves by in the loops from `axis` inwards. */
  const movedBy = (axis: number): number => {
    const loop = taps[axis]
    return loop ? loop.count * loop.step : looped
  }
  if (taps.length === 0) run()
  else over(0)
  const steps = taps.reduce((product, { count }) => product * count, taps.length === 0 ? looped : k)
  advance(f, b, -4 * steps * bStep)
  advance(f, a, -4 * movedBy(0))
}

/** A step of k: adds to every sum the product of its row's element of A with its vector of B. */
function stepOf(f: FunctionAssembler, layout: Layout, a: Local, b: Local, { int, fma }: TileOptions, sums: Sums): (k: number) => void {
  const { aRow, bStep, bPanel } = layout
  const [multiply, add] = int ? (['i32x4.mul', 'i32x4.add'] as const) : (['f32x4.mul', 'f32x4.add'] as const)
  return k => {
    const splat = f.local('v128')
    const columns = (sums[0] ?? []).map((_, v) => {
      const column = f.local('v128')
      f.get(b)
      f.op('v128.load', 4 * (k * bStep + Math.floor(v / 2) * bPanel + 4 * (v % 2)))
      f.set(column)
      return column
    })
    for (const [row, line] of sums.entries()) {
      f.get(a)
      f.op('v128.load32_splat', 4 * (row * aRow + k))
      f.set(splat)
      for (const [v, sum] of line.entries()) {
        const column = columns[v] as Local
        for (const operand of fma ? [splat, column, sum] : [sum, splat, column]) f.get(operand)
        if (fma) f.op('f32x4.relaxed_madd')
        else {
          f.op(multiply)
          f.op(add)
        }
        f.set(sum)
      }
    }
    f.release(splat, ...columns)
  }
}
