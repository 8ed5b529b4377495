// Reductions: sums, products, extremes and their positions, over any axes.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type DType, type Size, showType } from '../../ir/types.js'
import type { PrimitiveName } from '../../ir/vocabulary.js'
import type { Primitive } from '../op.js'
import { checkedAxes, checkedAxis } from '../shapes.js'

/** The shape left after reducing `axes`; with keepdims they stay as 1. */
export function reducedShape(shape: readonly Size[], axes: readonly number[], keepdims: boolean): Size[] {
  return keepdims ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) : shape.filter((_, axis) => !axes.includes(axis))
}

export type ReduceName = 'reduce_sum' | 'reduce_prod' | 'reduce_max' | 'reduce_min'

function reduction<K extends ReduceName>(op: K, domain: readonly DType[]): Primitive<K, 1> {
  return {
    arity: 1,
    infer([x], { axes, keepdims }) {
      if (!domain.includes(x.dtype))
        throw new DTypeError(`${op} needs ${domain.join(' or ')}, got ${showType(x)}`, { x }, 'cast() converts')
      return { dtype: x.dtype, shape: reducedShape(x.shape, checkedAxes(op, axes, x), keepdims) }
    },
  }
}

function position<K extends 'argmax' | 'argmin'>(op: K): Primitive<K, 1> {
  return {
    arity: 1,
    infer([x], { axis }) {
      const at = checkedAxis(op, axis, x)
      if (x.shape[at] === 0) throw new ShapeError(`${op}: axis ${axis} is empty`, { x })
      return { dtype: 'int32', shape: x.shape.filter((_, k) => k !== at) }
    },
  }
}

const numbers: readonly DType[] = ['float32', 'int32']
const anything: readonly DType[] = [...numbers, 'bool']

export const reductions = {
  reduce_sum: reduction('reduce_sum', numbers),
  reduce_prod: reduction('reduce_prod', numbers),
  /** The maximum; of bool, whether any is true. Empty axes give the lowest value. */
  reduce_max: reduction('reduce_max', anything),
  /** The minimum; of bool, whether all are true. Empty axes give the highest value. */
  reduce_min: reduction('reduce_min', anything),
  /** The position of the first extreme along an axis. */
  argmax: position('argmax'),
  argmin: position('argmin'),
} satisfies { [K in PrimitiveName & (ReduceName | 'argmax' | 'argmin')]: Primitive<K, 1> }
