// logsumexp along the last axes: one pass for the maximum, one for the sum.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { exp } from '../math/exp.js'
import { log } from '../math/log.js'
import { advance, advanceBy, between, kernelType, storeLanes } from './loops.js'
import { RowPasses } from './softmax.js'

const largest = 3.4028234663852886e38

/** Pointers (result, operand), [rows] and [rows, length]; the extent is rows. */
export function logSumExp(rows: number, length: number): Kernel {
  return {
    key: `logsumexp [${rows},${length}]`,
    extent: rows,
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [to, from, begin, end] = f.params as [Local, Local, Local, Local]
        advanceBy(f, to, begin, 4)
        advanceBy(f, from, begin, 4 * length)
        const row = new RowPasses(f, length)
        between(f, begin, end, () => {
          row.greatest(from)
          pushFinite(f, row.top)
          f.set(row.top)
          row.total(from, undefined, exp)
          log(f, row.sum)
          f.get(row.top)
          f.op('f32x4.add')
          f.set(row.sum)
          storeLanes(f, to, row.sum, 1)
          advance(f, to, 4)
          advance(f, from, 4 * length)
        })
      }),
  }
}

/** What is taken away before exponentials: the maximum, or the finite number next to it, for ∞ − ∞ is none. */
export function pushFinite(f: FunctionAssembler, top: Local): void {
  f.get(top)
  f.splat(largest)
  f.op('f32x4.min')
  f.splat(-largest)
  f.op('f32x4.max')
}
