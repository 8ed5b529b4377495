// The halo: copies an image between zeros, so that no tap of a convolution has to ask where it is.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { advance, between, kernelType } from '../kernels/loops.js'

/** Cells added before and behind each spatial axis. */
export type Halo = readonly (readonly [number, number])[]

/** Pointers (wide, image): [batch, ...spatial, channels] into the same with a halo; the extent is lines of the wide image. */
export function addHalo(shape: readonly number[], halo: Halo): Kernel {
  const [batch, spatial, channels] = [shape[0] as number, shape.slice(1, -1), shape.at(-1) as number]
  const wide = spatial.map((size, axis) => size + (halo[axis]?.[0] ?? 0) + (halo[axis]?.[1] ?? 0))
  const width = 4 * channels * (spatial.at(-1) as number)
  const [left, right] = (halo.at(-1) as readonly [number, number]).map(cells => 4 * channels * cells) as [number, number]
  /** Axes that lines are counted over, innermost first, with the bytes between their lines in the image. */
  let step = width
  const axes = spatial.slice(0, -1).map((size, axis) => ({ size, wide: wide[axis] as number, low: halo[axis]?.[0] ?? 0, step: 0 }))
  for (const axis of axes.reverse()) {
    axis.step = step
    step *= axis.size
  }
  const image = step
  return {
    key: `halo [${shape.join(',')}] ${halo.map(([low, high]) => `${low}+${high}`).join(' ')}`,
    extent: batch * wide.slice(0, -1).reduce((lines, size) => lines * size, 1),
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [to, from, begin, end] = f.params as [Local, Local, Local, Local]
        const [rest, cell, source, outside] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        f.get(begin)
        f.i32(left + width + right)
        f.op('i32.mul')
        f.get(to)
        f.op('i32.add')
        f.set(to)
        between(f, begin, end, () => {
          f.get(begin)
          f.set(rest)
          f.get(from)
          f.set(source)
          f.i32(0)
          f.set(outside)
          for (const axis of axes) {
            f.get(rest)
            f.i32(axis.wide)
            f.op('i32.rem_u')
            f.i32(axis.low)
            f.op('i32.sub')
            f.tee(cell)
            f.i32(axis.size)
            f.op('i32.ge_u')
            f.get(outside)
            f.op('i32.or')
            f.set(outside)
            addTimes(f, source, cell, axis.step)
            f.get(rest)
            f.i32(axis.wide)
            f.op('i32.div_u')
            f.set(rest)
          }
          addTimes(f, source, rest, image)
          f.get(outside)
          f.if(
            () => zeros(f, to, 0, left + width + right),
            () => {
              zeros(f, to, 0, left)
              f.get(to)
              f.i32(left)
              f.op('i32.add')
              f.get(source)
              f.i32(width)
              f.copy()
              zeros(f, to, left + width, right)
            },
          )
          advance(f, to, left + width + right)
        })
      }),
  }
}

function addTimes(f: FunctionAssembler, pointer: Local, count: Local, bytes: number): void {
  f.get(pointer)
  f.get(count)
  f.i32(bytes)
  f.op('i32.mul')
  f.op('i32.add')
  f.set(pointer)
}

function zeros(f: FunctionAssembler, to: Local, offset: number, bytes: number): void {
  if (bytes === 0) return
  f.get(to)
  f.i32(offset)
  f.op('i32.add')
  f.i32(0)
  f.i32(bytes)
  f.fill()
}
