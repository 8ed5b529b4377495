// The stages of the jit for one model as text: schedules, memory map, and each module with its disassembly.

import type { Compiled } from '../session.js'
import { Labels } from './labels.js'
import { type HeapBounds, showMemory } from './memory.js'
import { showSchedule } from './schedule.js'
import { disassemble } from './wat.js'

/** A module as its bytes, and as the text that gives the same bytes again. */
export interface PrintedModule {
  readonly wasm: Uint8Array<ArrayBuffer>
  readonly wat: string
}

export interface Stages {
  /** The kernel calls of each program, in order. */
  readonly schedule: string
  /** The whole memory: what lies where, how many bytes, and when it is needed. */
  readonly memory: string
  /** What every run does. */
  readonly run: PrintedModule
  /** What is done again when a weight changes; undefined where the passes left nothing for it. */
  readonly prepare: PrintedModule | undefined
}

export function showStages(run: Compiled, prepare: Compiled | undefined, heap: HeapBounds): Stages {
  const programs = [{ name: 'run', compiled: run }, ...(prepare ? [{ name: 'prepare', compiled: prepare }] : [])]
  const labels = new Labels()
  const schedules = programs.map(({ name, compiled: { schedule } }) => `${name}\n${showSchedule(schedule, labels.of(schedule))}\n`)
  return {
    schedule: schedules.join('\n'),
    memory: `${showMemory(programs, labels, heap)}\n`,
    run: printed(run),
    prepare: prepare && printed(prepare),
  }
}

function printed({ bytes }: Compiled): PrintedModule {
  return { wasm: bytes, wat: disassemble(bytes) }
}
