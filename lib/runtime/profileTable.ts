// The table of a profile: 80 columns of text, a line per kernel and the sums below.

import type { KernelTime } from '../../backends/backend.js'

export interface KernelProfile extends KernelTime {
  /** Billions of operations, and of bytes, per second. */
  readonly gflopPerS: number
  readonly gbPerS: number
}

export interface ProfileFigures {
  readonly title: string
  readonly kernels: readonly KernelProfile[]
  /** Microseconds. */
  readonly kernelsUs: number
  readonly runUs: number
  readonly withCopiesUs: number
}

/** Widths of kernel, layer call, time, share, GFLOP/s and GB/s: with a space between, 80 columns. */
const widths = [25, 21, 9, 6, 8, 6] as const

export function profileTable({ title, kernels, kernelsUs, runUs, withCopiesUs }: ProfileFigures): string {
  const row = (kernel: KernelProfile): string =>
    line([
      kernel.calls > 1 ? `${kernel.calls} × ${kernel.kernel}` : kernel.kernel,
      kernel.origin.join(', '),
      figure(kernel.us),
      share(kernel.us, kernelsUs),
      kernel.flops > 0 ? figure(kernel.gflopPerS) : '–',
      figure(kernel.gbPerS),
    ])
  const sum = (name: string, us: number): string => line([name, '', figure(us)])
  return [
    clip(title, 80),
    line(['kernel', 'from', 'µs', '%', 'GFLOP/s', 'GB/s']),
    ...kernels.map(row),
    sum('kernels', kernelsUs),
    sum('one run of them', runUs),
    sum('and copies in and out', withCopiesUs),
  ].join('\n')
}

/** The first two cells to the left, figures to the right. */
function line(cells: readonly string[]): string {
  return cells
    .map((cell, k) => {
      const width = widths[k] as number
      return k < 2 ? clip(cell, width).padEnd(width) : cell.padStart(width)
    })
    .join(' ')
    .trimEnd()
}

function clip(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}

/** Two digits behind the point for small numbers, none for large ones; six characters at most. */
function figure(value: number): string {
  if (value >= 999_999) return value.toExponential(1).replace('+', '')
  return value.toFixed(value < 10 ? 2 : value < 1000 ? 1 : 0)
}

function share(us: number, whole: number): string {
  return whole > 0 ? ((100 * us) / whole).toFixed(1) : '–'
}
