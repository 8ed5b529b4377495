// matmul: the contraction of the last axis of one operand with the last but one of the other.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type Size, showType } from '../../ir/types.js'
import type { Primitive } from '../op.js'
import { broadcastShapes } from '../shapes.js'

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
}
