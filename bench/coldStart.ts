// first-result rows: how long a fresh process takes from the model object or a file to the first result, package imports aside.

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withBuilt } from './built.js'
import { largestDifference, tolerance } from './compare.js'
import { median } from './harness.js'
import { firstLine, type PeerName, peerNames, perPeer, type Unavailable } from './peer.js'
import { kerafoldModel } from './peers/kerafold.js'
import type { Row } from './row.js'
import { type WorkloadName, workloads } from './workloads.js'

interface First {
  readonly us: number
  readonly values: readonly number[]
}

/** Starts a process for each peer in turn, `runs` times over; outputs are compared as in the other rows. */
export async function coldRow(name: string, workload: WorkloadName, backend: string, runs: number): Promise<Row> {
  return withBuilt(dist => firstResults(name, runs, peer => start(dist, peer, backend, workload)))
}

/** The same from a .keras file, which Kerafold alone reads. */
export async function coldFileRow(name: string, workload: WorkloadName, backend: string, runs: number): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'kerafold-bench-'))
  try {
    const file = join(folder, `${workload}.keras`)
    await kerafoldModel(workloads[workload](workload)).save(file)
    const unread: Unavailable = { unavailable: 'does not read .keras files' }
    return await withBuilt(dist =>
      firstResults(name, runs, async peer => (peer === 'kerafold' ? start(dist, peer, backend, workload, file) : unread)),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function firstResults(name: string, runs: number, startPeer: (peer: PeerName) => Promise<First | Unavailable>): Promise<Row> {
  const firsts = new Map<PeerName, First[]>()
  const unavailable: Partial<Record<PeerName, string>> = {}
  for (let run = 0; run < runs; run++) {
    for (const peer of peerNames) {
      if (unavailable[peer] !== undefined) continue
      const result = await startPeer(peer)
      if ('unavailable' in result) unavailable[peer] = result.unavailable
      else firsts.set(peer, [...(firsts.get(peer) ?? []), result])
    }
  }
  const complete = (peer: PeerName): readonly First[] => (unavailable[peer] === undefined ? (firsts.get(peer) ?? []) : [])
  const times = perPeer(peer => complete(peer).map(({ us }) => us))
  const outputs = perPeer(peer => Float32Array.from(complete(peer)[0]?.values ?? []))
  const others = peerNames.filter(peer => peer !== 'kerafold' && times[peer].length > 0)
  const differences = others.map(peer => ({ peer, by: largestDifference(outputs.kerafold, outputs[peer]) }))
  const mismatches = differences.filter(({ by }) => by > tolerance(outputs.kerafold))
  const middle = (values: readonly number[]): number | null => (values.length > 0 ? median(values) : null)
  return {
    name,
    us: perPeer(peer => middle(times[peer])),
    ratio: perPeer(peer => middle(times[peer].map((us, run) => us / (times.kerafold[run] as number)))),
    maxAbsDiff: differences.length > 0 ? Math.max(...differences.map(({ by }) => by)) : null,
    unavailable,
    mismatches: [
      ...(times.kerafold.length === 0 ? [`kerafold: ${unavailable.kerafold ?? 'has no result'}`] : []),
      ...mismatches.map(({ peer, by }) => `${peer} differs by ${by.toExponential(1)}`),
    ],
  }
}

async function start(dist: string, peer: PeerName, backend: string, workload: WorkloadName, file?: string): Promise<First | Unavailable> {
  try {
    const options = [join(dist, 'bench/coldChild.js'), peer, backend, workload, ...(file === undefined ? [] : [file])]
    const { stdout } = await promisify(execFile)(process.execPath, options)
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as First | Unavailable
  } catch (error) {
    return { unavailable: firstLine(error) }
  }
}
