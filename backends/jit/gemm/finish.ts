// The end of a product: its epilogue, in registers where it is short, in a loop over what was stored where it is long.

import { FunctionAssembler, type Local } from '../assembler.js'
import { advance, storeLanes, times } from '../kernels/loops.js'
import type { Layout, Sums, TilePointers, TileSize } from './layout.js'
import type { EpilogueOperand, GemmEpilogue } from './spec.js'

/** Bytes of code beyond which an epilogue is not written out for every vector of a tile: bias and relu take 30, a sigmoid 300. */
const longCode = 100

/** Applies the epilogue to a tile's sums and stores them. */
export function emitFinish(
  f: FunctionAssembler,
  size: TileSize,
  layout: Layout,
  pointers: TilePointers,
  epilogue: GemmEpilogue,
  sums: Sums,
): void {
  if (sums.flat().length > 1 && codeLength(epilogue) > longCode) {
    storeSums(f, size, layout, pointers.c, sums)
    finishStored(f, size, layout, pointers, epilogue)
  } else finishSums(f, size, layout, pointers, epilogue, sums)
}

/** Stores a tile's sums as they are. */
export function storeSums(f: FunctionAssembler, { columns }: TileSize, { cRow }: Layout, c: Local, sums: Sums): void {
  for (const [row, line] of sums.entries()) {
    for (const [v, sum] of line.entries()) storeLanes(f, c, sum, Math.min(4, columns - 4 * v), 4 * (row * cRow + 4 * v))
  }
}

/** Bytes of one application, found out by writing it. */
function codeLength(epilogue: GemmEpilogue): number {
  const [without, withIt] = [false, true].map(whole => {
    const f = new FunctionAssembler('epilogue', { params: [], results: [] }, {})
    epilogue.begin(f)
    if (whole) {
      epilogue.emit(
        f,
        f.local('v128'),
        epilogue.operands.map(() => f.local('v128')),
      )
    }
    return f.finish().length
  }) as [number, number]
  return withIt - without
}

function finishSums(
  f: FunctionAssembler,
  { columns }: TileSize,
  { cRow }: Layout,
  { c, operands }: TilePointers,
  epilogue: GemmEpilogue,
  sums: Sums,
): void {
  const vectors = sums[0]?.length ?? 0
  for (let v = 0; v < vectors; v++) {
    // what is the same in every row is loaded once
    const shared = epilogue.operands.map((walk, i) =>
      walk.rowStride === 0 ? loadOperand(f, walk, operands[i] as Local, 0, 4 * v) : undefined,
    )
    for (const [row, line] of sums.entries()) {
      const sum = line[v] as Local
      const values = epilogue.operands.map((walk, i) => shared[i] ?? loadOperand(f, walk, operands[i] as Local, row, 4 * v))
      epilogue.emit(f, sum, values)
      f.set(sum)
      storeLanes(f, c, sum, Math.min(4, columns - 4 * v), 4 * (row * cRow + 4 * v))
      f.release(...values.filter((_, i) => !shared[i]))
    }
    f.release(...shared.filter(value => value !== undefined))
  }
}

/** The epilogue as a loop over rows, and in it over vectors; pointers are left as they were. */
function finishStored(
  f: FunctionAssembler,
  { rows, columns }: TileSize,
  { cRow }: Layout,
  { c, operands }: TilePointers,
  epilogue: GemmEpilogue,
): void {
  const walk = (rowSteps: number, columnSteps: number): void => {
    advance(f, c, 4 * (rowSteps * cRow + columnSteps))
    epilogue.operands.forEach(({ rowStride, columnStride }, i) => {
      advance(f, operands[i] as Local, 4 * (rowSteps * rowStride + columnSteps * columnStride))
    })
  }
  const vector = (count: number): void => {
    const sum = f.local('v128')
    f.get(c)
    f.op('v128.load')
    f.set(sum)
    const values = epilogue.operands.map((operand, i) => loadOperand(f, operand, operands[i] as Local, 0, 0))
    epilogue.emit(f, sum, values)
    f.set(sum)
    storeLanes(f, c, sum, count)
    f.release(sum, ...values)
  }
  const whole = Math.floor(columns / 4)
  times(f, rows, () => {
    times(f, whole, () => {
      vector(4)
      walk(0, 4)
    })
    if (columns % 4 > 0) vector(columns % 4)
    walk(1, -4 * whole)
  })
  walk(-rows, 0)
}

function loadOperand(
  f: FunctionAssembler,
  { rowStride, columnStride }: EpilogueOperand,
  pointer: Local,
  row: number,
  column: number,
): Local {
  const value = f.local('v128')
  f.get(pointer)
  f.op(columnStride === 0 ? 'v128.load32_splat' : 'v128.load', 4 * (row * rowStride + column * columnStride))
  f.set(value)
  return value
}
