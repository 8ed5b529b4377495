// What a product is asked to be: its sizes, and the elementwise work on it before it is stored.

import type { FunctionAssembler, Local } from '../assembler.js'

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
  /** Whether to use relaxed SIMD's multiply-add; as the module's options say if not given. */
  readonly fma?: boolean
}
