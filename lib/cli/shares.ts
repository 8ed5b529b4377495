// Shares: the kernels of a profile gathered by a name, with what each group costs and how near the peak it comes.

import type { KernelProfile } from '../runtime/profile.js'

export interface Share {
  readonly name: string
  /** Microseconds of one run. */
  readonly us: number
  /** Of the time of all kernels. */
  readonly part: number
  readonly gflopPerS: number
  /** The part of the peak that is reached, where that is known. */
  readonly ofPeak: number | null
}

/** Groups in the order in which their first kernels run. */
export function sharesBy(kernels: readonly KernelProfile[], nameOf: (kernel: KernelProfile) => string, peak: number | undefined): Share[] {
  const groups = new Map<string, { us: number; flops: number }>()
  for (const kernel of kernels) {
    const name = nameOf(kernel)
    const group = groups.get(name) ?? { us: 0, flops: 0 }
    groups.set(name, { us: group.us + kernel.us, flops: group.flops + kernel.flops })
  }
  const whole = kernels.reduce((sum, { us }) => sum + us, 0)
  return [...groups].map(([name, { us, flops }]) => {
    const gflopPerS = us > 0 ? flops / us / 1000 : 0
    return { name, us, part: whole > 0 ? us / whole : 0, gflopPerS, ofPeak: peak === undefined || peak <= 0 ? null : gflopPerS / peak }
  })
}
