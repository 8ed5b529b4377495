// Epilogues: the elementwise work that follows a product, a convolution or a pool inside one kernel.

import { broadcastStrides } from '../../../lib/ops/shapes.js'
import type { BoundType, Scheduling } from '../context.js'
import type { EpilogueOperand, GemmEpilogue } from '../gemm/index.js'
import type { Walk } from '../kernels/walks.js'
import { type Body, BodyEmitter, showBody } from '../scalar/body.js'
import type { Tensor } from '../schedule.js'
import { bodyFlops } from '../work.js'
import { callBody } from './callBody.js'

/** Elementwise work on the anchor's value; `rest` gives it as a body whose operand 0 is that value. */
export interface End {
  readonly type: BoundType
  rest(value: Tensor): { readonly body: Body; readonly operands: readonly Tensor[] }
}

/** A body as the epilogue of a kernel that walks its operands so. */
export function epilogueOf(body: Body, operands: readonly EpilogueOperand[]): GemmEpilogue {
  const key = `${showBody(body)} ${operands.map(({ rowStride, columnStride }) => `[${rowStride},${columnStride}]`).join(' ')}`
  const emitters = new WeakMap<object, BodyEmitter>()
  return {
    key,
    operands,
    begin(f) {
      emitters.set(f, new BodyEmitter(f, body))
    },
    emit(f, product, values) {
      emitters.get(f)?.emit([product, ...values])
    },
  }
}

/** An end that keeps the shape, channels last; its operands walk by the axes of the result before the channels. */
export interface PositionEnd {
  readonly body: Body
  readonly operands: readonly Tensor[]
  readonly walks: readonly Walk[]
  readonly columnStrides: readonly (0 | 1)[]
  readonly flops: number
}

/** An end for a kernel over positions, or undefined where the end changes the shape. */
export function positionEnd(end: End, type: BoundType): PositionEnd | undefined {
  const { shape } = type
  const { body, operands } = end.rest({ ...type, place: { buffer: -1, offset: 0 } })
  if (end.type.shape.length !== shape.length || !end.type.shape.every((size, k) => size === shape[k])) return undefined
  const strides = operands.map(operand => broadcastStrides(operand.shape, shape))
  return {
    body,
    operands,
    walks: strides.map(steps => ({ offset: 0, strides: steps.slice(0, -1) })),
    columnStrides: strides.map(steps => (shape.at(-1) === 1 || steps.at(-1) === 0 ? 0 : 1)),
    flops: bodyFlops(body),
  }
}

/** The epilogue for rows along the last axis of `walks`. */
export function epilogueAlong({ body, columnStrides }: PositionEnd, walks: readonly Walk[]): GemmEpilogue {
  return epilogueOf(
    body,
    columnStrides.map((columnStride, k) => ({ rowStride: walks[k]?.strides.at(-1) ?? 0, columnStride })),
  )
}

/** Runs `end` as a kernel of its own, after one that cannot take it in. */
export function endApart(s: Scheduling, value: Tensor, end: End): Tensor {
  const { body, operands } = end.rest(value)
  return callBody(s, body, [value, ...operands], end.type)
}
