// Where everything lies in the memory of a standalone module: weights | state | inputs and outputs | arena.

import { sizeOf } from '../../lib/ir/types.js'
import { type MemoryPlan, paddedBytes } from './plan.js'
import type { Buffer, Schedule, Slot, Step } from './schedule.js'

/** Bytes kept free before the first and behind the last buffer: kernels may load a little past both ends. */
export const slack = 64

/** A stretch of memory with its first contents. */
export interface Region {
  readonly offset: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Copy {
  readonly to: number
  readonly from: number
  readonly bytes: number
}

export interface StandaloneLayout {
  /** What no run changes: variables, packed panels and constants that the steps read. */
  readonly weights: Region
  /** Variables that each run updates. */
  readonly state: Region
  /** Where they lie; a variable that is written and never read has no place. */
  readonly states: readonly (readonly [slot: Slot, offset: number])[]
  addressOf(buffer: number): number
  /** Where a result of the schedule lies after a run. */
  resultAt(slot: Slot): number
  /** To do after the steps, in this order: updates are written after every read. */
  readonly copies: readonly Copy[]
  /** Behind everything and its slack. */
  readonly end: number
}

/** `contentOf` gives the words of a buffer that lasts from run to run. */
export function layOut(schedule: Schedule, plan: MemoryPlan, contentOf: (buffer: Buffer) => Int32Array): StandaloneLayout {
  const stack = new Stack(contentOf)
  const updates = new Map(schedule.updates.map(slot => [slot.name, slot]))
  const isState = ({ kind, name }: Buffer): boolean => kind === 'variable' && updates.has(name)
  const lasting = usedBuffers(schedule).filter(({ kind }) => kind === 'variable' || kind === 'packed' || kind === 'constant')
  const weights = stack.region(lasting.filter(buffer => !isState(buffer)))
  const state = stack.region(lasting.filter(isState))
  const own = stack.take(plan.ownBytes)
  // a result that lies in a state would change with it: it moves out of the way first
  const inState = [...schedule.outputs, ...schedule.updates].filter(({ place }) => state.places.has(place.buffer))
  const moved = new Map(inState.map(slot => [slot, stack.take(bytesOf(slot))]))
  const arena = stack.take(plan.arenaBytes)
  const addressOf = (id: number): number => {
    const [inOwn, inArena] = [plan.own.get(id), plan.arena.get(id)]
    if (inOwn !== undefined) return own + inOwn
    if (inArena !== undefined) return arena + inArena
    const at = weights.places.get(id) ?? state.places.get(id)
    if (at === undefined) throw new Error(`internal: buffer ${id} has no place in a standalone module`)
    return at
  }
  const inPlace = ({ place }: Slot): number => addressOf(place.buffer) + place.offset * 4
  const resultAt = (slot: Slot): number => moved.get(slot) ?? inPlace(slot)
  const states = lasting.filter(isState).map(({ id, name }) => [updates.get(name) as Slot, addressOf(id)] as const)
  return {
    weights,
    state,
    states,
    addressOf,
    resultAt,
    copies: [
      ...[...moved].map(([slot, to]) => ({ to, from: inPlace(slot), bytes: bytesOf(slot) })),
      ...states.map(([slot, to]) => ({ to, from: resultAt(slot), bytes: bytesOf(slot) })),
    ],
    end: stack.take(slack) + slack,
  }
}

/** Takes memory from the bottom up. */
class Stack {
  private top = slack
  private readonly contentOf: (buffer: Buffer) => Int32Array

  constructor(contentOf: (buffer: Buffer) => Int32Array) {
    this.contentOf = contentOf
  }

  /** Whole cache lines. */
  take(bytes: number): number {
    const start = this.top
    this.top += Math.ceil(bytes / 64) * 64
    return start
  }

  region(buffers: readonly Buffer[]): Region & { readonly places: ReadonlyMap<number, number> } {
    const offset = this.top
    const places = new Map(buffers.map(({ id, elements }) => [id, this.take(paddedBytes(elements))]))
    const bytes = new Uint8Array(this.top - offset)
    for (const buffer of buffers) {
      const content = this.contentOf(buffer)
      new Int32Array(bytes.buffer, (places.get(buffer.id) as number) - offset, content.length).set(content)
    }
    return { offset, bytes, places }
  }
}

/** The buffers that steps or results name, in the order of their ids. */
function usedBuffers({ buffers, steps, outputs, updates }: Schedule): Buffer[] {
  const used = new Set([...outputs, ...updates].map(({ place }) => place.buffer))
  const walk = (list: readonly Step[]): void => {
    for (const step of list) {
      if ('kernel' in step) for (const { buffer } of step.places) used.add(buffer)
      else walk(step.body)
    }
  }
  walk(steps)
  return buffers.filter(({ id }) => used.has(id))
}

function bytesOf({ shape }: Slot): number {
  return sizeOf(shape) * 4
}
