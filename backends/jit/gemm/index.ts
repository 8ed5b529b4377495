// The matrix product as kernels: the packed layout of the right operand, and a product with its epilogue.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { emitRows } from './rows.js'

/** Columns of a packed panel. */
export const panelColumns = 8

/** Floats of a packed k×n right operand: ⌈n/8⌉ panels, each k rows of 8 columns, missing columns 0. */
export function packedLength(k: number, n: number): number {
  return Math.ceil(n / panelColumns) * panelColumns * k
}

/** An operand of the epilogue: element (row, column) lies at row · rowStride + column · columnStride. */
export interface EpilogueOperand {
  readonly rowStride: number
  readonly columnStride: 0 | 1
}

/** Elementwise work on the product before it is stored. */
export interface GemmEpilogue {
  /** Equal keys mean equal code. */
  readonly key: string
  readonly operands: readonly EpilogueOperand[]
  /** Emitted once at the start of the function, before any loop: constants into locals. */
  begin(f: FunctionAssembler): void
  /** Reads the product of four neighbouring columns of one row and the operands there; leaves the result on the stack. */
  emit(f: FunctionAssembler, product: Local, operands: readonly Local[]): void
}

export interface GemmSpec {
  readonly m: number
  readonly k: number
  readonly n: number
  readonly epilogue?: GemmEpilogue
}

/**
 * C = epilogue(A · B), all float32: pointers (C, A, packed B, ...epilogue operands). A is m×k and C is m×n, row-major.
 * C overlaps nothing that is read.
 */
export function gemm({ m, k, n, epilogue }: GemmSpec): Kernel {
  const spec = { m, k, n, ...(epilogue ? { epilogue } : {}) }
  return {
    key: `gemm ${m}x${k}x${n}${epilogue ? ` ${epilogue.key}` : ''}`,
    extent: m,
    define: (module, name) => emitRows(module, name, spec),
  }
}

/** Packs a row-major k×n matrix: pointers (packed, B); the extent is panels. */
export { pack } from './pack.js'
export { plainGemm } from './plain.js'
