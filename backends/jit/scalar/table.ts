// The table of elementwise primitives: one instruction or a few each; functions of many are loaded when a graph has one.

import * as functions from '#eager/backends/jit/scalar/functions'
import type { OpAttrs } from '../../../lib/ir/vocabulary.js'
import { OnDemand } from '../../onDemand.js'
import type { Instruction } from '../opcodes.js'
import { type Lanes, plain, push, type ScalarFunction } from './function.js'

/**
 * The greater or the lesser. Against a constant one instruction does it (pmax(x, c) = x < c ? c : x), which keeps NaN
 * in x as JavaScript does, but also −0 against 0; two unknown operands take the slow exact one.
 */
function extreme(quick: Instruction, exact: Instruction, int: Instruction, bool: Instruction): ScalarFunction {
  return (f, [x, y], dtype) => {
    const known = (operand: Lanes | undefined): boolean => operand?.constant !== undefined && !Number.isNaN(operand.constant)
    if (dtype !== 'float32') {
      push(f, x, y)
      f.op(dtype === 'int32' ? int : bool)
    } else if (known(y) || known(x)) {
      push(f, ...(known(y) ? [x, y] : [y, x]))
      f.op(quick)
    } else {
      push(f, x, y)
      f.op(exact)
    }
  }
}

const cast: ScalarFunction = (f, [x], dtype, attrs) => {
  const target = (attrs as OpAttrs['cast']).dtype
  push(f, x)
  if (target === dtype) return
  if (target === 'bool') {
    f.splat(0)
    f.op(dtype === 'float32' ? 'f32x4.ne' : 'i32x4.ne')
  } else if (dtype === 'bool') {
    f.splat(1, target === 'float32' ? 'f32' : 'i32')
    f.op('v128.and')
  } else f.op(target === 'int32' ? 'i32x4.trunc_sat_f32x4_s' : 'f32x4.convert_i32x4_s')
}

function compare(test: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'): ScalarFunction {
  const int = test === 'eq' || test === 'ne' ? (`i32x4.${test}` as const) : (`i32x4.${test}_s` as const)
  const order = plain({ float32: `f32x4.${test}`, int32: int })
  const mask = plain({ bool: int }, true) // as numbers, true masks are below false ones
  return (f, operands, dtype, attrs) => (dtype === 'bool' ? mask : order)(f, operands, dtype, attrs)
}

const instructions = {
  negate: plain({ float32: 'f32x4.neg', int32: 'i32x4.neg' }),
  abs: plain({ float32: 'f32x4.abs', int32: 'i32x4.abs' }),
  sqrt: plain({ float32: 'f32x4.sqrt' }),
  rsqrt: (f, [x]) => {
    f.splat(1)
    push(f, x)
    f.op('f32x4.sqrt')
    f.op('f32x4.div')
  },
  floor: plain({ float32: 'f32x4.floor' }),
  ceil: plain({ float32: 'f32x4.ceil' }),
  round: plain({ float32: 'f32x4.nearest' }),
  is_nan: (f, [x]) => {
    push(f, x, x)
    f.op('f32x4.ne')
  },
  is_finite: (f, [x]) => {
    push(f, x)
    f.op('f32x4.abs')
    f.splat(Infinity)
    f.op('f32x4.lt')
  },
  logical_not: plain({ bool: 'v128.not' }),
  cast,
  add: plain({ float32: 'f32x4.add', int32: 'i32x4.add' }),
  subtract: plain({ float32: 'f32x4.sub', int32: 'i32x4.sub' }),
  multiply: plain({ float32: 'f32x4.mul', int32: 'i32x4.mul' }),
  divide: plain({ float32: 'f32x4.div' }),
  maximum: extreme('f32x4.pmax', 'f32x4.max', 'i32x4.max_s', 'v128.or'),
  minimum: extreme('f32x4.pmin', 'f32x4.min', 'i32x4.min_s', 'v128.and'),
  logical_and: plain({ bool: 'v128.and' }),
  logical_or: plain({ bool: 'v128.or' }),
  equal: compare('eq'),
  not_equal: compare('ne'),
  less: compare('lt'),
  less_equal: compare('le'),
  greater: compare('gt'),
  greater_equal: compare('ge'),
  select: (f, [condition, onTrue, onFalse]) => {
    push(f, onTrue, onFalse, condition)
    f.op('v128.bitselect')
  },
} satisfies Record<string, ScalarFunction>

/** Those of many instructions, which come from functions.ts. */
const longNames = [
  'sign',
  'exp',
  'expm1',
  'log',
  'log1p',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'erf',
  'normal_cdf',
  'floor_divide',
  'mod',
  'power',
  'shift_right_logical',
] as const

type LongName = (typeof longNames)[number]
export type ElementwiseName = keyof typeof instructions | LongName

/** The functions of many instructions. */
export const longFunctions = new OnDemand<{ readonly functions: Readonly<Record<LongName, ScalarFunction>> }>(
  'elementwise functions',
  () => import('./functions.js'),
  { eager: functions },
)

/** @throws BackendError for a function that has to be loaded first. */
export function scalarFunction(op: ElementwiseName): ScalarFunction {
  return isLongName(op) ? longFunctions.get().functions[op] : instructions[op]
}

export function isLongName(op: string): op is LongName {
  return longNames.some(name => name === op)
}

export function isElementwiseName(op: string): op is ElementwiseName {
  return Object.hasOwn(instructions, op) || isLongName(op)
}
