// normalize, rms_normalize and l2_normalize over the last axes, with what follows them where it reads rows.

import type { OpAttrs } from '../../../lib/ir/vocabulary.js'
import { type End, endApart, rowEpilogue, sizeOf } from '../common.js'
import type { BoundType, Scheduling } from '../context.js'
import { type StandardiseSpec, standardise } from '../kernels/standardise.js'
import type { Tensor } from '../schedule.js'

/** Per element: its square, the two sums, its scaling; the mean's sum and difference where there is one. */
const flopsPerElement = { centred: 5, plain: 3 }

type Attrs = OpAttrs['normalize'] | OpAttrs['l2_normalize']

export function lowerStandardise(op: StandardiseSpec['op']) {
  return (s: Scheduling, [x]: readonly Tensor[], attrs: Attrs, type: BoundType, end?: End): Tensor => {
    const { epsilon } = attrs
    const axes = 'axes' in attrs ? attrs.axes : [attrs.axis]
    const finish = end && axes.length === 1 ? rowEpilogue(end, type.shape, 0) : undefined
    if (end && !finish) return endApart(s, lowerStandardise(op)(s, [x as Tensor], attrs, type), end)
    const result = s.temporary(end ? end.type : type)
    const length = sizeOf(type.shape.slice(type.shape.length - axes.length))
    const kernel = standardise({
      rows: sizeOf(type.shape) / Math.max(1, length),
      length,
      epsilon,
      op,
      epilogue: finish?.epilogue,
    })
    const flops = (op === 'normalize' ? flopsPerElement.centred : flopsPerElement.plain) + (finish?.flops ?? 0)
    s.call(kernel, result, [x as Tensor, ...(finish?.operands ?? [])], flops * sizeOf(type.shape))
    return result
  }
}
