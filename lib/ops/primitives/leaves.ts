// Leaves that compute: constants and iota. Their type is written in their attributes.

import { ArgumentError } from '../../ir/errors.js'
import { sizeOf } from '../../ir/types.js'
import type { Primitive } from '../op.js'

export const constant: Primitive<'constant', 0> = {
  arity: 0,
  infer(_operands, { data, dtype, shape }) {
    const known = shape.filter(size => typeof size === 'number')
    if (data.length !== 1 && (known.length < shape.length || data.length !== sizeOf(known))) {
      throw new ArgumentError(`constant: shape [${shape.join(', ')}] needs one value or as many as it has elements, got ${data.length}`)
    }
    return { dtype, shape }
  },
}

/** Counts 0, 1, 2, … along one axis. */
export const iota: Primitive<'iota', 0> = {
  arity: 0,
  infer(_operands, { axis, dtype, shape }) {
    if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length)
      throw new ArgumentError(`iota: axis ${axis} is out of range for rank ${shape.length}`)
    return { dtype, shape }
  },
}
