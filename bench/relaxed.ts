// --relaxed: what relaxed SIMD's multiply-add gains, as the same models with it and without it, interleaved.

import { spawnSync } from 'node:child_process'
import { hasRelaxedSimd } from '../backends/jit/features.js'
import { largestDifference, tolerance } from './compare.js'
import { clocks, defaultOptions, measure } from './harness.js'
import type { Options } from './options.js'
import { load } from './peer.js'
import { kerafoldPeer } from './peers/kerafold.js'
import { showTime } from './report.js'
import { productFlops, type WorkloadName, workloads } from './workloads.js'

const flag = '--experimental-wasm-relaxed-simd'

/** Runs the rows that have products; in a process of its own where Node keeps relaxed SIMD behind a flag. Gives the exit code. */
export async function runRelaxed(options: Options): Promise<number> {
  if (!hasRelaxedSimd()) {
    if (process.execArgv.includes(flag)) throw new Error('this Node has no relaxed SIMD')
    const child = spawnSync(process.execPath, [flag, ...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' })
    return child.status ?? 1
  }
  let failed = false
  for (const name of options.rows) {
    if (!isWorkload(name) || productFlops(workloads[name](name)) === 0) continue
    failed = !(await runRow(name, options)) || failed
  }
  return failed ? 1 : 0
}

const isWorkload = (name: string): name is WorkloadName => Object.hasOwn(workloads, name)

async function runRow(name: WorkloadName, { json, rounds, clock }: Options): Promise<boolean> {
  const workload = workloads[name](name)
  const [fast, strict] = await Promise.all((['fast', 'strict'] as const).map(numerics => load(kerafoldPeer('jit', numerics), workload)))
  if (typeof fast !== 'function' || typeof strict !== 'function') throw new Error(`${name} does not run on the jit`)
  const [ours, plain] = [Float32Array.from(await fast()), Float32Array.from(await strict())]
  const maxAbsDiff = largestDifference(ours, plain)
  const timings = await measure(
    [fast, strict].map(run => ({ name: 'kerafold', run })),
    { ...defaultOptions, rounds, now: clocks[clock] },
  )
  const [relaxedUs, strictUs] = timings.map(({ us }) => us) as [number, number]
  const gain = timings[1]?.ratio ?? 0
  const gflops = productFlops(workload) / relaxedUs / 1000
  if (json) console.log(JSON.stringify({ name, us: { relaxed: relaxedUs, strict: strictUs }, gain, gflops, maxAbsDiff }))
  else
    console.log(
      `${name.padEnd(17)}relaxed ${showTime(relaxedUs).padStart(9)}   strict ${showTime(strictUs).padStart(9)}   ${gain.toFixed(2)}×   ` +
        `${gflops.toFixed(1)} GFLOP/s   max diff ${maxAbsDiff.toExponential(1)}`,
    )
  return maxAbsDiff <= tolerance(plain)
}
