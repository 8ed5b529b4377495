// What lowerings may ask of the scheduler: places for values, kernel calls, loops.

import type { Graph, Node } from '../../lib/ir/graph.js'
import { type DType, isConcrete, type TensorType } from '../../lib/ir/types.js'
import type { Kernel } from './kernel.js'
import type { Tensor } from './schedule.js'

/** A type whose sizes are all known. */
export interface BoundType {
  readonly dtype: DType
  readonly shape: readonly number[]
}

/** @throws Error when a size is not bound. */
export function boundType({ dtype, shape }: TensorType): BoundType {
  if (!isConcrete(shape)) throw new Error('internal: the graph is not specialised')
  return { dtype, shape }
}

export interface Scheduling {
  /** Schedules every live node of a region; its inputs are given. */
  run(graph: Graph, inputs: readonly Tensor[]): ReadonlyMap<string, Tensor | readonly Tensor[]>
  /** The value of a variable before the run. */
  variable(node: Node): Tensor
  /** Constants of equal bits are one buffer of the session. */
  constant(type: BoundType, values: ArrayLike<number>): Tensor
  /** A new temporary. */
  temporary(type: BoundType): Tensor
  /** NumPy's broadcast, written out. */
  spread(x: Tensor, shape: readonly number[]): Tensor
  /** The same elements under another shape, from `offset` elements on. */
  view(x: Tensor, type: BoundType, offset?: number): Tensor
  /** Appends a kernel call of `flops` arithmetic operations, 0 if it only moves; nothing happens where the result is empty. */
  call(kernel: Kernel, result: Tensor, operands: readonly Tensor[], flops?: number): void
  /**
   * A right operand in packed panels, made once by `kernel` if it depends on nothing that a run changes.
   * Undefined where it would have to be made anew each time.
   */
  packed(rhs: Tensor, layout: string, elements: number, kernel: Kernel): Tensor | undefined
  /** Schedules a loop; its body gives the buffers that keep their contents from step to step. */
  loop(count: number, reverse: boolean, body: () => readonly number[]): void
}
