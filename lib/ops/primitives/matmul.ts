// matmul: the contraction of the last axis of one operand with the last but one of the other.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type Size, showType } from '../../ir/types.js'
import type { Primitive } from '../op.js'
import { broadcastShapes, broadcastStrides, forEachOffset } from '../shapes.js'
import { makeValue } from '../values.js'

/** [..., m, k] · [..., k, n] → [..., m, n]; leading axes broadcast as in NumPy. */
export const matmul: Primitive<'matmul', 2> = {
  arity: 2,
  infer([lhs, rhs], _attrs, site) {
    if (lhs.dtype !== rhs.dtype || lhs.dtype === 'bool')
      throw new DTypeError('matmul needs numbers of one dtype', { lhs, rhs }, 'cast() converts')
    if (lhs.shape.length < 2 || rhs.shape.length < 2) throw new ShapeError('matmul needs operands of rank 2 or more', { lhs, rhs })
    const [inner, rows] = [lhs.shape.at(-1), rhs.shape.at(-2)]
    if (inner !== rows && typeof inner === 'number' && typeof rows === 'number') {
      throw new ShapeError(`matmul needs lhs axis -1 (${inner}) to equal rhs axis -2 (${rows})`, { lhs, rhs })
    }
    const lead = (type: typeof lhs) => ({ dtype: type.dtype, shape: type.shape.slice(0, -2) })
    if (lhs.shape.length > 2 && rhs.shape.length > 2) {
      // reported with the whole types: the batch axes alone would not tell the user which operands are meant
      try {
        broadcastShapes('matmul', { lhs: lead(lhs), rhs: lead(rhs) }, site)
      } catch {
        throw new ShapeError(`matmul: the leading axes of ${showType(lhs)} and ${showType(rhs)} do not broadcast`, { lhs, rhs })
      }
    }
    const batch = broadcastShapes('matmul', { lhs: lead(lhs), rhs: lead(rhs) }, site)
    return { dtype: lhs.dtype, shape: [...batch, lhs.shape.at(-2) as Size, rhs.shape.at(-1) as Size] }
  },
  evaluate([lhs, rhs]) {
    const [m, k, n] = [lhs.shape.at(-2) as number, lhs.shape.at(-1) as number, rhs.shape.at(-1) as number]
    const [lead, lead2] = [lhs.shape.slice(0, -2), rhs.shape.slice(0, -2)]
    const rank = Math.max(lead.length, lead2.length)
    const batch = Array.from({ length: rank }, (_, axis) => {
      const [a, b] = [lead[axis - rank + lead.length] ?? 1, lead2[axis - rank + lead2.length] ?? 1]
      return a === 1 ? b : a
    })
    const out = makeValue(lhs.dtype, [...batch, m, n])
    // doubles hold no product of two large int32: imul wraps as the hardware does
    const times = lhs.dtype === 'int32' ? Math.imul : (x: number, y: number) => x * y
    const rhsAt: number[] = []
    forEachOffset(batch, broadcastStrides(lead2, batch), (_, offset) => rhsAt.push(offset * k * n))
    forEachOffset(batch, broadcastStrides(lead, batch), (matrix, offset) => {
      const [a, b, c] = [offset * m * k, rhsAt[matrix] as number, matrix * m * n]
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < n; column++) {
          let sum = 0
          for (let i = 0; i < k; i++) sum += times(lhs.data[a + row * k + i] as number, rhs.data[b + i * n + column] as number)
          out.data[c + row * n + column] = sum
        }
      }
    })
    return out
  },
}
