// What leaves compute: constants and counts.

import type { Evaluate } from '../op.js'
import { forEachOffset, stridesOf } from '../shapes.js'
import { concrete, makeValue } from '../values.js'

export const constant: Evaluate<'constant', 0> = (_operands, { data, dtype, shape }) =>
  makeValue(dtype, concrete(shape), flat => data[data.length === 1 ? 0 : flat] as number)

export const iota: Evaluate<'iota', 0> = (_operands, { axis, dtype, shape }) => {
  const sizes = concrete(shape)
  const out = makeValue(dtype, sizes)
  forEachOffset(
    sizes,
    stridesOf(sizes).map((_, k) => (k === axis ? 1 : 0)),
    (flat, offset) => {
      out.data[flat] = dtype === 'bool' ? (offset ? 1 : 0) : offset
    },
  )
  return out
}
