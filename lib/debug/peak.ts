// The peak: what one thread of this machine does on matrix products that never leave its caches, measured beside a profile.

import { BackendError } from '../ir/errors.js'
import { Dense } from '../layers/dense.js'
import { sequential } from '../models/sequential.js'
import type { Executable } from '../runtime/executable.js'
import type { Inputs } from '../runtime/feeds.js'
import type { LowerOptions } from '../runtime/lower.js'
import type { Profile } from '../runtime/profile.js'
import { fastestOf } from './shares.js'

/** Rows, inputs and units. Of nineteen measured these were the fastest, and within 2 % of each other: the best one here counts. */
const products = [
  [64, 256, 64],
  [128, 256, 32],
  [256, 256, 16],
] as const
/** Blocks of each product before and after the kernels; others come between them. */
const attempts = 12
const blockMs = 2

export interface Measured {
  readonly profile: Profile
  readonly peakGflops: number
}

export interface MeasureOptions extends Pick<LowerOptions, 'numerics'> {
  readonly runs?: number | undefined
}

/**
 * Profiles a run on these inputs, and beside it the peak: the best of what was measured before, between and after the
 * kernels, because other work on the machine only ever makes it less. Undefined where the backend cannot time kernels.
 */
export async function measure(exe: Executable, inputs: Inputs, { runs, ...numerics }: MeasureOptions): Promise<Measured | undefined> {
  try {
    const work = () => exe.profile(inputs, runs === undefined ? {} : { runs })
    const { result: profile, peak } = await peakBeside(work, numerics)
    return { profile, peakGflops: Math.max(peak, fastestOf(profile.kernels)) }
  } catch (error) {
    if (error instanceof BackendError) return undefined
    throw error
  }
}

/** Does the work, which should pause often; measures in its pauses. */
async function peakBeside<T>(work: () => Promise<T>, numerics: Pick<LowerOptions, 'numerics'>): Promise<{ result: T; peak: number }> {
  const meters: Meter[] = []
  try {
    for (const shape of products) meters.push(await openMeter(shape, numerics))
    let peak = 0
    const measureOnce = async (meter: Meter): Promise<void> => {
      await new Promise(resolve => setTimeout(resolve))
      peak = Math.max(peak, meter.block())
    }
    const measureMany = async (): Promise<void> => {
      for (let k = 0; k < attempts; k++) for (const meter of meters) await measureOnce(meter)
    }
    await measureMany()
    let busy = true
    const running = work().finally(() => {
      busy = false
    })
    running.catch(() => {}) // it is awaited below, but may fail before
    for (let turn = 0; busy; turn++) await measureOnce(meters[turn % meters.length] as Meter)
    const result = await running
    await measureMany()
    return { result, peak }
  } finally {
    for (const { exe } of meters) exe.dispose()
  }
}

interface Meter {
  readonly exe: Executable
  /** GFLOP/s of a few milliseconds. */
  block(): number
}

async function openMeter(
  [rows, inputs, units]: readonly [number, number, number],
  numerics: Pick<LowerOptions, 'numerics'>,
): Promise<Meter> {
  const net = sequential({ layers: [new Dense({ units, useBias: false, inputShape: [inputs], name: 'peak' })] })
  const exe = await net.lower({ ...numerics, backend: 'jit', sizes: { batch: rows } })
  for (const data of Object.values(exe.inputs)) data.fill(1)
  const flops = 2 * rows * inputs * units
  const block = (): number => {
    const start = performance.now()
    for (let times = 1; ; times++) {
      exe.call()
      const ms = performance.now() - start
      if (ms >= blockMs) return (flops * times) / ms / 1e6
    }
  }
  return { exe, block }
}
