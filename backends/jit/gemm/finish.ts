// The end of a product: its epilogue, with operands loaded where they are.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { GemmEpilogue } from './index.js'

/** Applies the epilogue to `product` in place; its operands lie at the pointers plus `offset` bytes of columns. */
export function finishProduct(
  f: FunctionAssembler,
  epilogue: GemmEpilogue,
  product: Local,
  pointers: readonly Local[],
  offset: number,
): void {
  const loaded = epilogue.operands.map(({ columnStride }, i) => {
    const value = f.local('v128')
    f.get(pointers[i] as Local)
    if (columnStride === 0) f.op('v128.load32_splat')
    else f.op('v128.load', offset)
    f.set(value)
    return value
  })
  epilogue.emit(f, product, loaded)
  f.set(product)
  f.release(...loaded)
}
