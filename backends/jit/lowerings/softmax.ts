// softmax and log_softmax as one kernel.

import { sizeOf } from '../../../lib/ir/types.js'
import { checkedAxis } from '../../../lib/ops/shapes.js'
import { softmax } from '../kernels/softmax.js'
import type { Unary } from '../math/index.js'
import type { Tensor } from '../schedule.js'
import { softmaxFlops } from '../work.js'
import { columns } from './columns.js'
import type { LoweringOf } from './lowering.js'

/** With `log`, the code for logarithms, it is log_softmax. */
export function lowerSoftmax(log?: Unary): LoweringOf<{ readonly axis: number }> {
  return (s, [x], { axis }, type) => {
    const result = s.temporary(type)
    const at = checkedAxis('softmax', axis, type)
    const [outer, inner] = [sizeOf(type.shape.slice(0, at)), sizeOf(type.shape.slice(at + 1))]
    const length = type.shape[at] as number
    const kernel = inner === 1 ? softmax(outer, length, log) : columns.get().softmaxColumns({ outer, length, inner, log, total: false })
    s.call(kernel, result, [x as Tensor], softmaxFlops * sizeOf(type.shape))
    return result
  }
}
