// Packs a right operand into panels of eight columns, so that a product reads it in one straight line.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { advance, advanceBy, kernelType, times } from '../kernels/loops.js'
import { panelColumns } from './choose.js'

/** Pointers (packed, B); B is k×n, row-major. Columns past n become 0. */
export function pack(k: number, n: number): Kernel {
  const panels = Math.ceil(n / panelColumns)
  const rest = n % panelColumns
  return {
    key: `pack ${k}x${n}`,
    extent: panels,
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [packed, b, begin, end] = f.params as [Local, Local, Local, Local]
        advanceBy(f, packed, begin, k * 32)
        advanceBy(f, b, begin, 32)
        const panel = (columns: number): void => {
          times(f, k, () => {
            packRow(f, packed, b, columns)
            advance(f, b, n * 4)
          })
        }
        f.block(() => {
          f.loop(() => {
            f.get(begin)
            f.get(end)
            f.op('i32.ge_s')
            f.branchIf(1)
            if (rest === 0) panel(panelColumns)
            else {
              f.get(begin)
              f.i32(panels - 1)
              f.op('i32.eq')
              f.if(
                () => panel(rest),
                () => panel(panelColumns),
              )
            }
            advance(f, b, 32 - n * 4 * k)
            advance(f, begin, 1)
            f.branch(0)
          })
        })
      }),
  }
}

/** One row of a panel from `columns` neighbours, 0 behind them; `packed` moves on. */
export function packRow(f: FunctionAssembler, packed: Local, from: Local, columns: number): void {
  for (const half of [0, 4]) {
    const live = Math.max(0, Math.min(4, columns - half))
    f.get(packed)
    if (live === 0) f.splat(0)
    else {
      f.get(from)
      f.op('v128.load', half * 4)
      if (live < 4) {
        f.v128([-1, live > 1 ? -1 : 0, live > 2 ? -1 : 0, 0], 'i32')
        f.op('v128.and')
      }
    }
    f.op('v128.store', half * 4)
  }
  advance(f, packed, 4 * panelColumns)
}
