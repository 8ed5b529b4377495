// Lifetimes: when each tensor that a plan makes has been read for the last time.

import { type Plan, readsOf, resultsOf, writesOf } from './plan.js'

/**
 * For each step, the slots whose tensors nothing needs after it; at the end, those that only the results read.
 * A view keeps what it shows alive. Leaves never die.
 */
export function dyingSlots(plan: Plan): readonly (readonly number[])[] {
  const origins = new Map<number, number>()
  for (const step of plan.steps) if (step.kind === 'view') origins.set(step.result.slot, step.of.slot)
  const ownerOf = (slot: number) => origins.get(slot) ?? slot
  const last = new Map<number, number>()
  plan.steps.forEach((step, k) => {
    if (step.kind !== 'view') for (const { slot } of writesOf(step)) last.set(slot, k)
    for (const { slot } of readsOf(step)) if (last.has(ownerOf(slot))) last.set(ownerOf(slot), k)
  })
  for (const { slot } of resultsOf(plan)) if (last.has(ownerOf(slot))) last.set(ownerOf(slot), plan.steps.length)
  const dying: number[][] = Array.from({ length: plan.steps.length + 1 }, () => [])
  for (const [slot, k] of last) dying[k]?.push(slot)
  return dying
}
