// Pools, and depthwise convolutions: windows with channels in lanes.

import type { OpAttrs, Windows } from '../../../lib/ir/vocabulary.js'
import { slidingWindow } from '../../../lib/ops/primitives/windows.js'
import { paddings } from '../../../lib/ops/windows.js'
import { type End, endApart, epilogueAlong, positionEnd, sizeOf } from '../common.js'
import type { BoundType, Scheduling } from '../context.js'
import type { WindowAxis } from '../kernels/windowAxis.js'
import type { WindowRule } from '../kernels/windowRule.js'
import { windows } from '../kernels/windows.js'
import type { Tensor } from '../schedule.js'

export interface WindowCall {
  readonly rule: WindowRule
  readonly axes: readonly WindowAxis[]
  readonly operands: readonly Tensor[]
  readonly type: BoundType
  readonly end: End | undefined
}

export function callWindows(s: Scheduling, { rule, axes, operands, type, end }: WindowCall): Tensor {
  const finish = end && positionEnd(end, type)
  if (end && !finish) return endApart(s, callWindows(s, { rule, axes, operands, type, end: undefined }), end)
  const [batch, channels] = [type.shape[0] as number, type.shape.at(-1) as number]
  const result = s.temporary(end ? end.type : type)
  const kernel = windows({
    rule,
    dtype: type.dtype,
    batch,
    axes,
    channels,
    epilogue: finish && epilogueAlong(finish, finish.walks),
    operands: finish?.walks ?? [],
  })
  const taps = axes.reduce((product, axis) => product * axis.taps, rule === 'filter' ? 2 : 1)
  s.call(kernel, result, [...operands, ...(finish?.operands ?? [])], sizeOf(type.shape) * (taps + (finish?.flops ?? 0)))
  return result
}

const rules = { window_max: 'max', window_sum: 'sum', avg_pool: 'mean' } as const satisfies Partial<Record<keyof OpAttrs, WindowRule>>

export type PoolName = keyof typeof rules

export function lowerPool(s: Scheduling, op: PoolName, [x]: readonly Tensor[], attrs: Windows, type: BoundType, end?: End): Tensor {
  const image = x as Tensor
  const sizes = image.shape.slice(1, -1)
  const padding = paddings(slidingWindow(attrs), sizes)
  const axes = sizes.map((size, k) => ({
    size,
    taps: attrs.window[k] as number,
    stride: attrs.strides[k] as number,
    dilation: 1,
    low: (padding[k] as readonly [number, number])[0],
    positions: type.shape[k + 1] as number,
  }))
  return callWindows(s, { rule: rules[op], axes, operands: [image], type, end })
}
