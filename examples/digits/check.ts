// The two figures that the main job compares with Keras: accuracy and the largest difference.

/** The share of rows whose largest entry is the label. */
export function accuracyOf(probabilities: Float32Array, labels: Uint8Array, classes: number): number {
  let right = 0
  labels.forEach((label, row) => {
    const scores = probabilities.subarray(row * classes, (row + 1) * classes)
    if (scores.indexOf(Math.max(...scores)) === label) right++
  })
  return right / labels.length
}

/** The largest absolute difference; NaN anywhere gives Infinity, so that no check passes by it. */
export function largestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY
  let largest = 0
  for (let k = 0; k < ours.length; k++) {
    const difference = Math.abs((ours[k] as number) - (theirs[k] as number))
    largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference)
  }
  return largest
}
