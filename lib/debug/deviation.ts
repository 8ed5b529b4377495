// Deviation: how far values are from what they should be, and how far rounding alone may bring them.

/** Differences of values of one tensor; NaN agrees with NaN, an infinity with itself. */
export interface Deviation {
  readonly largest: number
  readonly mean: number
  /** Where the largest is; −1 where nothing differs. */
  readonly at: number
}

/** Values that differ in being finite are infinitely far apart. */
export function deviationOf(got: ArrayLike<number>, wanted: ArrayLike<number>): Deviation {
  let [largest, sum, at] = [0, 0, -1]
  for (let k = 0; k < wanted.length; k++) {
    const [a, b] = [got[k] as number, wanted[k] as number]
    if (Object.is(a, b)) continue
    const difference = Math.abs(a - b)
    const off = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
    sum += off
    if (off > largest) [largest, at] = [off, k]
  }
  return { largest, mean: wanted.length > 0 ? sum / wanted.length : 0, at }
}

/**
 * How far a float32 result may be from the exact one: 16 times as far as the reference that rounds after each op, and
 * 2⁻²⁰ of the largest value. Infinite where float32 overflows.
 */
export function toleranceOf(rounded: ArrayLike<number>, exact: ArrayLike<number>): number {
  let scale = 0
  for (let k = 0; k < exact.length; k++) if (Number.isFinite(exact[k])) scale = Math.max(scale, Math.abs(exact[k] as number))
  return 16 * deviationOf(rounded, exact).largest + 2 ** -20 * scale
}
