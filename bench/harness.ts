// The harness: warms candidates up, runs them turn by turn in one process, and gives medians that a noisy machine bears.

import type { PeerName, Runner } from './peer.js'

export interface Candidate {
  readonly name: PeerName
  readonly run: Runner
}

export interface Timing {
  readonly name: PeerName
  /** The median over the rounds. */
  readonly us: number
  /** This candidate's time over the first one's: the median of the ratios within each round. */
  readonly ratio: number
}

export interface HarnessOptions {
  readonly rounds: number
  /** Length of one turn; at least one call. */
  readonly batchMs: number
  /** Bounds of the warm-up of one candidate, in batches of three turns. */
  readonly warmBatches: { readonly least: number; readonly most: number }
  /** Milliseconds; tests give a clock of their own. */
  readonly now: () => number
}

export const defaultOptions: HarnessOptions = {
  rounds: 101,
  batchMs: 2, // long enough for the clock, short enough that most turns are not interrupted
  warmBatches: { least: 8, most: 80 },
  now: () => performance.now(),
}

/**
 * Clocks by name, in milliseconds. `cpu` is what this process has used, all its threads together: it stands still while
 * the machine runs something else, so that figures from a busy machine can still be compared.
 */
export const clocks = {
  wall: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
} as const

export type ClockName = keyof typeof clocks

/** Times every candidate; the first is what the others are compared with. */
export async function measure(candidates: readonly Candidate[], options: HarnessOptions = defaultOptions): Promise<Timing[]> {
  const timers: ((calls: number) => Promise<number>)[] = []
  const calls: number[] = []
  for (const { run } of candidates) {
    const time = await timerFor(run, options.now)
    timers.push(time)
    calls.push(await warmUp(time, options))
  }
  const samples: number[][] = candidates.map(() => [])
  for (let round = 0; round < options.rounds; round++) {
    for (const [k, time] of timers.entries()) {
      const count = calls[k] as number
      await time(Math.ceil(count / 2)) // the turns of others have emptied the caches; users call in a row
      samples[k]?.push(((await time(count)) * 1000) / count)
    }
  }
  return candidates.map(({ name }, k) => {
    const own = samples[k] as number[]
    return { name, us: median(own), ratio: median(own.map((us, round) => us / (samples[0]?.[round] as number))) }
  })
}

/** Times a number of calls in milliseconds; synchronous runners are not made to wait for promises. */
async function timerFor(run: Runner, now: () => number): Promise<(calls: number) => Promise<number>> {
  const first = run()
  if (!(first instanceof Promise)) {
    return async calls => {
      const start = now()
      for (let call = 0; call < calls; call++) run()
      return now() - start
    }
  }
  await first
  return async calls => {
    const start = now()
    for (let call = 0; call < calls; call++) await run()
    return now() - start
  }
}

/**
 * Runs until the last four batches were no faster than those before: engines compile hot code in the background, and
 * what was measured before they swap it in is not what users see. Gives the number of calls that fills a turn.
 */
async function warmUp(time: (calls: number) => Promise<number>, { batchMs, warmBatches }: HarnessOptions): Promise<number> {
  const window = 4
  const tolerance = 1.03
  let calls = 1
  const perCall: number[] = []
  while (perCall.length < warmBatches.most) {
    const ms = (await time(calls)) / calls
    perCall.push(ms)
    const wanted = Math.round((3 * batchMs) / Math.max(ms, 1e-6))
    calls = Math.max(1, Math.min(wanted, calls * 8)) // the first calls are slow: approach the count by steps
    await new Promise(resolve => setImmediate(resolve)) // lets the engine install what it compiled meanwhile
    if (perCall.length < warmBatches.least) continue
    const best = Math.min(...perCall.slice(0, -window))
    if (Math.min(...perCall.slice(-window)) * tolerance >= best) break
  }
  return Math.max(1, Math.round(batchMs / Math.max(median(perCall.slice(-window)), 1e-6)))
}

/** The upper median of a list that is not empty. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
