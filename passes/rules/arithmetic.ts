// Rules of arithmetic that hold to the bit: neutral elements, signs, powers.

import { as, isFill, operand, standIn } from '../match.js'
import type { Rule } from '../pass.js'

export const arithmetic = [
  {
    name: 'addZero',
    formula: 'x + (−0) → x; x + 0 → x in int32',
    why: 'for floats the neutral element is −0: −0 + 0 is +0, so x + 0 is left to foldAffine',
    numerics: 'exact',
    ops: ['add'],
    rewrite(sum, view) {
      const zero = view.at(operand(sum, 1))
      const neutral = isFill(zero, -0) || (isFill(zero, 0) && as(zero, 'constant')?.attrs.dtype === 'int32')
      return neutral ? standIn(operand(sum), sum, view) : undefined
    },
  },
  {
    name: 'multiplyOne',
    formula: 'x · 1 → x',
    why: 'exact for every float, NaN and zeros included; x must already have the shape of the product',
    numerics: 'exact',
    ops: ['multiply'],
    rewrite: (product, view) => (isFill(view.at(operand(product, 1)), 1) ? standIn(operand(product), product, view) : undefined),
  },
  {
    name: 'multiplyMinusOne',
    formula: 'x · (−1) → −x',
    why: 'both flip the sign bit alone; in int32 both wrap',
    numerics: 'exact',
    ops: ['multiply'],
    rewrite(product, view) {
      const factor = operand(product)
      if (!isFill(view.at(operand(product, 1)), -1) || standIn(factor, product, view) === undefined) return undefined
      return view.emit('negate', [factor], {})
    },
  },
  {
    name: 'divideOne',
    formula: 'x / 1 → x',
    why: 'exact for every float',
    numerics: 'exact',
    ops: ['divide'],
    rewrite: (quotient, view) => (isFill(view.at(operand(quotient, 1)), 1) ? standIn(operand(quotient), quotient, view) : undefined),
  },
  {
    name: 'dividePowerOfTwo',
    formula: 'x / 2ᵏ → x · 2⁻ᵏ',
    why: 'both round the same real number, since the reciprocal is exact; the exponent must leave it normal',
    numerics: 'exact',
    ops: ['divide'],
    rewrite(quotient, view) {
      const divisor = as(view.at(operand(quotient, 1)), 'constant')
      if (!divisor || divisor.attrs.data.length === 0 || !divisor.attrs.data.every(isPowerOfTwo)) return undefined
      const data = divisor.attrs.data.map(value => 1 / value)
      const reciprocal = view.emit('constant', [], { ...divisor.attrs, data }, divisor.type)
      return view.emit('multiply', [operand(quotient), reciprocal], {}, quotient.type)
    },
  },
  {
    name: 'negateTwice',
    formula: '−(−x) → x',
    why: 'the sign bit flips twice',
    numerics: 'exact',
    ops: ['negate'],
    rewrite: (outer, view) => as(view.at(operand(outer)), 'negate')?.inputs[0],
  },
  {
    name: 'addNegated',
    formula: 'x + (−y) → x − y',
    why: 'IEEE 754 defines the one by the other',
    numerics: 'exact',
    ops: ['add'],
    rewrite(sum, view) {
      const [left, right] = [operand(sum, 0), operand(sum, 1)]
      const negatedRight = as(view.at(right), 'negate')
      if (negatedRight) return view.emit('subtract', [left, operand(negatedRight)], {}, sum.type)
      const negatedLeft = as(view.at(left), 'negate')
      return negatedLeft && view.emit('subtract', [right, operand(negatedLeft)], {}, sum.type)
    },
  },
  {
    name: 'subtractNegated',
    formula: 'x − (−y) → x + y',
    why: 'IEEE 754 defines the one by the other',
    numerics: 'exact',
    ops: ['subtract'],
    rewrite(difference, view) {
      const negated = as(view.at(operand(difference, 1)), 'negate')
      return negated && view.emit('add', [operand(difference), operand(negated)], {}, difference.type)
    },
  },
  {
    name: 'multiplyNegated',
    formula: '(−x) · (−y) → x · y',
    why: 'the signs multiply apart from the magnitudes',
    numerics: 'exact',
    ops: ['multiply', 'divide'],
    rewrite(product, view) {
      const [left, right] = [as(view.at(operand(product, 0)), 'negate'), as(view.at(operand(product, 1)), 'negate')]
      return left && right && view.emit(product.op, [operand(left), operand(right)], product.attrs, product.type)
    },
  },
  {
    name: 'subtractSelf',
    formula: 'n − n → 0 in int32',
    why: 'wrapping integers have no NaN and no infinity; for floats ∞ − ∞ is NaN',
    numerics: 'exact',
    ops: ['subtract'],
    rewrite(difference, view) {
      const { type } = difference
      if ('tuple' in type || type.dtype !== 'int32' || operand(difference, 0) !== operand(difference, 1)) return undefined
      return view.emit('constant', [], { data: [0], ...type })
    },
  },
  {
    name: 'powerOne',
    formula: 'x ^ 1 → x',
    why: 'exact for every float, NaN and zeros included',
    numerics: 'exact',
    ops: ['power'],
    rewrite: (power, view) => (isFill(view.at(operand(power, 1)), 1) ? standIn(operand(power), power, view) : undefined),
  },
  {
    name: 'powerTwo',
    formula: 'x ^ 2 → square(x)',
    why: 'the square of a float32 fits a double, so the reference rounds the same number; a kernel can only gain',
    numerics: 'exact',
    ops: ['power'],
    rewrite(power, view) {
      if (!isFill(view.at(operand(power, 1)), 2) || standIn(operand(power), power, view) === undefined) return undefined
      return view.emit('square', [operand(power)], {})
    },
  },
] as const satisfies readonly Rule[]

/** ±2ᵏ whose reciprocal is a normal float32 too. */
function isPowerOfTwo(value: number): boolean {
  const exponent = Math.log2(Math.abs(value))
  return Number.isInteger(exponent) && 2 ** exponent === Math.abs(value) && Math.abs(exponent) <= 126
}
