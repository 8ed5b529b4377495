// Elementwise primitives as tfjs kernels.

import type { OpName } from '../../../lib/ir/vocabulary.js'
import { erf } from '../../../lib/ops/scalar.js'
import { makeValue } from '../../../lib/ops/values.js'
import { mapLoop } from '../loops.js'
import { at, type ByReference, binary, type Exception, isInt, type KernelWriter, type Lowering, mapped, unary } from '../lowering.js'
import { fastNormalCdf } from '../normalCdf.js'
import type { Operand } from '../plan.js'

const intProducts = { reason: 'tfjs multiplies int32 as doubles, which lose the low bits of large products' } as const

/** Whether an operand may hold a NaN when it is compared. */
function mayBeNaN(w: KernelWriter, x: Operand): boolean {
  const value = w.known(x)
  return value === undefined || value.data.some(Number.isNaN)
}

/** The larger or smaller of two; tfjs' WASM kernels pass over a NaN in `b`. */
function extreme<K extends 'maximum' | 'minimum'>(kernel: string, ofBools: string): Lowering<K> {
  return {
    lower(w, operands, _attrs, result) {
      const [x, y] = [at(operands, 0), at(operands, 1)]
      if (result.dtype === 'bool') return w.call(ofBools, { a: x, b: y }, {}, result)
      const exact = w.engine === 'cpu' || result.dtype === 'int32'
      const [a, b] = mayBeNaN(w, y) && !mayBeNaN(w, x) ? [y, x] : [x, y]
      const picked = w.call(kernel, { a, b }, {}, result)
      return exact || !mayBeNaN(w, b) ? picked : w.emit('select', [w.emit('is_nan', [b], {}), b, picked], {})
    },
  }
}

/** Both round before they floor, so that a quotient just below a whole number becomes that number. */
const floored: ByReference = {
  reference: 'the kernels of floor_divide and mod round before they floor, and divide int32 by zero in their own way',
}

const onCpu: Exception<OpName>['applies'] = ({ engine }) => engine === 'cpu'

/** Keeps a float within int32, whose array then truncates it and makes 0 of NaN. */
function saturate(x: number): number {
  return Math.max(-2147483648, Math.min(2147483647, x))
}

export const elementwise = {
  /** int32 takes another way: the kernels pass through floats. */
  negate: {
    lower(w, operands, _attrs, result) {
      const x = at(operands, 0)
      return x.dtype === 'int32' ? w.emit('subtract', [w.constant(makeValue('int32', [])), x], {}) : w.call('Neg', { x }, {}, result)
    },
  },
  abs: {
    lower(w, operands, _attrs, result) {
      const x = at(operands, 0)
      return x.dtype === 'int32' ? w.emit('maximum', [x, w.emit('negate', [x], {})], {}) : w.call('Abs', { x }, {}, result)
    },
  },
  // the kernels give 0 for NaN, and on WASM for what is nearer to 0 than 1.2e-7
  sign: mapped('sign', Math.sign),
  exp: unary('Exp'),
  expm1: unary('Expm1'),
  log: unary('Log'),
  // on WASM the kernel is log(1 + x), which loses small x
  log1p: mapped('log1p', Math.log1p),
  sqrt: unary('Sqrt'),
  rsqrt: unary('Rsqrt'),
  // on WASM approximations: sin(0.001) is off by 2e-7, sin(1e9) by anything
  sin: mapped('sin', Math.sin),
  cos: mapped('cos', Math.cos),
  tanh: unary('Tanh'),
  sigmoid: unary('Sigmoid'),
  erf: {
    differs: 'on wasm off by up to 1.5e-7: Abramowitz and Stegun 7.1.26 instead of a series',
    lower(w, operands, _attrs, result) {
      const x = at(operands, 0)
      return w.engine === 'wasm' ? w.call('Erf', { x }, {}, result) : w.loop('erf', [x], mapLoop(erf), result)
    },
  },
  normal_cdf: mapped('normal_cdf', fastNormalCdf),
  floor: unary('Floor'),
  ceil: unary('Ceil'),
  round: unary('Round'),
  is_nan: unary('IsNan'),
  is_finite: unary('IsFinite'),
  logical_not: unary('LogicalNot'),
  cast: {
    lower(w, operands, { dtype }, result) {
      const x = at(operands, 0)
      if (x.dtype === dtype) return x
      if (dtype === 'bool') return w.emit('not_equal', [x, w.constant(makeValue(x.dtype, []))], {})
      // the kernel wraps what int32 cannot hold
      if (dtype === 'int32' && x.dtype === 'float32') return w.loop('cast', [x], mapLoop(saturate), result)
      return w.call('Cast', { x }, { dtype }, result)
    },
  },
  add: binary('Add'),
  subtract: binary('Sub'),
  multiply: binary('Multiply', { except: [{ ...intProducts, applies: facts => onCpu(facts) && isInt(facts) }] }),
  divide: binary('RealDiv'),
  floor_divide: floored,
  mod: floored,
  power: binary('Pow', {
    except: [{ reason: 'tfjs raises int32 as floats', applies: isInt }],
    differs: 'on cpu 1 to the power NaN and −1 to ±∞ are NaN',
  }),
  maximum: extreme('Maximum', 'LogicalOr'),
  minimum: extreme('Minimum', 'LogicalAnd'),
  logical_and: binary('LogicalAnd'),
  logical_or: binary('LogicalOr'),
  shift_right_logical: { reference: 'tfjs has no kernel that shifts' },
  equal: binary('Equal'),
  not_equal: binary('NotEqual'),
  less: binary('Less'),
  less_equal: binary('LessEqual'),
  greater: binary('Greater'),
  greater_equal: binary('GreaterEqual'),
  select: {
    lower(w, operands, _attrs, result) {
      const [condition, onTrue, onFalse] = [at(operands, 0), at(operands, 1), at(operands, 2)]
      if (result.dtype === 'bool') {
        const otherwise = w.emit('logical_and', [w.emit('logical_not', [condition], {}), onFalse], {})
        return w.emit('logical_or', [w.emit('logical_and', [condition, onTrue], {}), otherwise], {})
      }
      // Select does not broadcast, and writes outside its result when asked to
      const whole = (x: Operand) => w.emit('broadcast', [x], { shape: result.shape })
      return w.call('Select', { condition: whole(condition), t: whole(onTrue), e: whole(onFalse) }, {}, result)
    },
  },
} satisfies { [K in OpName]?: Lowering<K> | ByReference }
