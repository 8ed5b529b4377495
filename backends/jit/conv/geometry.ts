// Geometry of a convolution: input dilation becomes phases, each a plain convolution that multiplies no zeros.

/** One spatial axis of a convolution. */
export interface ConvAxis {
  readonly size: number
  readonly taps: number
  readonly stride: number
  readonly low: number
  readonly inputDilation: number
  readonly kernelDilation: number
  readonly positions: number
}

/**
 * Positions first, first + period, … of an axis, which all meet the same taps: position j reads with tap i the cell
 * start + j · step + i · dilation.
 */
export interface Phase {
  readonly first: number
  readonly period: number
  readonly positions: number
  readonly tap: number
  readonly tapStep: number
  readonly taps: number
  readonly start: number
  readonly step: number
  readonly dilation: number
}

/** The phases of an axis: one where the input is not dilated. Some have no taps: zeros only lie under their positions. */
export function phasesOf({ taps, stride, low, inputDilation, kernelDilation, positions }: ConvAxis): Phase[] {
  const period = inputDilation / gcd(stride, inputDilation)
  const tapStep = inputDilation / gcd(kernelDilation, inputDilation)
  return Array.from({ length: Math.min(period, positions) }, (_, first) => {
    const cell = (tap: number): number => first * stride + tap * kernelDilation - low
    let tap = 0
    while (tap < Math.min(taps, tapStep) && cell(tap) % inputDilation !== 0) tap++
    const count = tap < Math.min(taps, tapStep) ? Math.floor((taps - 1 - tap) / tapStep) + 1 : 0
    return {
      first,
      period,
      positions: Math.ceil((positions - first) / period),
      tap: count > 0 ? tap : 0,
      tapStep,
      taps: count,
      start: count > 0 ? cell(tap) / inputDilation : 0,
      step: (stride * period) / inputDilation,
      dilation: (kernelDilation * tapStep) / inputDilation,
    }
  })
}

/** How many cells before the first and behind the last of an axis are read: the halo, all zeros. */
export function haloOf(phases: readonly Phase[], size: number): readonly [number, number] {
  let [low, high] = [0, 0]
  for (const { taps, positions, start, step, dilation } of phases) {
    if (taps === 0) continue
    low = Math.max(low, -start)
    high = Math.max(high, start + (positions - 1) * step + (taps - 1) * dilation - (size - 1))
  }
  return [low, high]
}

/** Every way to take one phase of each axis. */
export function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((made, list) => made.flatMap(start => list.map(item => [...start, item])), [[]])
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}
