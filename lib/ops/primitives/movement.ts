// Data movement: reshape, broadcast, transpose, reverse, concat, slice.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type Size, showType } from '../../ir/types.js'
import type { Primitive } from '../op.js'
import { checkedAxes, checkedAxis, resolveReshape } from '../shapes.js'

/** Row-major reshape; one −1 is inferred. */
export const reshape: Primitive<'reshape', 1> = {
  arity: 1,
  infer: ([x], { shape }, site) => ({ dtype: x.dtype, shape: resolveReshape(x, shape, site) }),
}

/** NumPy's broadcast_to. */
export const broadcast: Primitive<'broadcast', 1> = {
  arity: 1,
  infer([x], { shape }) {
    const offset = shape.length - x.shape.length
    const fits =
      offset >= 0 &&
      shape.every(size => typeof size === 'string' || (Number.isInteger(size) && size >= 0)) &&
      x.shape.every(
        (size, axis) => size === 1 || typeof size === 'string' || typeof shape[axis + offset] === 'string' || size === shape[axis + offset],
      )
    if (!fits) throw new ShapeError(`broadcast: ${showType(x)} does not broadcast to [${shape.join(', ')}]`, { x })
    return { dtype: x.dtype, shape }
  },
}

/** Result axis k is operand axis perm[k]. */
export const transpose: Primitive<'transpose', 1> = {
  arity: 1,
  infer([x], { perm }) {
    const sorted = [...perm].sort((a, b) => a - b)
    if (perm.length !== x.shape.length || sorted.some((axis, k) => axis !== k)) {
      throw new ShapeError(`transpose: [${perm.join(', ')}] is no permutation of the axes of ${showType(x)}`, { x })
    }
    return { dtype: x.dtype, shape: perm.map(axis => x.shape[axis] as Size) }
  },
}

export const reverse: Primitive<'reverse', 1> = {
  arity: 1,
  infer([x], { axes }) {
    checkedAxes('reverse', axes, x)
    return x
  },
}

/** Joins one or more operands along an axis; all other sizes agree. */
export const concat: Primitive<'concat', 'any'> = {
  arity: 'any',
  infer(operands, { axis }, site) {
    const [first] = operands
    if (!first) throw new ShapeError('concat needs at least one operand')
    const at = checkedAxis('concat', axis, first)
    const named = Object.fromEntries(operands.map((type, k) => [`operand ${k}`, type]))
    const shape = first.shape.map((size, k): Size => {
      if (k === at) {
        const sizes = operands.map(type => type.shape[k])
        if (operands.length === 1) return size
        return sizes.every(part => typeof part === 'number') ? sizes.reduce((sum, part) => sum + part, 0) : site.fresh(k)
      }
      return operands.map(type => type.shape[k] as Size).find(part => typeof part === 'number') ?? size
    })
    for (const type of operands) {
      if (type.dtype !== first.dtype) throw new DTypeError('concat needs operands of one dtype', named, 'cast() converts')
      const fits =
        type.shape.length === shape.length && type.shape.every((size, k) => k === at || size === shape[k] || typeof size === 'string')
      if (!fits) throw new ShapeError(`concat: all sizes but axis ${axis} must agree`, named)
    }
    return { dtype: first.dtype, shape }
  },
}

/** The bounds of a slice on a known size, as Python clips them. */
export function sliceBounds(size: number, begin: number, end: number | null): { start: number; stop: number } {
  const clip = (bound: number) => Math.max(0, Math.min(size, bound < 0 ? bound + size : bound))
  const start = clip(begin)
  return { start, stop: Math.max(start, end === null ? size : clip(end)) }
}

export const slice: Primitive<'slice', 1> = {
  arity: 1,
  infer([x], { begin, end, strides }, site) {
    const rank = x.shape.length
    if (
      begin.length !== rank ||
      end.length !== rank ||
      strides.length !== rank ||
      !strides.every(step => Number.isInteger(step) && step >= 1)
    ) {
      throw new ShapeError(`slice needs begin, end and strides ≥ 1 for each of the ${rank} axes of ${showType(x)}`, { x })
    }
    const shape = x.shape.map((size, axis): Size => {
      const [from, to, step] = [begin[axis] as number, end[axis] as number | null, strides[axis] as number]
      if (from === 0 && to === null && step === 1) return size
      if (typeof size === 'string') return site.fresh(axis)
      const { start, stop } = sliceBounds(size, from, to)
      return Math.ceil((stop - start) / step)
    })
    return { dtype: x.dtype, shape }
  },
}
