// Shares: the kernels of a profile gathered by a name, with what each group costs and how near the peak it comes.

import type { KernelProfile } from '../runtime/profile.js'

/** What was not timed counts for nothing. */
interface Cost {
  readonly us: number | undefined
  readonly flops: number | undefined
}

export interface Rate {
  /** Microseconds of one run. */
  readonly us: number
  /** 0 where nothing is computed: where data only move. */
  readonly gflopPerS: number
  /** The part of the peak that is reached, at most 1. */
  readonly ofPeak: number
}

export interface Share extends Rate {
  readonly name: string
  /** Of the time of all kernels. */
  readonly part: number
}

/** What kernels do together, beside a peak in GFLOP/s. */
export function rateOf(kernels: readonly Cost[], peak: number): Rate {
  const sum = (of: (kernel: Cost) => number | undefined): number => kernels.reduce((total, kernel) => total + (of(kernel) ?? 0), 0)
  const us = sum(kernel => kernel.us)
  const gflopPerS = us > 0 ? sum(kernel => kernel.flops) / us / 1000 : 0
  return { us, gflopPerS, ofPeak: peak > 0 ? Math.min(1, gflopPerS / peak) : 0 }
}

/** Groups in the order in which their first kernels run. */
export function sharesBy(kernels: readonly KernelProfile[], nameOf: (kernel: KernelProfile) => string, peak: number): Share[] {
  const groups = new Map<string, Cost[]>()
  for (const kernel of kernels) {
    const name = nameOf(kernel)
    groups.set(name, [...(groups.get(name) ?? []), kernel])
  }
  const whole = rateOf(kernels, peak).us
  return [...groups].map(([name, group]) => {
    const rate = rateOf(group, peak)
    return { name, ...rate, part: whole > 0 ? rate.us / whole : 0 }
  })
}

/** Operations for each byte from which a kernel is one of arithmetic, not of memory. */
const arithmetic = 4

/**
 * GFLOP/s of the fastest kernel of arithmetic. One that mostly moves data cannot be that fast: it only seems so where a
 * moment's noise is more than its time.
 */
export function fastestOf(kernels: readonly KernelProfile[]): number {
  const rates = kernels.filter(({ flops, bytes }) => flops > arithmetic * bytes).map(({ gflopPerS }) => gflopPerS)
  return Math.max(0, ...rates)
}
