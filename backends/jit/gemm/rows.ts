// A product row by row: eight columns at a time from packed panels.

import type { FunctionHandle, Local } from '../assembler.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from '../kernels/loops.js'
import type { ModuleAssembler } from '../module.js'
import { finishProduct } from './finish.js'
import type { GemmSpec } from './index.js'

export function emitRows(module: ModuleAssembler, name: string, { k, n, epilogue }: GemmSpec): FunctionHandle {
  const operands = epilogue?.operands ?? []
  return module.function(name, kernelType(3 + operands.length), f => {
    const [c, a, packed] = f.params as [Local, Local, Local]
    const pointers = f.params.slice(3, 3 + operands.length)
    const [begin, end] = f.params.slice(-2) as [Local, Local]
    epilogue?.begin(f)
    advanceBy(f, c, begin, n * 4)
    advanceBy(f, a, begin, k * 4)
    operands.forEach(({ rowStride }, i) => {
      advanceBy(f, pointers[i] as Local, begin, rowStride * 4)
    })
    const b = f.local('i32')
    between(f, begin, end, () => {
      f.get(packed)
      f.set(b)
      const panel = (columns: number): void => {
        const sums = columns > 4 ? [f.local('v128'), f.local('v128')] : [f.local('v128')]
        for (const sum of sums) {
          f.splat(0)
          f.set(sum)
        }
        times(f, k, () => {
          sums.forEach((sum, half) => {
            f.get(sum)
            f.get(a)
            f.op('v128.load32_splat')
            f.get(b)
            f.op('v128.load', half * 16)
            f.op('f32x4.mul')
            f.op('f32x4.add')
            f.set(sum)
          })
          advance(f, a, 4)
          advance(f, b, 32)
        })
        advance(f, a, -4 * k)
        sums.forEach((sum, half) => {
          if (epilogue) finishProduct(f, epilogue, sum, pointers, half * 16)
          storeLanes(f, c, sum, Math.min(4, columns - half * 4), half * 16)
        })
        f.release(...sums)
        advance(f, c, columns * 4)
        operands.forEach(({ columnStride }, i) => {
          advance(f, pointers[i] as Local, columns * 4 * columnStride)
        })
      }
      times(f, Math.floor(n / 8), () => panel(8))
      if (n % 8 > 0) panel(n % 8)
      advance(f, a, 4 * k)
      operands.forEach(({ rowStride, columnStride }, i) => {
        advance(f, pointers[i] as Local, (rowStride - n * columnStride) * 4)
      })
    })
    f.release(b)
  })
}
