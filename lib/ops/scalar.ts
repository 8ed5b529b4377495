// Scalar functions that JavaScript's Math lacks, in double precision.

/**
 * The error function, to about 1e-15 of its value: its Maclaurin series below 3, the continued fraction of erfc above.
 * Source: Abramowitz and Stegun 7.1.6 (series) and 7.1.14 (continued fraction).
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x
  const a = Math.abs(x)
  if (a < 3) {
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum) && n < 200; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  return Math.sign(x) * (1 - erfcFar(a))
}

/** 1 − erf x for x ≥ 2, without the loss of that difference. */
function erfcFar(x: number): number {
  let fraction = 0
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction)
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction)
}

/** The cumulative distribution function of the standard normal distribution, erfc(−x / √2) / 2, to about 1e-12 of its value. */
export function normalCdf(x: number): number {
  const t = -x * Math.SQRT1_2
  return (t < 2 ? 1 - erf(t) : erfcFar(t)) / 2
}
