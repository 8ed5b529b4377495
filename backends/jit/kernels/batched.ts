// A kernel applied over leading axes: one matrix after the other.

import type { Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { advance, advanceBy, between, kernelType, times } from './loops.js'
import { collapse, showWalk, type Walk } from './walks.js'

/** Calls `inner` for every index of `shape`, each pointer moved by its walk (in elements). The extent is the first axis. */
export function batched(inner: Kernel, shape: readonly number[], given: readonly Walk[]): Kernel {
  const { shape: sizes, walks } = collapse(shape, given)
  const [size = 1, ...others] = sizes
  return {
    key: `batched [${sizes.join(',')}] ${walks.map(showWalk).join(' ')} ${inner.key}`,
    extent: size,
    define: (module, name) => {
      const target = inner.define(module, `${name}.each`)
      return module.function(name, kernelType(walks.length), f => {
        const pointers = f.params.slice(0, -2)
        const [begin, end] = f.params.slice(-2) as [Local, Local]
        const move = (axis: number, steps: number): void => {
          walks.forEach(({ strides }, k) => {
            advance(f, pointers[k] as Local, steps * (strides[axis] ?? 0) * 4)
          })
        }
        const over = (axis: number): void => {
          const count = others[axis - 1]
          if (count === undefined) {
            for (const pointer of pointers) f.get(pointer)
            f.i32(0)
            f.i32(inner.extent)
            f.call(target)
            return
          }
          times(f, count, () => {
            over(axis + 1)
            move(axis, 1)
          })
          move(axis, -count)
        }
        walks.forEach(({ strides }, k) => {
          advanceBy(f, pointers[k] as Local, begin, (strides[0] ?? 0) * 4)
        })
        between(f, begin, end, () => {
          over(1)
          move(0, 1)
        })
      })
    },
  }
}
