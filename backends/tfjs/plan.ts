// Plan: a graph as a flat list of tfjs kernel calls over numbered slots; plain data that can be read and counted.

import type { DType } from '../../lib/ir/types.js'
import type { Value } from '../../lib/ops/op.js'
import type { KernelAttrs } from './kernel.js'
import type { Loop } from './loops.js'

/** A tensor of the plan: where it stands while the plan runs, and what is known of it before. */
export interface Operand {
  readonly slot: number
  readonly dtype: DType
  readonly shape: readonly number[]
}

/** A tensor that lives as long as the program. */
export interface Leaf {
  readonly operand: Operand
  readonly source:
    | { readonly kind: 'input'; readonly index: number }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'constant'; readonly value: Value }
}

/** One call of a registered tfjs kernel. */
export interface KernelStep {
  readonly kind: 'kernel'
  readonly kernel: string
  readonly inputs: Readonly<Record<string, Operand>> | readonly Operand[]
  readonly attrs: KernelAttrs
  readonly result: Operand
}

/** A loop of our own over the elements. */
export interface LoopStep {
  readonly kind: 'loop'
  readonly op: string
  readonly inputs: readonly Operand[]
  readonly loop: Loop
  readonly result: Operand
}

/** The same elements under another shape: no call, no copy. */
export interface ViewStep {
  readonly kind: 'view'
  readonly of: Operand
  readonly result: Operand
}

/** A node that no kernel computes: its operands are read, evaluated by definition, and the results uploaded. */
export interface ReferenceStep {
  readonly kind: 'reference'
  readonly op: string
  readonly reason: string
  readonly inputs: readonly Operand[]
  readonly evaluate: (operands: readonly Value[]) => readonly Value[]
  readonly results: readonly Operand[]
}

export type Step = KernelStep | LoopStep | ViewStep | ReferenceStep

export interface Plan {
  readonly slots: number
  /** Those that some step or result reads. */
  readonly leaves: readonly Leaf[]
  readonly steps: readonly Step[]
  readonly outputs: readonly Operand[]
  readonly losses: readonly Operand[]
  readonly updates: Readonly<Record<string, Operand>>
}

/** What a step reads from slots. */
export function readsOf(step: Step): readonly Operand[] {
  if (step.kind === 'view') return [step.of]
  return Array.isArray(step.inputs) ? step.inputs : Object.values(step.inputs)
}

/** What a step puts into slots. */
export function writesOf(step: Step): readonly Operand[] {
  return step.kind === 'reference' ? step.results : [step.result]
}

/** Every result of a plan. */
export function resultsOf({ outputs, losses, updates }: Plan): readonly Operand[] {
  return [...outputs, ...losses, ...Object.values(updates)]
}
