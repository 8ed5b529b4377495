// softmax and log_softmax along the last axis as one kernel.

import { sizeOf } from '../../../lib/ir/types.js'
import { softmax } from '../kernels/softmax.js'
import type { Unary } from '../math/index.js'
import type { Tensor } from '../schedule.js'
import { softmaxFlops } from '../work.js'
import type { LoweringOf } from './lowering.js'

/** With `log`, the code for logarithms, it is log_softmax. */
export function lowerSoftmax(log?: Unary): LoweringOf<object> {
  return (s, [x], _attrs, type) => {
    const result = s.temporary(type)
    const length = type.shape.at(-1) as number
    s.call(softmax(sizeOf(type.shape) / Math.max(1, length), length, log), result, [x as Tensor], softmaxFlops * sizeOf(type.shape))
    return result
  }
}
