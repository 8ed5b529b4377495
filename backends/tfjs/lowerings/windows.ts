// Windows: XNNPACK's pooling on wasm where it is right, our own loop for everything else.

import type { OpName, Windows } from '../../../lib/ir/vocabulary.js'
import { slidingWindow } from '../../../lib/ops/primitives/windows.js'
import { paddings } from '../../../lib/ops/windows.js'
import { at, type ConcreteType, type KernelWriter, type Lowering } from '../lowering.js'
import type { Operand } from '../plan.js'
import { type WindowFold, type WindowPlan, windowLoop } from '../windowLoop.js'

function planOf(x: Operand, attrs: Windows, result: ConcreteType): WindowPlan {
  const sizes = x.shape.slice(1, -1)
  return {
    batch: x.shape[0] as number,
    channels: x.shape.at(-1) as number,
    sizes,
    results: result.shape.slice(1, -1),
    window: attrs.window,
    strides: attrs.strides,
    low: paddings(slidingWindow(attrs), sizes).map(pair => pair[0]),
  }
}

function folded<K extends 'window_max' | 'window_sum' | 'avg_pool'>(
  op: K,
  fold: WindowFold,
  kernel?: 'MaxPool' | 'AvgPool',
): Lowering<K>['lower'] {
  return (w, operands, attrs, result) => {
    const x = at(operands, 0)
    const plan = planOf(x, attrs, result)
    return kernel && isPooling(w.engine, x, plan) ? pooled(w, kernel, x, plan, result) : w.loop(op, [x], windowLoop(plan, fold), result)
  }
}

/**
 * Whether XNNPACK pools so: one or two axes of float32, more than one cell, no cell skipped between windows or cut off,
 * no window without a cell of the operand. On cpu the kernels are no faster than the loop, and lose NaN.
 */
function isPooling(engine: KernelWriter['engine'], { dtype, shape }: Operand, plan: WindowPlan): boolean {
  if (engine !== 'wasm' || dtype !== 'float32' || shape.length > 4 || plan.window.every(cells => cells === 1)) return false
  return plan.sizes.every((_, axis) => {
    const [cells, stride, low] = [plan.window[axis] as number, plan.strides[axis] as number, plan.low[axis] as number]
    const behind = cellsBehind(plan, axis)
    return stride <= cells && low >= 0 && low < cells && behind < cells && behind > -stride
  })
}

/** How far the last window reaches beyond the operand; negative where cells are left over. */
function cellsBehind({ sizes, results, window, strides, low }: WindowPlan, axis: number): number {
  const start = ((results[axis] as number) - 1) * (strides[axis] as number) - (low[axis] as number)
  return start + (window[axis] as number) - (sizes[axis] as number)
}

function pooled(w: KernelWriter, kernel: string, x: Operand, plan: WindowPlan, result: ConcreteType): Operand {
  const line = plan.sizes.length === 1
  const plane = <T>(list: readonly T[], unit: T): readonly T[] => (line ? [unit, ...list] : list)
  const pads = plan.low.map((cells, axis) => [cells, Math.max(0, cellsBehind(plan, axis))] as const)
  const image = (spatial: readonly number[]) => [plan.batch, ...plane(spatial, 1), plan.channels]
  const attrs = {
    filterSize: plane(plan.window, 1),
    strides: plane(plan.strides, 1),
    pad: [[0, 0], ...plane(pads, [0, 0] as const), [0, 0]],
  }
  return w.view(w.call(kernel, { x: w.view(x, image(plan.sizes)) }, attrs, { dtype: 'float32', shape: image(plan.results) }), result.shape)
}

export const windows = {
  window_max: { differs: 'on wasm a NaN is passed over', lower: folded('window_max', 'max', 'MaxPool') },
  window_sum: { lower: folded('window_sum', 'sum') },
} satisfies { [K in OpName]?: Lowering<K> }

export const pools = {
  avg_pool: { differs: 'on wasm a NaN becomes −∞', lower: folded('avg_pool', 'mean', 'AvgPool') },
} satisfies { [K in OpName]?: Lowering<K> }
