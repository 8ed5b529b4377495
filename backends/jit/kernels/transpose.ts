// Transposition in tiles of 4×4: both sides are read and written four elements at a time.

import { sizeOf } from '../../../lib/ir/types.js'
import { stridesOf } from '../../../lib/ops/shapes.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { copyBody } from '../scalar/body.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from './loops.js'
import { nest } from './nest.js'
import { collapse, type Walk } from './walks.js'

/** Pointers (result, operand); result axis k is operand axis perm[k]. The extent is the first axis. */
export function transpose(given: readonly number[], perm: readonly number[]): Kernel {
  const shapeOut = perm.map(axis => given[axis] as number)
  const from: Walk = { offset: 0, strides: perm.map(axis => stridesOf(given)[axis] as number) }
  const to: Walk = { offset: 0, strides: stridesOf(shapeOut) }
  const { shape, walks } = collapse(shapeOut, [to, from])
  const [target, source] = walks as [Walk, Walk]
  const last = shape.length - 1
  const straight = source.strides.indexOf(1)
  if (last < 1 || straight === last || straight < 0)
    return nest({ shape: shapeOut, result: to, operands: [from], body: copyBody, whole: true })
  const axes = shape.map((size, k) => ({ size, to: (target.strides[k] as number) * 4, from: (source.strides[k] as number) * 4 }))
  const [across, down] = [axes[straight], axes[last]] as [Axis, Axis]
  const outer = axes.filter(axis => axis !== across && axis !== down)
  const [first, ...others] = outer.length > 0 ? (outer as [Axis, ...Axis[]]) : [{ size: 1, to: 0, from: 0 }]
  return {
    key: `transpose [${shape.join(',')}] from ${source.strides.join(',')}`,
    extent: first.size,
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [result, operand, begin, end] = f.params as [Local, Local, Local, Local]
        advanceBy(f, result, begin, first.to)
        advanceBy(f, operand, begin, first.from)
        const over = (axes: readonly Axis[]): void => {
          const [axis, ...rest] = axes
          if (!axis) {
            matrix(f, result, operand, across, down)
            return
          }
          times(f, axis.size, () => {
            over(rest)
            advance(f, result, axis.to)
            advance(f, operand, axis.from)
          })
          advance(f, result, -axis.size * axis.to)
          advance(f, operand, -axis.size * axis.from)
        }
        between(f, begin, end, () => {
          over(others)
          advance(f, result, first.to)
          advance(f, operand, first.from)
        })
      }),
  }
}

interface Axis {
  readonly size: number
  /** Bytes between neighbours in the result and in the operand. */
  readonly to: number
  readonly from: number
}

/** `across` is straight in the operand, `down` in the result. Both pointers are where they were afterwards. */
function matrix(f: FunctionAssembler, result: Local, operand: Local, across: Axis, down: Axis): void {
  const strip = (columns: number): void => {
    times(f, down.size >> 2, () => {
      tile(f, result, operand, across, down, columns, 4)
      advance(f, result, 16)
      advance(f, operand, 4 * down.from)
    })
    if (down.size & 3) tile(f, result, operand, across, down, columns, down.size & 3)
    advance(f, result, 4 * across.to - 16 * (down.size >> 2))
    advance(f, operand, 16 - 4 * down.from * (down.size >> 2))
  }
  times(f, across.size >> 2, () => strip(4))
  if (across.size & 3) strip(across.size & 3)
  const strips = Math.ceil(across.size / 4)
  advance(f, result, -4 * across.to * strips)
  advance(f, operand, -16 * strips)
}

function tile(f: FunctionAssembler, result: Local, operand: Local, across: Axis, down: Axis, columns: number, rows: number): void {
  const v = Array.from({ length: 4 }, () => f.local('v128')) as [Local, Local, Local, Local]
  const t = Array.from({ length: 4 }, () => f.local('v128')) as [Local, Local, Local, Local]
  for (let row = 0; row < 4; row++) {
    if (row < rows) {
      f.get(operand)
      f.op('v128.load', row * down.from)
    } else f.splat(0)
    f.set(v[row] as Local)
  }
  const mix = (to: Local, a: Local, b: Local, lanes: readonly [number, number, number, number]): void => {
    f.get(a)
    f.get(b)
    f.shuffle(lanes)
    f.set(to)
  }
  mix(t[0], v[0], v[1], [0, 4, 1, 5])
  mix(t[1], v[2], v[3], [0, 4, 1, 5])
  mix(t[2], v[0], v[1], [2, 6, 3, 7])
  mix(t[3], v[2], v[3], [2, 6, 3, 7])
  mix(v[0], t[0], t[1], [0, 1, 4, 5])
  mix(v[1], t[0], t[1], [2, 3, 6, 7])
  mix(v[2], t[2], t[3], [0, 1, 4, 5])
  mix(v[3], t[2], t[3], [2, 3, 6, 7])
  for (let column = 0; column < columns; column++) storeLanes(f, result, v[column] as Local, rows, column * across.to)
  f.release(...v, ...t)
}

/** Whether a transposition only moves axes of size 1, so that the data stay as they are. */
export function keepsOrder(shape: readonly number[], perm: readonly number[]): boolean {
  const moved = perm.filter(axis => shape[axis] !== 1)
  return sizeOf(shape) === 0 || moved.every((axis, k) => k === 0 || axis > (moved[k - 1] as number))
}
