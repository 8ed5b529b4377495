// Latencies that can be compared on a noisy machine: all candidates in turn, medians of batches and of ratios within rounds.

export interface Latency {
  /** The median in µs. */
  readonly us: number
  /** The median over the rounds of the time over the first candidate's in the same round: a machine's pauses hit both or neither. */
  readonly ratio: number
}

/** Times candidates that were warmed up together, turn by turn. */
export function timeInterleaved<const F extends readonly (() => void)[]>(candidates: F, rounds = 60): { [K in keyof F]: Latency } {
  const budget = 1 // ms per batch: long enough for the clock, short enough to interleave well
  for (let k = 0; k < 3; k++) for (const candidate of candidates) repeatFor(candidate, 60)
  const sizes = candidates.map(candidate => Math.max(1, Math.round(repeatFor(candidate, 20) / (20 / budget))))
  const samples: number[][] = candidates.map(() => [])
  for (let round = 0; round < rounds; round++) {
    candidates.forEach((candidate, k) => {
      const size = sizes[k] as number
      const start = performance.now()
      for (let call = 0; call < size; call++) candidate()
      samples[k]?.push(((performance.now() - start) * 1000) / size)
    })
  }
  const [first = []] = samples
  return samples.map(own => ({
    us: median(own),
    ratio: median(own.map((us, round) => us / (first[round] as number))),
  })) as { [K in keyof F]: Latency }
}

/** Calls for about `ms` milliseconds; gives the number of calls. */
function repeatFor(candidate: () => void, ms: number): number {
  const end = performance.now() + ms
  let calls = 0
  while (performance.now() < end) {
    candidate()
    calls++
  }
  return calls
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
