// Bodies: elementwise expressions as data, from graph nodes to code on four lanes.

import type { DType } from '../../../lib/ir/types.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { Lanes } from './function.js'
import { type ElementwiseName, scalarFunction } from './table.js'

/** One op on earlier slots; `dtype` is that of its last operand. */
export interface BodyStep {
  readonly op: ElementwiseName
  readonly args: readonly number[]
  readonly dtype: DType
  readonly attrs: object
}

export interface BodyConstant {
  readonly value: number
  readonly dtype: DType
}

/** Slots are numbered: operands first, then constants, then steps; the last slot is the result. */
export interface Body {
  readonly operands: number
  readonly constants: readonly BodyConstant[]
  readonly steps: readonly BodyStep[]
  /** The slot of the result. */
  readonly result: number
}

/** Gives back its only operand. */
export const copyBody: Body = { operands: 1, constants: [], steps: [], result: 0 }

/** The expression as text; equal texts mean equal code. */
export function showBody({ operands, constants, steps, result }: Body): string {
  const texts = Array.from({ length: operands }, (_, k) => `x${k}`)
  for (const { value, dtype } of constants) texts.push(`${Object.is(value, -0) ? '-0' : value}${dtype === 'float32' ? '' : dtype}`)
  const uses = new Array<number>(operands + constants.length + steps.length).fill(0)
  for (const { args } of steps) for (const arg of args) uses[arg] = (uses[arg] ?? 0) + 1
  const lines: string[] = []
  steps.forEach(({ op, args, dtype, attrs }, k) => {
    const extra = Object.values(attrs).map(value => `,${String(value)}`)
    const text = `${op}${dtype === 'float32' ? '' : `:${dtype}`}(${args.map(arg => texts[arg]).join(',')}${extra.join('')})`
    const slot = operands + constants.length + k
    if ((uses[slot] ?? 0) > 1) {
      lines.push(`t${k}=${text}`)
      texts[slot] = `t${k}`
    } else texts[slot] = text
  })
  return [...lines, texts[result]].join('; ')
}

/** Emits a body into a function: constants once, then the steps wherever the operands are in locals. */
export class BodyEmitter {
  private readonly f: FunctionAssembler
  private readonly body: Body
  private readonly constants: Local[]
  private readonly lastUse: number[]

  constructor(f: FunctionAssembler, body: Body) {
    this.f = f
    this.body = body
    this.constants = body.constants.map(({ value, dtype }) => {
      const local = f.local('v128')
      if (dtype === 'bool') f.splat(value ? -1 : 0, 'i32')
      else f.splat(value, dtype === 'float32' ? 'f32' : 'i32')
      f.set(local)
      return local
    })
    const slots = body.operands + this.constants.length + body.steps.length
    this.lastUse = new Array<number>(slots).fill(-1)
    body.steps.forEach(({ args }, k) => {
      for (const arg of args) this.lastUse[arg] = k
    })
    this.lastUse[body.result] = body.steps.length
  }

  /** Whether the result is the only operand. */
  get isCopy(): boolean {
    const { operands, constants, steps } = this.body
    return operands + constants.length + steps.length === 1
  }

  /** Leaves the result of one vector on the stack; the operands' locals stay as they are. */
  emit(operands: readonly Local[]): void {
    const { f, body } = this
    const fixed = body.operands + body.constants.length
    const lanes: Lanes[] = [
      ...operands.map(local => ({ local })),
      ...this.constants.map((local, k) => ({ local, constant: body.constants[k]?.value as number })),
    ]
    body.steps.forEach(({ op, args, dtype, attrs }, k) => {
      scalarFunction(op)(
        f,
        args.map(arg => lanes[arg] as Lanes),
        dtype,
        attrs,
      )
      for (const arg of new Set(args)) if (arg >= fixed && this.lastUse[arg] === k) f.release((lanes[arg] as Lanes).local)
      const local = f.local('v128')
      f.set(local)
      lanes.push({ local })
    })
    const result = lanes[body.result] as Lanes
    f.get(result.local)
    if (body.result >= fixed) f.release(result.local)
  }
}
