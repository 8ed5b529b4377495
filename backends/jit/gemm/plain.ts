// A product straight from row-major operands: for int32, and where packing would cost as much as the product.

import type { DType } from '../../../lib/ir/types.js'
import type { Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from '../kernels/loops.js'
import { finishProduct } from './finish.js'
import type { GemmSpec } from './index.js'

/** Pointers (C, A, B, ...epilogue operands), none of them packed; the extent is rows. */
export function plainGemm({ m, k, n, epilogue }: GemmSpec, dtype: DType): Kernel {
  const operands = epilogue?.operands ?? []
  const [multiply, add] = dtype === 'float32' ? (['f32x4.mul', 'f32x4.add'] as const) : (['i32x4.mul', 'i32x4.add'] as const)
  return {
    key: `plain gemm${dtype === 'float32' ? '' : `:${dtype}`} ${m}x${k}x${n}${epilogue ? ` ${epilogue.key}` : ''}`,
    extent: m,
    define: (module, name) =>
      module.function(name, kernelType(3 + operands.length), f => {
        const [c, a, b] = f.params as [Local, Local, Local]
        const pointers = f.params.slice(3, 3 + operands.length)
        const [begin, end] = f.params.slice(-2) as [Local, Local]
        epilogue?.begin(f)
        advanceBy(f, c, begin, n * 4)
        advanceBy(f, a, begin, k * 4)
        operands.forEach(({ rowStride }, i) => {
          advanceBy(f, pointers[i] as Local, begin, rowStride * 4)
        })
        const columns = (count: number): void => {
          const sums = Array.from({ length: Math.ceil(count / 4) }, () => f.local('v128'))
          for (const sum of sums) {
            f.splat(0)
            f.set(sum)
          }
          times(f, k, () => {
            sums.forEach((sum, v) => {
              f.get(sum)
              f.get(a)
              f.op('v128.load32_splat')
              f.get(b)
              f.op('v128.load', 16 * v)
              f.op(multiply)
              f.op(add)
              f.set(sum)
            })
            advance(f, a, 4)
            advance(f, b, n * 4)
          })
          advance(f, a, -4 * k)
          sums.forEach((sum, v) => {
            if (epilogue) finishProduct(f, epilogue, sum, pointers, 16 * v)
            storeLanes(f, c, sum, Math.min(4, count - 4 * v), 16 * v)
          })
          f.release(...sums)
          advance(f, b, (count - n * k) * 4)
          advance(f, c, count * 4)
          operands.forEach(({ columnStride }, i) => {
            advance(f, pointers[i] as Local, count * 4 * columnStride)
          })
        }
        between(f, begin, end, () => {
          times(f, Math.floor(n / 16), () => columns(16))
          if (n % 16 > 0) columns(n % 16)
          advance(f, b, -n * 4)
          advance(f, a, 4 * k)
          operands.forEach(({ rowStride, columnStride }, i) => {
            advance(f, pointers[i] as Local, (rowStride - n * columnStride) * 4)
          })
        })
      }),
  }
}
