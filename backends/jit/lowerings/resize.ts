// resize: nearest as one strided copy, bilinear axis by axis.

import type { OpAttrs } from '../../../lib/ir/vocabulary.js'
import { copyBody, nest, sizeOf, stridesOf } from '../common.js'
import type { BoundType, Scheduling } from '../context.js'
import { resampleLinear } from '../kernels/resample.js'
import type { Tensor } from '../schedule.js'

type Attrs = OpAttrs['resize']

export function lowerResize(s: Scheduling, [x]: readonly Tensor[], { factors, method }: Attrs, type: BoundType): Tensor {
  const image = x as Tensor
  if (image.literal !== undefined) return { ...image, shape: type.shape }
  if (method === 'nearest') return repeat(s, image, factors, type)
  return factors.reduce<Tensor>((now, factor, k) => (factor === 1 ? now : grow(s, now, k + 1, factor)), image)
}

/** Every cell `factor` times along each axis: the axes of copies have no stride in the operand. */
function repeat(s: Scheduling, image: Tensor, factors: Attrs['factors'], type: BoundType): Tensor {
  const result = s.temporary(type)
  const steps = stridesOf(image.shape)
  const split = image.shape.flatMap((size, axis) => [size, factors[axis - 1] ?? 1])
  const walk = { offset: 0, strides: steps.flatMap(step => [step, 0]) }
  s.call(nest({ shape: split, result: { offset: 0, strides: stridesOf(split) }, operands: [walk], body: copyBody, whole: true }), result, [
    image,
  ])
  return result
}

function grow(s: Scheduling, image: Tensor, axis: number, factor: number): Tensor {
  const { dtype, shape } = image
  const result = s.temporary({ dtype, shape: shape.with(axis, (shape[axis] as number) * factor) })
  const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))]
  s.call(resampleLinear({ outer, size: shape[axis] as number, inner, factor }), result, [image], 3 * sizeOf(result.shape))
  return result
}
