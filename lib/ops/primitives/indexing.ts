// Data movement that few models have: padding, and by indices.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type Size, showType } from '../../ir/types.js'
import type { Primitive } from '../op.js'
import { checkedAxis } from '../shapes.js'

/** Adds `low` and `high` cells of the scalar second operand around each axis. */
export const pad: Primitive<'pad', 2> = {
  arity: 2,
  infer([x, fill], { low, high }, site) {
    if (fill.dtype !== x.dtype || fill.shape.length !== 0)
      throw new DTypeError("pad needs a scalar fill of its operand's dtype", { x, fill })
    const whole = [...low, ...high].every(cells => Number.isInteger(cells) && cells >= 0)
    if (low.length !== x.shape.length || high.length !== x.shape.length || !whole) {
      throw new ShapeError(`pad needs low and high ≥ 0 for each axis of ${showType(x)}`, { x })
    }
    const shape = x.shape.map((size, axis): Size => {
      const cells = (low[axis] as number) + (high[axis] as number)
      if (cells === 0) return size
      return typeof size === 'number' ? size + cells : site.fresh(axis)
    })
    return { dtype: x.dtype, shape }
  },
}

/** Takes entries along an axis by int32 indices; indices outside are clamped, as in XLA. */
export const gather: Primitive<'gather', 2> = {
  arity: 2,
  infer([x, indices], { axis }) {
    if (indices.dtype !== 'int32') throw new DTypeError(`gather needs int32 indices, got ${showType(indices)}`, { x, indices })
    const at = checkedAxis('gather', axis, x)
    if (x.shape[at] === 0 && !indices.shape.includes(0)) throw new ShapeError(`gather: axis ${axis} is empty`, { x, indices })
    return { dtype: x.dtype, shape: [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)] }
  },
}

/** Adds `updates` to `x` at int32 indices along an axis: the transpose of `gather`, with its clamping. */
export const scatterAdd: Primitive<'scatter_add', 3> = {
  arity: 3,
  infer([x, indices, updates], { axis }) {
    if (indices.dtype !== 'int32') throw new DTypeError(`scatter_add needs int32 indices, got ${showType(indices)}`, { x, indices })
    if (updates.dtype !== x.dtype || x.dtype === 'bool') throw new DTypeError('scatter_add adds numbers of one dtype', { x, updates })
    const at = checkedAxis('scatter_add', axis, x)
    const wanted = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)]
    const fits =
      wanted.length === updates.shape.length &&
      wanted.every((size, k) => size === updates.shape[k] || typeof size === 'string' || typeof updates.shape[k] === 'string')
    if (!fits) throw new ShapeError(`scatter_add needs updates of shape [${wanted.join(', ')}]`, { x, indices, updates })
    return x
  },
}
