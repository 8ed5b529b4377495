// Copies that change the order of elements, in tiles of 4×4: both sides are read and written four elements at a time.

import { stridesOf } from '../../../lib/ops/shapes.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { copyBody } from '../scalar/body.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from './loops.js'
import { nest } from './nest.js'
import { collapse, type Walk } from './walks.js'

/**
 * Pointers (result, operand): elements in the order of `from`, whose loops have these sizes. The extent is the first loop
 * that is left around the tiles.
 */
export function rearrange(sizes: readonly number[], from: Walk): Kernel {
  const to: Walk = { offset: 0, strides: stridesOf(sizes) }
  const { shape, walks } = collapse(sizes, [to, from])
  const [target, source] = walks as [Walk, Walk]
  const last = shape.length - 1
  const straight = source.strides.indexOf(1)
  const inner = source.strides[last] ?? 1
  if (last < 1 || straight === last || straight < 0 || inner <= 0)
    return nest({ shape: sizes, result: to, operands: [from], body: copyBody, whole: true })
  const axes = shape.map((size, k) => ({ size, to: (target.strides[k] as number) * 4, from: (source.strides[k] as number) * 4 }))
  const [across, down] = [axes[straight], axes[last]] as [Axis, Axis]
  const outer = axes.filter(axis => axis !== across && axis !== down)
  /** An axis that repeats whole blocks of the result, since both sides of the tiles are inside it. */
  const isBlock = (axis: Axis): boolean => axis.from === 0 && axis.to > across.to
  // ranges of the first axis are on their own, so it cannot be one that copies from its first step
  const [first, ...others] = outer[0] && !isBlock(outer[0]) ? (outer as [Axis, ...Axis[]]) : [{ size: 1, to: 0, from: 0 }, ...outer]
  return {
    key: `transpose [${shape.join(',')}] from ${source.offset ? `${source.offset}+` : ''}${source.strides.join(',')}`,
    extent: first.size,
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [result, operand, begin, end] = f.params as [Local, Local, Local, Local]
        advance(f, operand, source.offset * 4)
        advanceBy(f, result, begin, first.to)
        advanceBy(f, operand, begin, first.from)
        const over = (axes: readonly Axis[]): void => {
          const [axis, ...rest] = axes
          if (!axis) {
            matrix(f, result, operand, across, down)
            return
          }
          if (isBlock(axis)) {
            over(rest)
            repeat(f, result, axis)
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

/** Copies what the first step of an axis wrote, as far as the next one, to all others. */
function repeat(f: FunctionAssembler, result: Local, { size, to: bytes }: Axis): void {
  const target = f.local('i32')
  f.get(result)
  f.set(target)
  times(f, size - 1, () => {
    advance(f, target, bytes)
    f.get(target)
    f.get(result)
    f.i32(bytes)
    f.copy()
  })
  f.release(target)
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
      tile(f, result, operand, { across, down, columns, rows: 4 })
      advance(f, result, 16)
      advance(f, operand, 4 * down.from)
    })
    if (down.size & 3) tile(f, result, operand, { across, down, columns, rows: down.size & 3 })
    advance(f, result, 4 * across.to - 16 * (down.size >> 2))
    advance(f, operand, 16 - 4 * down.from * (down.size >> 2))
  }
  times(f, across.size >> 2, () => strip(4))
  if (across.size & 3) strip(across.size & 3)
  const strips = Math.ceil(across.size / 4)
  advance(f, result, -4 * across.to * strips)
  advance(f, operand, -16 * strips)
}

interface Tile {
  readonly across: Axis
  readonly down: Axis
  readonly columns: number
  readonly rows: number
}

function tile(f: FunctionAssembler, result: Local, operand: Local, { across, down, columns, rows }: Tile): void {
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
