// A row of the table: one workload, run by every peer that can.

import { largestDifference, tolerance } from './compare.js'
import { type Candidate, defaultOptions, type HarnessOptions, measure } from './harness.js'
import { firstLine, load, type Peer, type PeerName, type PerPeer, peerNames, perPeer, type Runner } from './peer.js'
import type { Workload } from './workloads.js'

export interface Row {
  readonly name: string
  /** Medians; null for a peer that cannot run the row. */
  readonly us: PerPeer<number | null>
  /** Each peer's time over Kerafold's: medians of the ratios within each round, steadier than ratios of medians. */
  readonly ratio: PerPeer<number | null>
  /** Of any peer's output from Kerafold's; null without a peer. */
  readonly maxAbsDiff: number | null
  /** Why a peer has no figure. */
  readonly unavailable: Readonly<Partial<Record<PeerName, string>>>
  /** Peers that computed something else; a run with one fails. */
  readonly mismatches: readonly string[]
  readonly gflops?: PerPeer<number | null>
}

/** What all peers computed, before anything is timed. */
export interface Comparison {
  readonly candidates: readonly Candidate[]
  readonly maxAbsDiff: number | null
  readonly unavailable: Partial<Record<PeerName, string>>
  readonly mismatches: string[]
}

/** Loads the peers, runs each once and compares with Kerafold; those that agree become candidates. */
export async function compare(workload: Workload, peers: readonly Peer[]): Promise<Comparison> {
  const outputs: { readonly candidate: Candidate; readonly values: Float32Array }[] = []
  const unavailable: Partial<Record<PeerName, string>> = {}
  for (const peer of peers) {
    const run = await load(peer, workload)
    if (typeof run !== 'function') {
      unavailable[peer.name] = run.unavailable
      continue
    }
    try {
      outputs.push({ candidate: { name: peer.name, run }, values: arranged(run, Float32Array.from(await run())) })
    } catch (error) {
      unavailable[peer.name] = firstLine(error)
    }
  }
  const ours = outputs.find(({ candidate }) => candidate.name === 'kerafold')
  if (!ours)
    return { candidates: [], maxAbsDiff: null, unavailable, mismatches: [`kerafold: ${unavailable.kerafold ?? 'is not among the peers'}`] }
  const bound = tolerance(ours.values)
  const others = outputs.filter(output => output !== ours).map(output => ({ ...output, by: largestDifference(ours.values, output.values) }))
  return {
    candidates: [ours.candidate, ...others.filter(({ by }) => by <= bound).map(({ candidate }) => candidate)],
    maxAbsDiff: others.length > 0 ? Math.max(...others.map(({ by }) => by)) : null,
    unavailable,
    mismatches: others.filter(({ by }) => by > bound).map(({ candidate, by }) => `${candidate.name} differs by ${by.toExponential(1)}`),
  }
}

/** What a runner gave, in Keras' layout. */
export function arranged({ arrange }: Runner, values: Float32Array): Float32Array {
  return arrange ? arrange(values) : values
}

/** Compares, then times. */
export async function runRow(workload: Workload, peers: readonly Peer[], options: HarnessOptions = defaultOptions): Promise<Row> {
  const { candidates, ...comparison } = await compare(workload, peers)
  const timings = await measure(candidates, options)
  const of = (name: PeerName) => timings.find(timing => timing.name === name)
  return {
    name: workload.name,
    us: perPeer(name => of(name)?.us ?? null),
    ratio: perPeer(name => of(name)?.ratio ?? null),
    ...comparison,
  }
}

export function emptyRow(name: string): Row {
  const none = perPeer(() => null)
  return { name, us: none, ratio: none, maxAbsDiff: null, unavailable: {}, mismatches: [] }
}

/** GFLOP/s of each peer, from the row's times. */
export function withGflops(row: Row, flops: number): Row {
  return {
    ...row,
    gflops: perPeer(name => {
      const us = row.us[name]
      return us === null ? null : flops / us / 1000
    }),
  }
}

/** The peers of a table, in order. */
export function inOrder(table: PerPeer<Peer>): readonly Peer[] {
  return peerNames.map(name => table[name])
}
