// A kernel: a WebAssembly function of pointers and a range, made for one op signature and shared by all nodes of it.

import type { FunctionHandle } from './assembler.js'
import type { ModuleAssembler } from './module.js'

/**
 * A kernel before it is emitted. Its function takes i32 pointers (the result first), then begin and end over `extent`
 * units of its outermost parallel axis; any split of 0…extent into ranges, in any order, gives the same result.
 * Loads may reach up to 32 bytes past the end of a buffer (memory has that slack, the values must not matter);
 * stores never write outside a buffer's own bytes, which are a multiple of 16 where the kernel writes all of it.
 */
export interface Kernel {
  /** Equal keys mean equal code. */
  readonly key: string
  readonly extent: number
  /** Operands, by position after the result, whose memory the result may take over. */
  readonly inPlace?: readonly number[]
  /**
   * Bytes that a unit of the range reads and no other unit does, where they are nearly all that is read: the weights of a
   * product of few rows.
   */
  readonly streamed?: number
  /** Defines the function, and private helpers it calls, in a module. */
  define(module: ModuleAssembler, name: string): FunctionHandle
}
