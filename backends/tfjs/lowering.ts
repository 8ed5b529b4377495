// Lowering: what the tables say about an op, and what an entry has in hand to write kernel calls with.

import type { TensorType } from '../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import type { Emitter, Value } from '../../lib/ops/op.js'
import type { EngineName, KernelAttrs } from './kernel.js'
import { type Loop, mapLoop } from './loops.js'
import type { Operand } from './plan.js'

/** A tensor type whose sizes are all numbers. */
export interface ConcreteType extends TensorType {
  readonly shape: readonly number[]
}

/** Writes a plan. `emit` applies any op by its own entry, so that entries can use each other. */
export interface KernelWriter extends Emitter<Operand> {
  readonly engine: EngineName
  /** Appends a kernel call whose result has this type. */
  call(kernel: string, inputs: Readonly<Record<string, Operand>> | readonly Operand[], attrs: KernelAttrs, type: ConcreteType): Operand
  /** Appends a loop of our own whose result has this type. */
  loop(op: OpName, inputs: readonly Operand[], loop: Loop, type: ConcreteType): Operand
  /** The same elements under another shape. */
  view(x: Operand, shape: readonly number[]): Operand
  /** As `view`, for the right operand of a product: no other shape of it shares its packed panels. */
  matrix(x: Operand, shape: readonly [1, number, number]): Operand
  /** The shape in which the tensor behind a view was made. */
  madeAs(x: Operand): readonly number[]
  /** Whether the elements are those of a variable or a constant, which stand still from run to run. */
  stays(x: Operand): boolean
  constant(value: Value): Operand
  /** The value of a constant; undefined for what only the run will know. */
  known(x: Operand): Value | undefined
}

/** What decides whether an exception applies. */
export interface Facts<K extends OpName> {
  readonly engine: EngineName
  readonly operands: readonly Operand[]
  readonly attrs: OpAttrs[K]
}

/** A case that an entry's kernels get wrong, or do not have. */
export interface Exception<K extends OpName> {
  readonly reason: string
  applies(facts: Facts<K>): boolean
}

/** How kernels compute an op. Exceptions are evaluated by the reference; for composites, decomposed. */
export interface Lowering<K extends OpName> {
  readonly except?: readonly Exception<K>[]
  /** Where results differ from the definition by more than rounding. */
  readonly differs?: string
  lower(writer: KernelWriter, operands: readonly Operand[], attrs: OpAttrs[K], result: ConcreteType): Operand
}

/** An op that no kernel computes, and why. */
export interface ByReference {
  readonly reference: string
}

/** A kernel that takes `{ x }` and no attributes. */
export function unary<K extends OpName>(kernel: string, notes: Pick<Lowering<K>, 'except' | 'differs'> = {}): Lowering<K> {
  return { ...notes, lower: (w, operands, _attrs, result) => w.call(kernel, { x: at(operands, 0) }, {}, result) }
}

/** A kernel that takes `{ a, b }`, broadcasts, and has no attributes. */
export function binary<K extends OpName>(kernel: string, notes: Pick<Lowering<K>, 'except' | 'differs'> = {}): Lowering<K> {
  return { ...notes, lower: (w, operands, _attrs, result) => w.call(kernel, { a: at(operands, 0), b: at(operands, 1) }, {}, result) }
}

/** A loop of our own that applies `f` to each element. */
export function mapped<K extends OpName>(op: K, f: (x: number) => number): Lowering<K> {
  return { lower: (w, operands, _attrs, result) => w.loop(op, [at(operands, 0)], mapLoop(f), result) }
}

/** Operand `k`, whose presence the type rules have checked. */
export function at(operands: readonly Operand[], k: number): Operand {
  const operand = operands[k]
  if (!operand) throw new Error(`internal: an op without operand ${k} reached the tfjs tables`)
  return operand
}

export function isInt<K extends OpName>({ operands }: Facts<K>): boolean {
  return operands[0]?.dtype === 'int32'
}
