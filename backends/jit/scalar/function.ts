// What a scalar function is: code for one elementwise op on four lanes. Bools are masks: all bits set is true.

import type { DType } from '../../../lib/ir/types.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { Instruction } from '../opcodes.js'

/** An operand in a local; its value is known when all four lanes are one constant. */
export interface Lanes {
  readonly local: Local
  readonly constant?: number
}

/** Emits one op on lanes whose operands are of `dtype` (of the last one, for select); leaves the result on the stack. */
export type ScalarFunction = (f: FunctionAssembler, operands: readonly Lanes[], dtype: DType, attrs: object) => void

export function push(f: FunctionAssembler, ...operands: readonly (Lanes | undefined)[]): void {
  for (const operand of operands) f.get((operand as Lanes).local)
}

/** One instruction per dtype, on the operands in order. */
export function plain(instructions: Partial<Record<DType, Instruction>>, swap = false): ScalarFunction {
  return (f, operands, dtype) => {
    const name = instructions[dtype]
    if (!name) throw new Error(`internal: there is no elementwise instruction for ${dtype}`)
    push(f, ...(swap ? [...operands].reverse() : operands))
    f.op(name)
  }
}

export function unary(write: (f: FunctionAssembler, x: Local) => void): ScalarFunction {
  return (f, [x]) => write(f, (x as Lanes).local)
}

export function binary(write: (f: FunctionAssembler, x: Local, y: Local) => void): ScalarFunction {
  return (f, [x, y]) => write(f, (x as Lanes).local, (y as Lanes).local)
}

export function byDType(float: ScalarFunction, int: ScalarFunction): ScalarFunction {
  return (f, operands, dtype, attrs) => (dtype === 'int32' ? int : float)(f, operands, dtype, attrs)
}
