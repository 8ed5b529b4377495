// The figures that the main job compares with Keras: accuracy, classes, and the largest difference.

/** The share of rows whose largest entry is the label. */
export function accuracyOf(probabilities: Float32Array, labels: Uint8Array, classes: number): number {
  const found = classesOf(probabilities, classes)
  return labels.filter((label, row) => found[row] === label).length / labels.length
}

/** How many rows have their largest entry elsewhere; a row too few or too many counts. */
export function differentClasses(ours: Float32Array, theirs: Float32Array, classes: number): number {
  const [a, b] = [classesOf(ours, classes), classesOf(theirs, classes)]
  return Math.abs(a.length - b.length) + a.filter((value, row) => value !== b[row]).length
}

/** The position of the largest entry of each row. */
function classesOf(probabilities: Float32Array, classes: number): number[] {
  return Array.from({ length: probabilities.length / classes }, (_, row) => {
    const scores = probabilities.subarray(row * classes, (row + 1) * classes)
    return scores.indexOf(Math.max(...scores))
  })
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
