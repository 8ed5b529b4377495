// The four ways to combine elements into one, on lanes and across lanes.

import type { DType } from '../../../lib/ir/types.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { Instruction } from '../opcodes.js'

export type CombineName = 'sum' | 'prod' | 'max' | 'min'

interface Combine {
  readonly instruction: Instruction
  readonly identity: number
}

/** Extremes of floats take the instruction that keeps NaN; bools are masks, true is all bits. */
export const combines = {
  sum: { float32: { instruction: 'f32x4.add', identity: 0 }, int32: { instruction: 'i32x4.add', identity: 0 } },
  prod: { float32: { instruction: 'f32x4.mul', identity: 1 }, int32: { instruction: 'i32x4.mul', identity: 1 } },
  max: {
    float32: { instruction: 'f32x4.max', identity: -Infinity },
    int32: { instruction: 'i32x4.max_s', identity: -2147483648 },
    bool: { instruction: 'v128.or', identity: 0 },
  },
  min: {
    float32: { instruction: 'f32x4.min', identity: Infinity },
    int32: { instruction: 'i32x4.min_s', identity: 2147483647 },
    bool: { instruction: 'v128.and', identity: -1 },
  },
} as const satisfies Record<CombineName, Partial<Record<DType, Combine>>>

export function combineOf(name: CombineName, dtype: DType): Combine {
  const byType: Partial<Record<DType, Combine>> = combines[name]
  const combine = byType[dtype]
  if (!combine) throw new Error(`internal: ${name} of ${dtype} has no kernel`)
  return combine
}

export function pushIdentity(f: FunctionAssembler, { identity }: Combine, dtype: DType): void {
  f.splat(identity, dtype === 'float32' ? 'f32' : 'i32')
}

/** A mask of the first `count` lanes. */
export function pushLaneMask(f: FunctionAssembler, count: number): void {
  f.v128([count > 0 ? -1 : 0, count > 1 ? -1 : 0, count > 2 ? -1 : 0, count > 3 ? -1 : 0], 'i32')
}

/** Combines the four lanes of `value` into all four. */
export function acrossLanes(f: FunctionAssembler, value: Local, instruction: Instruction): void {
  for (const lanes of [
    [2, 3, 0, 1],
    [1, 0, 3, 2],
  ] as const) {
    f.get(value)
    f.get(value)
    f.get(value)
    f.shuffle(lanes)
    f.op(instruction)
    f.set(value)
  }
}
