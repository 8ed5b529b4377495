// Where a `prepare` program works: on the session's own variables, and over its copies of weights that nothing else needs.

import type { VariableInfo } from '../../lib/ir/graph.js'
import { sizeOf } from '../../lib/ir/types.js'
import type { Buffer, KernelStep, Place, Schedule, Slot } from './schedule.js'

export interface IntoVariables {
  readonly schedule: Schedule
  /** Results, by position, that the program writes where the session keeps the variable of that name. */
  readonly moved: ReadonlySet<number>
  /** Weights by name, with the result in whose place each is to be copied before the program runs: it changes them there. */
  readonly over: ReadonlyMap<string, string>
}

/**
 * A schedule that leaves its results where other programs read them, if each has a buffer of its own. A weight that only
 * one kernel reads, and that kernel may work in place, needs no memory of its own: weights are large, and fresh memory is slow.
 */
export function intoVariables(schedule: Schedule, variables: Readonly<Record<string, VariableInfo>>): IntoVariables {
  const buffers = [...schedule.buffers]
  const moved = new Map<number, Slot>()
  schedule.outputs.forEach((slot, k) => {
    const { name, place, shape } = slot
    const target = buffers[place.buffer] as Buffer
    if (target.kind !== 'output' || place.offset !== 0 || target.elements !== sizeOf(shape)) return
    buffers[place.buffer] = { ...target, kind: 'variable', name }
    moved.set(k, slot)
  })
  const over = new Map<string, string>()
  const uses = countUses(schedule)
  const results = new Map([...moved.values()].map(slot => [slot.place.buffer, slot]))
  const touched = new Set<number>()
  const isSpare = ({ buffer, offset }: Place, { shape, dtype }: Slot): boolean => {
    const { kind, name, elements } = buffers[buffer] as Buffer
    const sameType = elements === sizeOf(shape) && variables[name]?.type.dtype === dtype && dtype !== 'bool'
    return kind === 'variable' && uses.get(buffer) === 1 && offset === 0 && sameType
  }
  const rewrite = (step: KernelStep): KernelStep => {
    const [result, ...operands] = step.places
    const target = result?.buffer ?? -1
    const slot = touched.has(target) || uses.get(target) === Infinity ? undefined : results.get(target)
    for (const { buffer } of step.places) touched.add(buffer)
    const k = slot && step.kernel.inPlace?.find(at => isSpare(operands[at] as Place, slot))
    if (!result || !slot || k === undefined) return step
    const spare = buffers[operands[k]?.buffer ?? -1] as Buffer
    over.set(spare.name, slot.name)
    buffers[spare.id] = { ...spare, kind: 'temporary' } // that no step uses
    return { ...step, places: [result, ...operands.map((place, at) => (at === k ? result : place))] }
  }
  const steps = schedule.steps.map(step => ('kernel' in step ? rewrite(step) : step))
  return { schedule: { ...schedule, buffers, steps }, moved: new Set(moved.keys()), over }
}

/** How often each buffer is read or written; infinitely often in loops. */
function countUses({ steps, outputs }: Schedule): ReadonlyMap<number, number> {
  const uses = new Map<number, number>()
  const count = ({ buffer }: Place, times: number): void => void uses.set(buffer, (uses.get(buffer) ?? 0) + times)
  const walk = (list: Schedule['steps'], times: number): void => {
    for (const step of list) {
      if ('kernel' in step) for (const place of step.places) count(place, times)
      else walk(step.body, Infinity)
    }
  }
  walk(steps, 1)
  for (const { place } of outputs) count(place, 1)
  return uses
}
