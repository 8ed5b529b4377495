// What reductions compute: sums, products, extremes and their positions, element after element.

import type { DType } from '../../ir/types.js'
import type { Evaluate } from '../op.js'
import type { ReduceName } from '../primitives/reduce.js'
import { checkedAxis, forEachOffset, stridesOf } from '../shapes.js'
import { makeValue } from '../values.js'

function reduction<K extends ReduceName>(start: (dtype: DType) => number, f: (sum: number, x: number) => number, int = f): Evaluate<K, 1> {
  return ([x], { axes, keepdims }) => {
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
  }
}

/** The position of the first extreme along an axis; the first NaN wins, as in NumPy. */
function position<K extends 'argmax' | 'argmin'>(op: K, better: (x: number, best: number) => boolean): Evaluate<K, 1> {
  return ([x], { axis }) => {
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
  }
}

const lowest = { float32: -Infinity, int32: -2147483648, bool: 0 } satisfies Record<DType, number>
const highest = { float32: Infinity, int32: 2147483647, bool: 1 } satisfies Record<DType, number>

export const reductions = {
  reduce_sum: reduction<'reduce_sum'>(
    () => 0,
    (sum, x) => sum + x,
  ),
  reduce_prod: reduction<'reduce_prod'>(
    () => 1,
    (product, x) => product * x,
    Math.imul,
  ),
  reduce_max: reduction<'reduce_max'>(dtype => lowest[dtype], Math.max),
  reduce_min: reduction<'reduce_min'>(dtype => highest[dtype], Math.min),
  argmax: position('argmax', (x, best) => x > best),
  argmin: position('argmin', (x, best) => x < best),
} satisfies { [K in ReduceName | 'argmax' | 'argmin']: Evaluate<K, 1> }
