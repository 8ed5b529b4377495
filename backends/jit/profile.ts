// Profiles a program: times each kernel call alone, on what a run of the program gives it.

import { DisposedError } from '../../lib/ir/errors.js'
import type { ProgramProfile } from '../backend.js'
import type { AssemblerOptions } from './assembler.js'
import type { Address } from './emit.js'
import type { Heap } from './heap.js'
import type { MemoryPlan } from './plan.js'
import { emitProfile, type ProfileRow, profileRows } from './profileModule.js'
import type { Schedule } from './schedule.js'

export interface ProfileParts {
  readonly compiled: {
    readonly schedule: Schedule
    readonly plan: MemoryPlan
    readonly addressOf: (buffer: number) => Address
  }
  readonly options: AssemblerOptions
  readonly heap: Heap
  /** The program's driver. */
  readonly run: (arena: number) => void
  /** Copies the inputs in and runs. */
  readonly call: () => void
  /** As `call`, and copies the results out. */
  readonly again: () => unknown
  /** Whether the program can still run. */
  readonly alive: () => boolean
}

/** Long enough for clocks that tick once in 100 µs, as those of some browsers. */
const blockMs = 1
const warmUpMs = 3
const warmUpTurns = 2

type Repeated = (arena: number, times: number) => void

/** Runs something this many times. */
type Repeat = (times: number) => void

/** @throws DisposedError when the program goes while it is measured. */
export async function profileProgram(parts: ProfileParts, runs: number): Promise<ProgramProfile> {
  const { compiled, heap, options } = parts
  const rows = profileRows(compiled.schedule, compiled.addressOf)
  const scratch = Math.ceil(compiled.plan.arenaBytes / 64) * 64
  const room = scratch + Math.max(0, ...rows.map(({ saved }) => saved?.bytes ?? 0))
  const bytes = emitProfile(compiled.schedule, rows, compiled.addressOf, scratch, options)
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory: heap.memory } })
  const functions = instance.exports as Record<string, Repeated>

  /** Waits for others, then brings memory to where kernel `k` is about to run. */
  const before = async (k: number): Promise<void> => {
    await new Promise(resolve => setTimeout(resolve)) // lets the engine finish compiling in the background
    if (!parts.alive()) throw new DisposedError('the program was disposed of while it was profiled', 'profile again')
    heap.reserve(room) // another program compiled meanwhile may have moved the arena
    parts.call()
    functions.lead?.(heap.arena, k)
    const { saved } = rows[k] ?? {}
    if (saved) {
      const { base, bytes: at } = compiled.addressOf(saved.buffer)
      const start = at + (base === 'arena' ? heap.arena : 0)
      new Uint8Array(heap.memory.buffer).copyWithin(heap.arena + scratch, start, start + saved.bytes)
    }
  }
  const repeatsOf = ({ saved }: ProfileRow, k: number): readonly Repeat[] =>
    (saved ? ['call', 'base'] : ['call']).map(kind => times => functions[`${kind} ${k}`]?.(heap.arena, times))
  const whole = [loopOf(() => parts.run(heap.arena)), loopOf(parts.again)] as const

  for (let turn = 0; turn < warmUpTurns; turn++) {
    for (const [k, row] of rows.entries()) {
      await before(k)
      for (const repeat of repeatsOf(row, k)) calibrate(repeat, warmUpMs)
    }
    for (const repeat of whole) calibrate(repeat, warmUpMs)
  }
  const kernels: ProgramProfile['kernels'][number][] = []
  for (const [k, row] of rows.entries()) {
    await before(k)
    const [us = 0, base = 0] = repeatsOf(row, k).map(repeat => medianUs(repeat, runs))
    const { kernel, node, origin, work } = row.step
    const { calls } = row
    kernels.push({ kernel: kernel.key, node, origin, calls, us: Math.max(0, us - base), flops: work.flops * calls, bytes: work.bytes * calls })
  }
  await before(rows.length)
  const [runUs, withCopiesUs] = whole.map(repeat => medianUs(repeat, runs)) as [number, number]
  return { kernels, runUs, withCopiesUs }
}

function loopOf(once: () => unknown): Repeat {
  return times => {
    for (let k = 0; k < times; k++) once()
  }
}

function milliseconds(repeat: Repeat, times: number): number {
  const start = performance.now()
  repeat(times)
  return performance.now() - start
}

/** How many times take `ms` milliseconds. */
function calibrate(repeat: Repeat, ms: number): number {
  let times = 1
  for (;;) {
    const took = milliseconds(repeat, times)
    if (took >= ms || times >= 2 ** 24) return times
    times *= took > ms / 8 ? 2 : 8
  }
}

/** Microseconds of one time, the median of `runs` blocks. */
function medianUs(repeat: Repeat, runs: number): number {
  const times = calibrate(repeat, blockMs)
  const blocks = Array.from({ length: runs }, () => milliseconds(repeat, times)).sort((a, b) => a - b)
  return ((blocks[Math.floor(runs / 2)] as number) / times) * 1000
}
