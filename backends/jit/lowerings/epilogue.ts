// Epilogues: the elementwise work that follows a product, a convolution or a pool inside one kernel.

import { broadcastStrides } from '../../../lib/ops/shapes.js'
import type { BoundType, Scheduling } from '../context.js'
import type { EpilogueOperand, GemmEpilogue } from '../gemm/index.js'
import { collapse, type Walk } from '../kernels/walks.js'
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

/** The epilogue over rows of a matrix behind `batchAxes` axes, if every operand steps through rows and columns evenly. */
export function rowEpilogue(
  end: End,
  shape: readonly number[],
  batchAxes: number,
): { epilogue: GemmEpilogue; operands: readonly Tensor[]; flops: number } | undefined {
  const rank = shape.length
  const value: Tensor = { dtype: end.type.dtype, shape, place: { buffer: -1, offset: 0 } }
  const { body, operands } = end.rest(value)
  if (end.type.shape.length !== rank || !end.type.shape.every((size, axis) => size === shape[axis])) return undefined
  const walks: EpilogueOperand[] = []
  for (const operand of operands) {
    const strides = broadcastStrides(operand.shape, shape).slice(batchAxes)
    const rows = collapse(shape.slice(batchAxes, -1), [{ offset: 0, strides: strides.slice(0, -1) }])
    if (rows.shape.length > 1) return undefined
    const columnStride = shape[rank - 1] === 1 ? 0 : strides.at(-1)
    if (columnStride !== 0 && columnStride !== 1) return undefined
    walks.push({ rowStride: rows.walks[0]?.strides[0] ?? 0, columnStride })
  }
  return { epilogue: epilogueOf(body, walks), operands, flops: bodyFlops(body) }
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
