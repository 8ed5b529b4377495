// Profiles a program: times each kernel call alone, on what a run of the program gives it.

import { DisposedError } from '../../lib/ir/errors.js'
import type { KernelTime, ProgramProfile } from '../backend.js'
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

/** Runs something this many times. */
export type Repeat = (times: number) => void

/** A kernel call that can be run alone. */
export interface Probe {
  readonly row: ProfileRow
  /** Runs the program up to this call, so that memory holds what it reads. */
  readonly before: () => void
  readonly call: Repeat
  /** What `call` does beside the kernel, if that is anything. */
  readonly base?: Repeat
}

/** Compiles every kernel call of a program once more, to be run alone; they stay valid when memory grows or the arena moves. */
export async function probesOf({ compiled, heap, options, call }: ProfileParts): Promise<readonly Probe[]> {
  const { schedule, plan, addressOf } = compiled
  const rows = profileRows(schedule, addressOf)
  const scratch = Math.ceil(plan.arenaBytes / 64) * 64
  const room = scratch + Math.max(0, ...rows.map(({ saved }) => saved?.bytes ?? 0))
  const bytes = emitProfile(schedule, rows, addressOf, scratch, options)
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory: heap.memory } })
  const functions = instance.exports as Record<string, (arena: number, count: number) => void>
  const repeat = (name: string): Repeat => {
    const enter = functions[name]
    if (!enter) throw new Error(`internal: the profile module has no ${name}`)
    return count => enter(heap.arena, count)
  }
  const lead = repeat('lead')
  return rows.map((row, k) => ({
    row,
    call: repeat(`call ${k}`),
    ...(row.saved ? { base: repeat(`base ${k}`) } : {}),
    before: () => {
      heap.reserve(room)
      call()
      lead(k)
      if (!row.saved) return
      const { base, bytes: at } = addressOf(row.saved.buffer)
      const start = at + (base === 'arena' ? heap.arena : 0)
      new Uint8Array(heap.memory.buffer).copyWithin(heap.arena + scratch, start, start + row.saved.bytes)
    },
  }))
}

/** @throws DisposedError when the program goes while it is measured. */
export async function profileProgram(parts: ProfileParts, runs: number): Promise<ProgramProfile> {
  const probes = await probesOf(parts)
  const whole = [loopOf(() => parts.run(parts.heap.arena)), loopOf(parts.again)] as const
  const pause = async (): Promise<void> => {
    await new Promise(resolve => setTimeout(resolve)) // lets the engine finish compiling in the background
    if (!parts.alive()) throw new DisposedError('the program was disposed of while it was profiled', 'profile again')
  }
  for (let turn = 0; turn < warmUpTurns; turn++) {
    for (const { before, call, base } of probes) {
      await pause()
      before()
      calibrate(call, warmUpMs)
      if (base) calibrate(base, warmUpMs)
    }
    await pause()
    parts.call()
    for (const repeat of whole) calibrate(repeat, warmUpMs)
  }
  const kernels: KernelTime[] = []
  for (const { row, before, call, base } of probes) {
    await pause()
    before()
    const us = Math.max(0, medianUs(call, runs) - (base ? medianUs(base, runs) : 0))
    const { step, calls } = row
    const { kernel, node, origin, work } = step
    kernels.push({ kernel: kernel.key, node, origin, calls, us, flops: work.flops * calls, bytes: work.bytes * calls })
  }
  await pause()
  parts.call()
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
