// Formulas over four lanes: operators that compose into stack code, so that a function reads like its mathematics.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Instruction } from '../opcodes.js'

/** Emits code that leaves a v128 on the stack. Used twice, it is computed twice: `keep` what is read again. */
export type Emit = () => void

/** A local, a constant of four equal float32 lanes, or code. */
export type Term = Local | number | Emit

/** Operators on terms for one stretch of code; `end` gives back the locals that `keep` took. */
export class Lanes {
  private readonly f: FunctionAssembler
  private readonly kept: Local[] = []

  constructor(f: FunctionAssembler) {
    this.f = f
  }

  /** Emits a term: its value is on the stack. */
  leave(term: Term): void {
    if (typeof term === 'number') this.f.splat(term)
    else if (typeof term === 'function') term()
    else this.f.get(term)
  }

  /** Computes a term into a fresh local. */
  keep(term: Term): Local {
    const local = this.f.local('v128')
    this.kept.push(local)
    this.assign(local, term)
    return local
  }

  assign(local: Local, term: Term): void {
    this.leave(term)
    this.f.set(local)
  }

  /** Gives back every kept local. */
  end(): void {
    this.f.release(...this.kept)
    this.kept.length = 0
  }

  /** Any plain instruction, its operands in order. */
  op(name: Instruction, ...operands: readonly Term[]): Emit {
    return () => {
      for (const operand of operands) this.leave(operand)
      this.f.op(name)
    }
  }

  /** A constant of four equal 32-bit patterns. */
  bits(pattern: number): Emit {
    return () => this.f.splat(pattern, 'i32')
  }

  add = (a: Term, b: Term): Emit => this.op('f32x4.add', a, b)
  sub = (a: Term, b: Term): Emit => this.op('f32x4.sub', a, b)
  mul = (a: Term, b: Term): Emit => this.op('f32x4.mul', a, b)
  div = (a: Term, b: Term): Emit => this.op('f32x4.div', a, b)
  and = (a: Term, b: Term): Emit => this.op('v128.and', a, b)
  or = (a: Term, b: Term): Emit => this.op('v128.or', a, b)
  xor = (a: Term, b: Term): Emit => this.op('v128.xor', a, b)

  /** `a` where it is at most `limit`, and where it is NaN; one instruction on x64, where f32x4.min takes about eight. */
  atMost = (a: Term, limit: Term): Emit => this.op('f32x4.pmin', a, limit)
  /** `a` where it is at least `limit`, and where it is NaN. */
  atLeast = (a: Term, limit: Term): Emit => this.op('f32x4.pmax', a, limit)

  /** Bits of `a` where `mask` is set, else of `b`. */
  select = (mask: Term, a: Term, b: Term): Emit => this.op('v128.bitselect', a, b, mask)

  shift(name: 'i32x4.shl' | 'i32x4.shr_s' | 'i32x4.shr_u' | 'i64x2.shl', a: Term, count: number): Emit {
    return () => {
      this.leave(a)
      this.f.i32(count)
      this.f.op(name)
    }
  }

  /** Σ coefficients[i] · xⁱ by Horner's rule. */
  polynomial(coefficients: readonly number[], x: Local): Emit {
    return coefficients.reduceRight<Term>((sum, c, i) => (i === coefficients.length - 1 ? c : this.add(this.mul(sum, x), c)), 0) as Emit
  }

  /**
   * Σ coefficients[i] · xⁱ by Estrin's scheme, given x²: pairs first, so that fewer roundings follow one another. One
   * squaring more than Horner's rule, shared by polynomials of the same x.
   */
  paired(coefficients: readonly number[], x: Local, square: Local): Emit {
    const pairs: Term[] = []
    for (let i = 0; i < coefficients.length; i += 2) {
      const [even = 0, odd] = coefficients.slice(i, i + 2)
      pairs.push(odd === undefined ? even : this.add(this.mul(x, odd), even))
    }
    return pairs.reduceRight((sum, pair) => this.add(this.mul(sum, square), pair)) as Emit
  }

  /** Runs `then` if any lane of the mask in the i32 local or term on the stack is set. */
  ifAny(mask: Term, then: () => void): void {
    this.leave(mask)
    this.f.op('v128.any_true')
    this.f.if(then)
  }
}

/** The sign bit of a float32. */
export const signBit = -0x80000000
