// Arithmetic of sizes and strides that several type rules and evaluations share.

import { ShapeError } from '../ir/errors.js'
import { normalizeAxis, type Shape, type Size, showType, sizeOf, type TensorType } from '../ir/types.js'
import type { Site } from './op.js'

/**
 * NumPy's broadcast of shapes. An unknown size meets 1 and itself as itself and a known size n > 1 as n
 * (it must turn out to be n or 1); two different unknown sizes give a fresh one, checked when bound.
 * @throws ShapeError naming the op when two known sizes differ and neither is 1.
 */
export function broadcastShapes(op: string, operands: Readonly<Record<string, TensorType>>, site: Site): Size[] {
  const types = Object.values(operands)
  const rank = Math.max(0, ...types.map(type => type.shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    let result: Size = 1
    for (const { shape } of types) {
      const size = shape[axis - rank + shape.length] ?? 1
      if (size === result || size === 1) continue
      if (result === 1) result = size
      else if (typeof size === 'number') {
        if (typeof result === 'number') {
          const sizes = types.map(showType).join(' and ')
          throw new ShapeError(`${op}: shapes of ${sizes} do not broadcast (axis ${axis - rank}: ${result} against ${size})`, operands)
        }
        result = size
      } else if (typeof result === 'string') result = site.fresh(axis)
    }
    return result
  })
}

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis] as number
  }
  return strides
}

/** Strides that read an operand of `shape` as if it had been broadcast to `target`: 0 where it repeats. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const strides = stridesOf(shape)
  const offset = target.length - shape.length
  return target.map((_, axis) => (axis < offset || shape[axis - offset] === 1 ? 0 : (strides[axis - offset] as number)))
}

/** Calls `visit(flat, offset)` for each element of `shape`, where offset walks by `strides`. */
export function forEachOffset(shape: readonly number[], strides: readonly number[], visit: (flat: number, offset: number) => void): void {
  const total = sizeOf(shape)
  const index = new Array<number>(shape.length).fill(0)
  let offset = 0
  for (let flat = 0; flat < total; flat++) {
    visit(flat, offset)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis] as number
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (shape[axis] as number)) break
      offset -= (strides[axis] as number) * (shape[axis] as number)
      index[axis] = 0
    }
  }
}

/** @throws ShapeError when `axis` is not an axis of the operand. */
export function checkedAxis(op: string, axis: number, operand: TensorType): number {
  const found = normalizeAxis(axis, operand.shape.length)
  if (found === undefined) {
    throw new ShapeError(`${op}: axis ${axis} is out of range for rank ${operand.shape.length}`, { operand })
  }
  return found
}

/** Checks that `axes` are different, in range and ascending; rules rely on that order. */
export function checkedAxes(op: string, axes: readonly number[], operand: TensorType): readonly number[] {
  const ok = axes.every(
    (axis, k) => Number.isInteger(axis) && axis >= 0 && axis < operand.shape.length && (k === 0 || axis > (axes[k - 1] as number)),
  )
  if (!ok) throw new ShapeError(`${op}: axes [${axes.join(', ')}] are not ascending axes of rank ${operand.shape.length}`, { operand })
  return axes
}

/**
 * Resolves a reshape target with at most one −1, cancelling equal sizes so that unknown and empty axes pass through.
 * @throws ShapeError when the element counts are known and differ.
 */
export function resolveReshape(input: TensorType, target: Shape, site: Site): Size[] {
  const wildcard = target.indexOf(-1)
  const problem = (why: string) => new ShapeError(`reshape: cannot turn ${showType(input)} into [${target.join(', ')}]: ${why}`, { input })
  if (
    target.some((size, axis) => typeof size === 'number' && (!Number.isInteger(size) || size < -1 || (size === -1 && axis !== wildcard)))
  ) {
    throw problem('sizes are whole numbers ≥ 0 with at most one -1')
  }
  const left = [...input.shape]
  const right: Size[] = []
  target.forEach((size, axis) => {
    if (axis === wildcard) return
    const match = left.indexOf(size)
    if (match >= 0) left.splice(match, 1)
    else right.push(size)
  })
  const known = [...left, ...right].every(size => typeof size === 'number')
  const product = (sizes: Size[]) => sizeOf(sizes.filter(size => typeof size === 'number'))
  if (wildcard < 0) {
    const empty = input.shape.includes(0) && target.includes(0)
    if (known && !empty && product(left) !== product(right)) throw problem('the numbers of elements differ')
    return [...target]
  }
  const resolved = [...target]
  if (!known) {
    resolved[wildcard] = site.fresh(wildcard)
    return resolved
  }
  const rest = product(right)
  const inferred = rest === 0 && product(left) === 0 ? 0 : product(left) / rest
  if (!Number.isInteger(inferred)) throw problem(`${product(left)} is not divisible by ${rest}`)
  resolved[wildcard] = inferred
  return resolved
}
