// Packs the filters of a convolution into panels of eight, group by group, the taps of one phase only.

import type { Local } from '../assembler.js'
import { packedLength, panelColumns } from '../gemm/index.js'
import { packRow } from '../gemm/pack.js'
import type { Kernel } from '../kernel.js'
import { advance, advanceBy, between, kernelType, times } from '../kernels/loops.js'

export interface FilterSpec {
  /** The taps of each axis that take part: how many, and the elements from one to the next. */
  readonly taps: readonly { readonly count: number; readonly step: number }[]
  /** Where the first of them begins, in elements. */
  readonly offset: number
  /** Channels of a group; the filters of one lie side by side. */
  readonly channels: number
  readonly groups: number
  /** Filters of a group. */
  readonly filters: number
}

/** Floats of one packed group. */
export function packedFilters({ taps, channels, filters }: FilterSpec): number {
  return packedLength(
    taps.reduce((product, { count }) => product * count, channels),
    filters,
  )
}

/** Pointers (packed, kernel [...taps, channels, groups · filters]); the extent is groups. Columns past the filters become 0. */
export function packFilters(spec: FilterSpec): Kernel {
  const { taps, offset, channels, groups, filters } = spec
  const row = 4 * groups * filters
  const axes = [...taps.map(({ count, step }) => ({ count, bytes: 4 * step })), { count: channels, bytes: row }]
  return {
    key: `filters ${axes.map(({ count, bytes }) => `${count}:${bytes}`).join(' ')} +${offset} ${groups}x${filters}`,
    extent: groups,
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [packed, kernel, begin, end] = f.params as [Local, Local, Local, Local]
        const over = (axis: number, body: () => void): void => {
          const loop = axes[axis]
          if (!loop) {
            body()
            return
          }
          times(f, loop.count, () => {
            over(axis + 1, body)
            advance(f, kernel, loop.bytes)
          })
          advance(f, kernel, -loop.count * loop.bytes)
        }
        const panel = (columns: number): void => {
          over(0, () => {
            packRow(f, packed, kernel, columns)
          })
          advance(f, kernel, 4 * columns)
        }
        advance(f, kernel, 4 * offset)
        advanceBy(f, packed, begin, 4 * packedFilters(spec))
        advanceBy(f, kernel, begin, 4 * filters)
        between(f, begin, end, () => {
          times(f, Math.floor(filters / panelColumns), () => panel(panelColumns))
          if (filters % panelColumns > 0) panel(filters % panelColumns)
        })
      }),
  }
}
