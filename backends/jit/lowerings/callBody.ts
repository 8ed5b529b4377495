// A body over broadcast operands, as one kernel call.

import { sizeOf } from '../../../lib/ir/types.js'
import { broadcastStrides, stridesOf } from '../../../lib/ops/shapes.js'
import type { BoundType, Scheduling } from '../context.js'
import { nest } from '../kernels/nest.js'
import type { Body } from '../scalar/body.js'
import type { Tensor } from '../schedule.js'
import { bodyFlops } from '../work.js'

export function callBody(s: Scheduling, body: Body, operands: readonly Tensor[], type: BoundType): Tensor {
  const result = s.temporary(type)
  const { shape } = type
  const walks = operands.map(operand => ({ offset: 0, strides: broadcastStrides(operand.shape, shape) }))
  const kernel = nest({ shape, result: { offset: 0, strides: stridesOf(shape) }, operands: walks, body, whole: true })
  s.call(kernel, result, operands, sizeOf(shape) * bodyFlops(body))
  return result
}
