// The SIMD math functions: four float32 lanes at a time, polynomials only, each with its error stated in ulp.

import type { FunctionAssembler, Local } from '../assembler.js'
import { exp } from './exp.js'

/**
 * Emits f(x) for four lanes: reads the v128 local `x`, leaves the v128 result on the stack, and changes no local it did
 * not take from `f.local` (and give back by `f.release`). NaN gives NaN; ±∞ and ±0 as in JavaScript's Math. Constants
 * are written in place (`f.splat`): the engine hoists them out of loops.
 */
export type Unary = (f: FunctionAssembler, x: Local) => void
export type Binary = (f: FunctionAssembler, x: Local, y: Local) => void

export type UnaryName = 'exp' | 'log' | 'tanh' | 'sigmoid' | 'erf' | 'sin' | 'cos' | 'expm1' | 'log1p'

function unwritten(name: string): (f: FunctionAssembler, ...operands: readonly Local[]) => never {
  return () => {
    throw new Error(`internal: math/${name} is not written`)
  }
}

export const unaryMath = {
  exp,
  log: unwritten('log'),
  tanh: unwritten('tanh'),
  sigmoid: unwritten('sigmoid'),
  erf: unwritten('erf'),
  sin: unwritten('sin'),
  cos: unwritten('cos'),
  expm1: unwritten('expm1'),
  log1p: unwritten('log1p'),
} satisfies Record<UnaryName, Unary>

/** x to the power y, as C's pow; see `floatPower` in lib/ops/primitives/elementwise.ts. */
export const power: Binary = unwritten('power')
