// matmul: leading axes into rows where one right operand serves all, weights packed once, an epilogue before the store.

import { sizeOf } from '../../../lib/ir/types.js'
import { broadcastStrides, stridesOf } from '../../../lib/ops/shapes.js'
import type { BoundType, Scheduling } from '../context.js'
import { gemm, pack, packedLength, plainGemm, worthPacking } from '../gemm/index.js'
import { batched } from '../kernels/batched.js'
import type { Walk } from '../kernels/walks.js'
import type { Tensor } from '../schedule.js'
import { callBody } from './callBody.js'
import { type End, rowEpilogue } from './epilogue.js'

export function lowerMatmul(s: Scheduling, operands: readonly Tensor[], type: BoundType, end?: End): Tensor {
  const [lhs, rhs] = operands as [Tensor, Tensor]
  const [m, k, n] = [lhs.shape.at(-2) as number, lhs.shape.at(-1) as number, type.shape.at(-1) as number]
  const lead = type.shape.slice(0, -2)
  const shared = sizeOf(rhs.shape.slice(0, -2)) === 1
  const spread = shared && !sameSizes(lhs.shape.slice(0, -2), lead) ? s.spread(lhs, [...lead, m, k]) : lhs
  const rows = shared ? sizeOf(lead) * m : m
  const batch = shared ? [] : lead
  const finish = end && rowEpilogue(end, type.shape, batch.length)
  if (end && !finish) {
    const product = lowerMatmul(s, operands, type)
    const { body, operands: others } = end.rest(product)
    return callBody(s, body, [product, ...others], end.type)
  }
  const result = s.temporary(end ? end.type : type)
  const spec = { m: rows, k, n, ...(finish ? { epilogue: finish.epilogue } : {}) }
  const right = type.dtype === 'float32' ? packedOperand(s, rhs, k, n, rows) : undefined
  const kernel = right ? gemm(spec) : plainGemm(spec, type.dtype)
  const others = finish?.operands ?? []
  const flops = sizeOf(type.shape) * (2 * k + (finish?.flops ?? 0))
  if (shared) {
    s.call(kernel, result, [spread, right ?? rhs, ...others], flops)
    return result
  }
  const walks: Walk[] = [
    { offset: 0, strides: stridesOf([...lead, m * n]).slice(0, -1) },
    matrixWalk(lhs.shape, lead, m * k),
    matrixWalk(rhs.shape, lead, right ? packedLength(k, n) : k * n),
    ...others.map(({ shape }) => ({ offset: 0, strides: broadcastStrides(shape, type.shape).slice(0, -2) })),
  ]
  s.call(batched(kernel, batch, walks), result, [lhs, right ?? rhs, ...others], flops)
  return result
}

function sameSizes(a: readonly number[], b: readonly number[]): boolean {
  return sizeOf(a) === sizeOf(b)
}

/** How the leading axes step through matrices that lie `size` elements apart. */
function matrixWalk(shape: readonly number[], lead: readonly number[], size: number): Walk {
  return { offset: 0, strides: broadcastStrides(shape.slice(0, -2), lead).map(stride => stride * size) }
}

/** The right operand in panels, one set per matrix: prepared if it is a weight, else packed in front of the product. */
function packedOperand(s: Scheduling, rhs: Tensor, k: number, n: number, rows: number): Tensor | undefined {
  const matrices = sizeOf(rhs.shape.slice(0, -2))
  const one = packedLength(k, n)
  const elements = matrices * one
  if (elements === 0) return undefined
  const single = pack(k, n)
  const walks = [one, k * n].map(size => ({ offset: 0, strides: [size] }))
  const kernel = matrices === 1 ? single : batched(single, [matrices], walks)
  const prepared = s.packed(rhs, `${matrices}x${k}x${n}`, elements, kernel)
  if (prepared || !worthPacking(rows, k, n)) return prepared
  const panels = s.temporary({ dtype: 'float32', shape: [elements] })
  s.call(kernel, panels, [rhs])
  return panels
}
