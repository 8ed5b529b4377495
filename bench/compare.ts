// Comparing outputs: no time counts before two libraries have computed the same.

/** The largest difference of two outputs; infinite when their sizes differ or a value is not a number in only one. */
export function largestDifference(ours: Float32Array, theirs: Float32Array): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY
  let largest = 0
  for (let k = 0; k < ours.length; k++) {
    const difference = Math.abs((ours[k] as number) - (theirs[k] as number))
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY
    largest = Math.max(largest, difference)
  }
  return largest
}

/** What rounding may differ by: 1e-5 of the largest value, and no less than 1e-5 for probabilities. */
export function tolerance(values: Float32Array): number {
  return 1e-5 * values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
}
