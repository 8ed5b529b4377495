// Elementwise primitives: NumPy broadcasting, exact dtypes.

import { DTypeError } from '../../ir/errors.js'
import { type DType, showType, type TensorType } from '../../ir/types.js'
import type { PrimitiveName } from '../../ir/vocabulary.js'
import type { Primitive } from '../op.js'
import { broadcastShapes } from '../shapes.js'

type Domain = readonly DType[]
const floats: Domain = ['float32']
const numbers: Domain = ['float32', 'int32']
const bools: Domain = ['bool']
const anything: Domain = ['float32', 'int32', 'bool']

function checkDomain(op: string, domain: Domain, operands: Readonly<Record<string, TensorType>>): void {
  const types = Object.values(operands)
  const [first] = types
  if (first && domain.includes(first.dtype) && types.every(type => type.dtype === first.dtype)) return
  const wanted = domain.length === 1 ? `${domain[0]} operands` : `operands of one dtype (${domain.join(' or ')})`
  throw new DTypeError(`${op} needs ${wanted}, got ${types.map(showType).join(' and ')}`, operands, 'cast() converts')
}

function unary<K extends PrimitiveName>(op: K, domain: Domain, result?: DType): Primitive<K, 1> {
  return {
    arity: 1,
    infer([x]) {
      checkDomain(op, domain, { x })
      return { dtype: result ?? x.dtype, shape: x.shape }
    },
  }
}

function binary<K extends PrimitiveName>(op: K, domain: Domain, result?: DType): Primitive<K, 2> {
  return {
    arity: 2,
    infer([x, y], _attrs, site) {
      checkDomain(op, domain, { x, y })
      return { dtype: result ?? x.dtype, shape: broadcastShapes(op, { x, y }, site) }
    },
  }
}

export const elementwise = {
  negate: unary('negate', numbers),
  abs: unary('abs', numbers),
  sign: unary('sign', numbers),
  exp: unary('exp', floats),
  expm1: unary('expm1', floats),
  log: unary('log', floats),
  log1p: unary('log1p', floats),
  sqrt: unary('sqrt', floats),
  rsqrt: unary('rsqrt', floats),
  sin: unary('sin', floats),
  cos: unary('cos', floats),
  tanh: unary('tanh', floats),
  sigmoid: unary('sigmoid', floats),
  erf: unary('erf', floats),
  normal_cdf: unary('normal_cdf', floats),
  floor: unary('floor', floats),
  ceil: unary('ceil', floats),
  round: unary('round', floats),
  is_nan: unary('is_nan', floats, 'bool'),
  is_finite: unary('is_finite', floats, 'bool'),
  logical_not: unary('logical_not', bools),
  add: binary('add', numbers),
  subtract: binary('subtract', numbers),
  multiply: binary('multiply', numbers),
  divide: binary('divide', floats),
  floor_divide: binary('floor_divide', numbers),
  mod: binary('mod', numbers),
  power: binary('power', numbers),
  maximum: binary('maximum', anything),
  minimum: binary('minimum', anything),
  logical_and: binary('logical_and', bools),
  logical_or: binary('logical_or', bools),
  shift_right_logical: binary('shift_right_logical', ['int32']),
  equal: binary('equal', anything, 'bool'),
  not_equal: binary('not_equal', anything, 'bool'),
  less: binary('less', anything, 'bool'),
  less_equal: binary('less_equal', anything, 'bool'),
  greater: binary('greater', anything, 'bool'),
  greater_equal: binary('greater_equal', anything, 'bool'),
}

/** Converts dtype: floats truncate towards zero to int32, anything but 0 is true. */
export const cast: Primitive<'cast', 1> = {
  arity: 1,
  infer: ([x], { dtype }) => ({ dtype, shape: x.shape }),
}

/** condition ? onTrue : onFalse, element by element; all three broadcast. */
export const select: Primitive<'select', 3> = {
  arity: 3,
  infer([condition, onTrue, onFalse], _attrs, site) {
    if (condition.dtype !== 'bool') throw new DTypeError(`select needs a bool condition, got ${showType(condition)}`, { condition })
    checkDomain('select', anything, { onTrue, onFalse })
    return { dtype: onTrue.dtype, shape: broadcastShapes('select', { condition, onTrue, onFalse }, site) }
  },
}
