// resize: spatial axes grown by whole factors, with pixel centres half a pixel from the border.

import { DTypeError, ShapeError } from '../../ir/errors.js'
import { type Size, showType } from '../../ir/types.js'
import type { ResizeMethod } from '../../ir/vocabulary.js'
import type { Composite, Emitter } from '../op.js'
import { Expressions } from './expressions.js'

/** Interpolation kernels over the distance in source pixels, and how far they reach. */
const kernels = {
  bilinear: { reach: 1, at: x => Math.max(0, 1 - Math.abs(x)) },
  /** Keys' cubic with a = −1/2. */
  bicubic: { reach: 2, at: cubic },
  lanczos3: { reach: 3, at: x => lanczos(x, 3) },
  lanczos5: { reach: 5, at: x => lanczos(x, 5) },
} satisfies Record<Exclude<ResizeMethod, 'nearest'>, { reach: number; at: (x: number) => number }>

function cubic(x: number): number {
  const d = Math.abs(x)
  if (d >= 2) return 0
  return d >= 1 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : (1.5 * d - 2.5) * d * d + 1
}

function lanczos(x: number, radius: number): number {
  if (Math.abs(x) >= radius) return 0
  if (x === 0) return 1
  const angle = Math.PI * x
  return (radius * Math.sin(angle) * Math.sin(angle / radius)) / (angle * angle)
}

/**
 * [batch, ...spatial, channels] with each spatial axis `factors` times as long. Pixel i of the result lies at
 * (i + ½) / factor − ½ of the operand; weights beyond the border are dropped and the others scaled to sum to 1.
 * Source: jax.image.resize without antialiasing, which Keras' UpSampling layers call.
 */
export const resize: Composite<'resize', 1> = {
  arity: 1,
  infer([x], { factors, method }, site) {
    if (x.dtype !== 'float32' && method !== 'nearest')
      throw new DTypeError(`resize by ${method} needs float32, got ${showType(x)}`, { x }, 'cast() converts')
    if (factors.length !== x.shape.length - 2 || factors.length === 0)
      throw new ShapeError('resize needs [batch, ...spatial, channels] and a factor for each spatial axis', { x })
    return {
      dtype: x.dtype,
      shape: x.shape.map((size, axis) => {
        const factor = factors[axis - 1] ?? 1
        if (factor === 1) return size
        return typeof size === 'number' ? size * factor : site.fresh(axis)
      }),
    }
  },
  decompose(emitter, [x], { factors, method }) {
    return factors.reduce((image, factor, k) => (factor === 1 ? image : grow(emitter, image, k + 1, factor, method)), x)
  },
}

function grow<T>(emitter: Emitter<T>, x: T, axis: number, factor: number, method: ResizeMethod): T {
  const { shape } = emitter.typeOf(x)
  const [before, size, after] = [shape.slice(0, axis), shape[axis] as Size, shape.slice(axis + 1)]
  const merged = typeof size === 'number' ? size * factor : -1
  const merge = (y: T) => emitter.emit('reshape', [y], { shape: [...before, merged, ...after] })
  if (method === 'nearest') {
    const cells = emitter.emit('reshape', [x], { shape: [...before, size, 1, ...after] })
    return merge(emitter.emit('broadcast', [cells], { shape: [...before, size, factor, ...after] }))
  }
  const e = new Expressions(emitter, x)
  const ones = e.emit('broadcast', [e.scalar(1)], { shape: [...before.map(() => 1), size, ...after.map(() => 1)] })
  const [sum, weight] = [phases(emitter, x, axis, factor, method), phases(emitter, ones, axis, factor, method)]
  return merge(e.divide(sum, weight))
}

/** For each pixel and each of the `factor` results it becomes, on a new axis behind `axis`: the weighted sum of its neighbours. */
function phases<T>(emitter: Emitter<T>, x: T, axis: number, factor: number, method: Exclude<ResizeMethod, 'nearest'>): T {
  const e = new Expressions(emitter, x)
  const { shape } = emitter.typeOf(x)
  const { reach, at } = kernels[method]
  const only = (cells: number) => shape.map((_, k) => (k === axis ? cells : 0))
  const padded = e.emit('pad', [x, e.scalar(0)], { low: only(reach), high: only(reach) })
  let sum: T | undefined
  for (let shift = -reach; shift <= reach; shift++) {
    const weights = Array.from({ length: factor }, (_, r) => at(shift - ((r + 0.5) / factor - 0.5)))
    if (weights.every(weight => weight === 0)) continue
    const end = shift - reach
    const moved = e.emit('slice', [padded], {
      begin: only(reach + shift),
      end: shape.map((_, k) => (k === axis && end !== 0 ? end : null)),
      strides: shape.map(() => 1),
    })
    const cells = e.emit('reshape', [moved], { shape: [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)] })
    const line = emitter.emit('constant', [], { data: weights, dtype: 'float32', shape: [factor, ...shape.slice(axis + 1).map(() => 1)] })
    const term = e.multiply(cells, line)
    sum = sum === undefined ? term : e.add(sum, term)
  }
  if (sum === undefined) throw new Error(`internal: ${method} gives a pixel no weight`)
  return sum
}
