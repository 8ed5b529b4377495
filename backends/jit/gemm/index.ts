// The matrix product as kernels: the packed layout of the right operand, and a product with its epilogue.

import type { Kernel } from '../kernel.js'
import { panelColumns } from './choose.js'
import { productKernel } from './product.js'
import type { GemmSpec } from './spec.js'

export { panelColumns, worthPacking } from './choose.js'
export type { EpilogueOperand, GemmEpilogue, GemmSpec } from './spec.js'

/** Floats of a packed k×n right operand: ⌈n/8⌉ panels, each k rows of 8 columns, missing columns 0. */
export function packedLength(k: number, n: number): number {
  return Math.ceil(n / panelColumns) * panelColumns * k
}

/**
 * C = epilogue(A · B), all float32: pointers (C, A, packed B, ...epilogue operands). A is m×k and C is m×n, row-major.
 * C overlaps nothing that is read.
 */
export function gemm(spec: GemmSpec): Kernel {
  return productKernel('gemm', spec, { bStep: panelColumns, bPanel: panelColumns * spec.k })
}

/** Packs a row-major k×n matrix: pointers (packed, B); the extent is panels. */
export { pack } from './pack.js'
export { plainGemm } from './plain.js'
