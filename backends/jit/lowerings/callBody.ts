// A body over broadcast operands, as one kernel call.

import { broadcastStrides, stridesOf } from '../../../lib/ops/shapes.js'
import type { BoundType, Scheduling } from '../context.js'
import { nest } from '../kernels/nest.js'
import type { Body } from '../scalar/body.js'
import type { Tensor } from '../schedule.js'

export function callBody(s: Scheduling, body: Body, operands: readonly Tensor[], type: BoundType): Tensor {
  const result = s.temporary(type)
  const { shape } = type
  const walks = operands.map(operand => ({ offset: 0, strides: broadcastStrides(operand.shape, shape) }))
  s.call(nest({ shape, result: { offset: 0, strides: stridesOf(shape) }, operands: walks, body, whole: true }), result, operands)
  return result
}
