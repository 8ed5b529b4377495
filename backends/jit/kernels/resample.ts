// Linear interpolation along one axis: every cell becomes `factor` cells between it and its neighbours.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from './loops.js'

export interface ResampleSpec {
  readonly outer: number
  readonly size: number
  readonly inner: number
  readonly factor: number
}

/** Pointers (result [outer, size · factor, inner], operand [outer, size, inner]); the extent is cells. Borders repeat their cell. */
export function resampleLinear({ outer, size, inner, factor }: ResampleSpec): Kernel {
  return {
    key: `linear [${outer},${size}*${factor},${inner}]`,
    extent: outer * size,
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [to, cell, begin, end] = f.params as [Local, Local, Local, Local]
        const [before, behind, at] = [f.local('i32'), f.local('i32'), f.local('i32')]
        advanceBy(f, to, begin, 4 * factor * inner)
        advanceBy(f, cell, begin, 4 * inner)
        between(f, begin, end, () => {
          f.get(begin)
          f.i32(size)
          f.op('i32.rem_u')
          f.set(at)
          neighbour(f, before, cell, at, { border: 0, distance: -4 * inner })
          neighbour(f, behind, cell, at, { border: size - 1, distance: 4 * inner })
          const vector = (lanes: number): void => {
            blend(f, { to, cell, before, behind }, { factor, inner, lanes })
          }
          const pointers = [to, cell, before, behind]
          times(f, inner >> 2, () => {
            vector(4)
            for (const pointer of pointers) advance(f, pointer, 16)
          })
          if (inner % 4 > 0) vector(inner % 4)
          const back = 16 * (inner >> 2)
          advance(f, to, 4 * factor * inner - back)
          advance(f, cell, 4 * inner - back)
        })
      }),
  }
}

/** pointer = the cell at a distance, or the cell itself at the border. */
function neighbour(
  f: FunctionAssembler,
  pointer: Local,
  cell: Local,
  at: Local,
  { border, distance }: { border: number; distance: number },
): void {
  f.get(cell)
  f.get(cell)
  f.i32(distance)
  f.op('i32.add')
  f.get(at)
  f.i32(border)
  f.op('i32.eq')
  f.op('select_i32')
  f.set(pointer)
}

interface Cells {
  readonly to: Local
  readonly cell: Local
  readonly before: Local
  readonly behind: Local
}

/** A vector of each of the cells that one becomes: (1 − |d|) · cell + |d| · neighbour, at distance d of its centre. */
function blend(
  f: FunctionAssembler,
  { to, cell, before, behind }: Cells,
  { factor, inner, lanes }: { factor: number; inner: number; lanes: number },
): void {
  const [own, other, value] = [f.local('v128'), f.local('v128'), f.local('v128')]
  f.get(cell)
  f.op('v128.load')
  f.set(own)
  let loaded: Local | undefined
  for (let k = 0; k < factor; k++) {
    const distance = (k + 0.5) / factor - 0.5
    const side = distance < 0 ? before : behind
    f.get(own)
    if (distance !== 0) {
      if (loaded !== side) {
        f.get(side)
        f.op('v128.load')
        f.set(other)
        loaded = side
      }
      f.splat(1 - Math.abs(distance))
      f.op('f32x4.mul')
      f.get(other)
      f.splat(Math.abs(distance))
      f.op('f32x4.mul')
      f.op('f32x4.add')
    }
    f.set(value)
    storeLanes(f, to, value, lanes, 4 * k * inner)
  }
  f.release(own, other, value)
}
