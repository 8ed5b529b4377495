// Formulas over two float64 lanes, for the functions whose steps need more than float32 has.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Emit, Lanes } from './lanes.js'

/** A local or code; a number is a constant of two equal float64 lanes. */
export type WideTerm = Local | number | Emit

/** 1.5 · 2⁵²: added to |t| < 2⁵¹ it rounds t to the nearest integer, which then stands in the low mantissa bits. */
export const wideRounder = 6755399441055744

/** Operators on two float64 lanes beside those of `m`, which keeps the locals of both. */
export class Doubles {
  private readonly f: FunctionAssembler
  private readonly m: Lanes

  constructor(f: FunctionAssembler, m: Lanes) {
    this.f = f
    this.m = m
  }

  constant(value: number): Emit {
    const [low = 0, high = 0] = new Int32Array(Float64Array.of(value).buffer)
    return () => this.f.v128([low, high, low, high], 'i32')
  }

  add = (a: WideTerm, b: WideTerm): Emit => this.m.op('f64x2.add', this.term(a), this.term(b))
  sub = (a: WideTerm, b: WideTerm): Emit => this.m.op('f64x2.sub', this.term(a), this.term(b))
  mul = (a: WideTerm, b: WideTerm): Emit => this.m.op('f64x2.mul', this.term(a), this.term(b))
  div = (a: WideTerm, b: WideTerm): Emit => this.m.op('f64x2.div', this.term(a), this.term(b))
  nearest = (a: WideTerm): Emit => this.m.op('f64x2.nearest', this.term(a))
  /** `a` between −limit and limit, and where it is NaN. */
  within = (a: WideTerm, limit: number): Emit =>
    this.m.op('f64x2.pmax', this.m.op('f64x2.pmin', this.term(a), this.constant(limit)), this.constant(-limit))

  /** Σ coefficients[i] · xⁱ by Horner's rule. */
  polynomial(coefficients: readonly number[], x: Local): Emit {
    const [last = 0, ...rest] = [...coefficients].reverse()
    return rest.reduce<Emit>((sum, c) => this.add(this.mul(sum, x), c), this.constant(last))
  }

  /** The two low lanes of float32 `x`, or the two high ones, as float64. */
  promote(x: Local, half: 0 | 1): Emit {
    return () => {
      this.f.get(x)
      if (half === 1) {
        this.f.get(x)
        this.f.shuffle([2, 3, 2, 3])
      }
      this.f.op('f64x2.promote_low_f32x4')
    }
  }

  /** Four float32 lanes from two pairs of float64. */
  demote([low, high]: readonly [WideTerm, WideTerm]): Emit {
    return () => {
      for (const half of [low, high]) {
        this.m.leave(this.term(half))
        this.f.op('f32x4.demote_f64x2_zero')
      }
      this.f.shuffle([0, 1, 4, 5])
    }
  }

  /** The low 32 bits of two pairs of float64, as four lanes. */
  lowWords([low, high]: readonly [Local, Local]): Emit {
    return () => {
      this.f.get(low)
      this.f.get(high)
      this.f.shuffle([0, 2, 4, 6])
    }
  }

  private term(value: WideTerm): Local | Emit {
    return typeof value === 'number' ? this.constant(value) : value
  }
}
