// Reductions: sums, products, extremes and their positions, over any axes.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type DType, type Size, showType } from '../../ir/types.js'
import type { PrimitiveName } from '../../ir/vocabulary.js'
import type { Primitive } from '../op.js'
import { checkedAxes, checkedAxis, forEachOffset, stridesOf } from '../shapes.js'
import { makeValue } from '../values.js'

/** The shape left after reducing `axes`; with keepdims they stay as 1. */
export function reducedShape(shape: readonly Size[], axes: readonly number[], keepdims: boolean): Size[] {
  return keepdims ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) : shape.filter((_, axis) => !axes.includes(axis))
}

type ReduceName = 'reduce_sum' | 'reduce_prod' | 'reduce_max' | 'reduce_min'

function reduction<K extends ReduceName>(
  op: K,
  domain: readonly DType[],
  start: (dtype: DType) => number,
  f: (sum: number, x: number) => number,
  int = f,
): Primitive<K, 1> {
  return {
    arity: 1,
    infer([x], { axes, keepdims }) {
      if (!domain.includes(x.dtype))
        throw new DTypeError(`${op} needs ${domain.join(' or ')}, got ${showType(x)}`, { x }, 'cast() converts')
      return { dtype: x.dtype, shape: reducedShape(x.shape, checkedAxes(op, axes, x), keepdims) }
    },
    evaluate([x], { axes, keepdims }) {
      const out = makeValue(
        x.dtype,
        x.shape.filter((_, axis) => !axes.includes(axis)),
        () => start(x.dtype),
      )
      const strides = stridesOf(out.shape)
      const outStrides = x.shape.map((_, axis) => (axes.includes(axis) ? 0 : (strides.shift() as number)))
      const g = x.dtype === 'int32' ? int : f
      forEachOffset(x.shape, outStrides, (flat, at) => {
        out.data[at] = g(out.data[at] as number, x.data[flat] as number)
      })
      return {
        ...out,
        shape: x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)).filter((_, axis) => keepdims || !axes.includes(axis)),
      }
    },
  }
}

/** The position of the first extreme along an axis; the first NaN wins, as in NumPy. */
function position<K extends 'argmax' | 'argmin'>(op: K, better: (x: number, best: number) => boolean): Primitive<K, 1> {
  return {
    arity: 1,
    infer([x], { axis }) {
      const at = checkedAxis(op, axis, x)
      if (x.shape[at] === 0) throw new ShapeError(`${op}: axis ${axis} is empty`, { x })
      return { dtype: 'int32', shape: x.shape.filter((_, k) => k !== at) }
    },
    evaluate([x], { axis }) {
      const at = checkedAxis(op, axis, x)
      const length = x.shape[at] as number
      const strides = stridesOf(x.shape)
      const step = strides[at] as number
      const out = makeValue(
        'int32',
        x.shape.filter((_, k) => k !== at),
      )
      forEachOffset(
        out.shape,
        strides.filter((_, k) => k !== at),
        (flat, offset) => {
          let best = 0
          for (let k = 1; k < length; k++) {
            const [value, top] = [x.data[offset + k * step] as number, x.data[offset + best * step] as number]
            if (!Number.isNaN(top) && (Number.isNaN(value) || better(value, top))) best = k
          }
          out.data[flat] = best
        },
      )
      return out
    },
  }
}

const lowest = { float32: -Infinity, int32: -2147483648, bool: 0 } satisfies Record<DType, number>
const highest = { float32: Infinity, int32: 2147483647, bool: 1 } satisfies Record<DType, number>

export const reductions = {
  reduce_sum: reduction(
    'reduce_sum',
    ['float32', 'int32'],
    () => 0,
    (sum, x) => sum + x,
  ),
  reduce_prod: reduction(
    'reduce_prod',
    ['float32', 'int32'],
    () => 1,
    (product, x) => product * x,
    Math.imul,
  ),
  /** The maximum; of bool, whether any is true. Empty axes give the lowest value. */
  reduce_max: reduction('reduce_max', ['float32', 'int32', 'bool'], dtype => lowest[dtype], Math.max),
  /** The minimum; of bool, whether all are true. Empty axes give the highest value. */
  reduce_min: reduction('reduce_min', ['float32', 'int32', 'bool'], dtype => highest[dtype], Math.min),
  argmax: position('argmax', (x, best) => x > best),
  argmin: position('argmin', (x, best) => x < best),
} satisfies { [K in PrimitiveName & (ReduceName | 'argmax' | 'argmin')]: Primitive<K, 1> }
