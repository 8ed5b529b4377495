// Operands of the functional API: tensors, numbers and arrays become tensors of one builder and one dtype.

import { ArgumentError, DTypeError, TraceError } from '../../ir/errors.js'
import { NDArray } from '../../ir/ndarray.js'
import type { DType } from '../../ir/types.js'
import { type GraphBuilder, TracedTensor } from '../builder.js'
import { SymbolicTensor } from '../symbolic.js'

/** What K functions compute with; at least one operand of a call is a Keras tensor. */
export type Operand = SymbolicTensor | number | boolean | NDArray

/**
 * The builder that a call's nodes go into: that of its first tensor.
 * @throws TraceError for a tensor outside a trace, ArgumentError if there is no tensor.
 */
export function builderOf(op: string, operands: readonly Operand[]): GraphBuilder {
  let found: GraphBuilder | undefined
  for (const operand of operands) {
    if (operand instanceof TracedTensor) found ??= operand.builder
    else if (operand instanceof SymbolicTensor) {
      throw new TraceError(`${op}: ${operand} is outside a trace`, 'call it inside a Lambda or a layer, where tensors are traced')
    } else if (typeof operand !== 'number' && typeof operand !== 'boolean' && !(operand instanceof NDArray)) {
      throw new ArgumentError(`${op}: expected a Keras tensor, a number, a boolean or an NDArray, got ${describe(operand)}`)
    }
  }
  if (!found) throw new ArgumentError(`${op} needs at least one Keras tensor`, 'compute with plain numbers in JavaScript')
  return found
}

/** The operand as a traced tensor of its own dtype: a number is int32 if it is whole and fits, else float32. */
export function toTensor(op: string, x: Operand): TracedTensor {
  return enter(builderOf(op, [x]), x, dtypeOf(x))
}

/**
 * The operands as tensors of the dtype they have in common by Keras' rules, or of `dtype`.
 * Source: keras/src/backend/common/dtypes.py (result_type).
 */
export function promoted(op: string, operands: readonly Operand[], dtype: DType = resultType(operands)): TracedTensor[] {
  const builder = builderOf(op, operands)
  return operands.map(operand => enter(builder, operand, dtype))
}

/** A pair of operands in their common dtype. */
export function promotedPair(op: string, x1: Operand, x2: Operand, dtype?: DType): [TracedTensor, TracedTensor] {
  const operands = [x1, x2]
  const builder = builderOf(op, operands)
  const common = dtype ?? resultType(operands)
  return [enter(builder, x1, common), enter(builder, x2, common)]
}

/** The operand as float32: bool and int32 are cast, as Keras does where only floats have a meaning. */
export function toFloat(op: string, x: Operand): TracedTensor {
  return enter(builderOf(op, [x]), x, 'float32')
}

/** The operand as a number: bool becomes int32. */
export function toNumber(op: string, x: Operand): TracedTensor {
  const tensor = toTensor(op, x)
  return tensor.dtype === 'bool' ? cast(tensor, 'int32') : tensor
}

/** The operand as bool: true where it is not 0; NaN is true. */
export function toBool(op: string, x: Operand): TracedTensor {
  return enter(builderOf(op, [x]), x, 'bool')
}

/** The tensor in another dtype; itself if it has it already. */
export function cast(x: TracedTensor, dtype: DType): TracedTensor {
  return x.dtype === dtype ? x : x.builder.emit('cast', [x], { dtype })
}

/** A scalar constant beside a tensor, in its dtype unless another is given. */
export function scalar(like: TracedTensor, value: number, dtype: DType = like.dtype): TracedTensor {
  return like.builder.constant([value], { dtype, shape: [] })
}

/** bool < int32 < float32; a number counts as the least of int32 and float32 that holds it, a boolean as bool. */
export function resultType(operands: readonly Operand[]): DType {
  const present = new Set(operands.map(dtypeOf))
  if (present.has('float32')) return 'float32'
  return present.has('int32') ? 'int32' : 'bool'
}

export function dtypeOf(x: Operand): DType {
  if (typeof x === 'boolean') return 'bool'
  if (typeof x === 'number') return (x | 0) === x ? 'int32' : 'float32'
  return x.dtype
}

/** @throws DTypeError when the tensor is bool, for which the function has no meaning. */
export function refuseBool(op: string, x: TracedTensor, hint = 'cast() converts'): TracedTensor {
  if (x.dtype === 'bool') throw new DTypeError(`${op} has no meaning for bool`, { x: x.type }, hint)
  return x
}

/** An operand as a tensor of `builder` in a dtype. */
export function enter(builder: GraphBuilder, x: Operand, dtype: DType): TracedTensor {
  if (x instanceof TracedTensor) return cast(x, dtype)
  if (x instanceof NDArray) return cast(builder.constant(Array.from(x.data), { dtype: x.dtype, shape: x.shape }), dtype)
  return builder.constant([store(Number(x), dtype)], { dtype, shape: [] })
}

/** A literal as its dtype keeps it. */
export function store(value: number, dtype: DType): number {
  if (dtype === 'float32') return value
  return dtype === 'int32' ? value | 0 : value === 0 ? 0 : 1
}

function describe(value: unknown): string {
  return Array.isArray(value) ? 'an array (make an NDArray of it with ndarray())' : String(value)
}
