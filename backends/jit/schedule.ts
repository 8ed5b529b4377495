// The schedule: a flat list of kernel calls on buffers, as plain data that can be printed.

import type { DType } from '../../lib/ir/types.js'
import type { Kernel } from './kernel.js'

/**
 * Where a buffer lives: inputs and outputs belong to one program; variables, packed panels and constants to the whole
 * session, found by name; temporaries to the arena, for as long as they are needed.
 */
export type BufferKind = 'input' | 'output' | 'variable' | 'packed' | 'constant' | 'temporary'

export interface Buffer {
  readonly id: number
  /** The node it was made for; of what the session shares, its key. */
  readonly name: string
  readonly kind: BufferKind
  /** Every element takes four bytes: bools are masks. */
  readonly elements: number
  /** What a constant holds, as its bits. */
  readonly content?: Int32Array
}

/** A position in a buffer, in elements; inside a loop it moves by `perStep` with each step. */
export interface Place {
  readonly buffer: number
  readonly offset: number
  readonly perStep?: number
}

/** A tensor during scheduling: what it is and where its elements are, unless all of them are `literal`. */
export interface Tensor {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly place?: Place
  readonly literal?: number
}

export interface KernelStep {
  readonly kernel: Kernel
  /** The result's place first. */
  readonly places: readonly Place[]
  /** The node this computes, and the layer calls it came from. */
  readonly node: string
  readonly origin: readonly string[]
  readonly work: Work
}

/** What one call of a kernel does, from shapes. */
export interface Work {
  /** Arithmetic operations, as backends/jit/work.ts counts them. */
  readonly flops: number
  /** Bytes read and written, each operand once. */
  readonly bytes: number
}

export interface LoopStep {
  readonly count: number
  /** Whether the loop counts down. */
  readonly reverse: boolean
  readonly body: readonly Step[]
  /** Buffers that keep their contents from one step to the next. */
  readonly held: readonly number[]
}

export type Step = KernelStep | LoopStep

export interface Slot {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly place: Place
}

export interface Schedule {
  readonly buffers: readonly Buffer[]
  /** Run again when a variable they read has changed: weights into panels. */
  readonly prepare: readonly KernelStep[]
  readonly steps: readonly Step[]
  readonly inputs: readonly Slot[]
  readonly outputs: readonly Slot[]
  readonly losses: readonly Slot[]
  readonly updates: readonly Slot[]
}
