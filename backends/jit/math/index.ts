// The SIMD math functions: four float32 lanes at a time, no tables, each with its error stated in ulp.

import type { FunctionAssembler, Local } from '../assembler.js'
import { erf } from './erf.js'
import { exp, expm1 } from './exp.js'
import { log, log1p } from './log.js'
import { normalCdf } from './normalCdf.js'
import { sigmoid, tanh } from './sigmoid.js'
import { cos, sin } from './trig.js'

export { expNonPositive } from './exp.js'
export { power } from './power.js'

/**
 * Emits f(x) for four lanes: reads the v128 local `x`, leaves the v128 result on the stack, and changes no local it did
 * not take from `f.local` (and give back by `f.release`). NaN gives NaN; ±∞ and ±0 as in JavaScript's Math. Constants
 * are written in place (`f.splat`): the engine hoists them out of loops.
 *
 * What composites make of them: exact gelu is within 7 ulp from −0.5 up, 16 from −2, 32 from −4 and 12 below, down to where
 * it is 0; softplus within 2.1.
 */
export type Unary = (f: FunctionAssembler, x: Local) => void
export type Binary = (f: FunctionAssembler, x: Local, y: Local) => void

export type UnaryName = 'exp' | 'log' | 'tanh' | 'sigmoid' | 'erf' | 'normal_cdf' | 'sin' | 'cos' | 'expm1' | 'log1p'

export const unaryMath = { exp, log, tanh, sigmoid, erf, normal_cdf: normalCdf, sin, cos, expm1, log1p } satisfies Record<UnaryName, Unary>
