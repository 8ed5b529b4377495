// A product straight from row-major operands: for int32, and where packing would cost as much as the product.

import type { DType } from '../../../lib/ir/types.js'
import type { Kernel } from '../kernel.js'
import { panelColumns } from './choose.js'
import { productKernel } from './product.js'
import type { GemmSpec } from './spec.js'

/**
 * Pointers (C, A, B, ...epilogue operands), none of them packed; the same tiles and the same bits as the packed product,
 * at 0.6 to 0.9 of its speed once B leaves the first cache.
 */
export function plainGemm(spec: GemmSpec, dtype: DType): Kernel {
  const layout = { bStep: spec.n, bPanel: panelColumns }
  return productKernel(`plain gemm${dtype === 'float32' ? '' : `:${dtype}`}`, spec, layout, dtype !== 'float32')
}
