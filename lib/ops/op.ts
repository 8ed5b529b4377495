// What an op definition is: a type rule, and for composites a decomposition; what primitives compute is in evaluation/.

import type { TensorType, ValueType } from '../ir/types.js'
import type { CompositeName, OpAttrs, OpName, PrimitiveName } from '../ir/vocabulary.js'

/** A concrete tensor inside the reference evaluation: floats are kept as doubles. */
export interface Value {
  readonly dtype: TensorType['dtype']
  readonly shape: readonly number[]
  readonly data: Float64Array | Int32Array | Uint8Array
}

export type Arity = 0 | 1 | 2 | 3 | 5 | 'any'

/** Operands as a tuple of literal length, so that rules destructure them safely. */
export type Operands<A extends Arity, T> = A extends 0
  ? readonly []
  : A extends 1
    ? readonly [T]
    : A extends 2
      ? readonly [T, T]
      : A extends 3
        ? readonly [T, T, T]
        : A extends 5
          ? readonly [T, T, T, T, T]
          : readonly T[]

/** Where a type rule is applied: `fresh(axis)` names a size that only the run will know. */
export interface Site {
  fresh(axis: number): string
}

/** An op that is not defined by others. */
export interface Primitive<K extends PrimitiveName, A extends Arity = Arity> {
  readonly arity: A
  /** @throws ShapeError or DTypeError when the operands do not fit. */
  infer(operands: Operands<A, TensorType>, attrs: OpAttrs[K], site: Site): TensorType
}

/** What a primitive computes, in doubles, by plain loops. */
export type Evaluate<K extends PrimitiveName, A extends Arity = Arity> = (operands: Operands<A, Value>, attrs: OpAttrs[K]) => Value

/** An op whose type and value depend on more than its operands' values: leaves, mode, tuples, regions. */
export interface Structural {
  readonly structural: true
  readonly arity: Arity
}

/** Emits ops over some carrier: graph nodes when tracing, values when evaluating. */
export interface Emitter<T> {
  emit<K extends OpName>(op: K, operands: readonly T[], attrs: OpAttrs[K]): T
  typeOf(operand: T): TensorType
}

/** An op defined by what it decomposes into. */
export interface Composite<K extends CompositeName, A extends Arity = Arity> {
  readonly arity: A
  infer(operands: Operands<A, TensorType>, attrs: OpAttrs[K], site: Site): TensorType
  decompose<T>(emitter: Emitter<T>, operands: Operands<A, T>, attrs: OpAttrs[K]): T
}

/** A definition for every op, the walkers' own as `S`. */
export type Definitions<S extends OpName = never> = { readonly [K in PrimitiveName as K extends S ? never : K]: Primitive<K> } & {
  readonly [K in CompositeName]: Composite<K>
} & Readonly<Record<S, Structural>>

/** Any op, as callers that only know its name see it. */
export type Definition = Structural | AnyPrimitive | AnyComposite

/** Any primitive, called with operands whose number has been checked. */
export interface AnyPrimitive {
  readonly arity: Arity
  infer(operands: readonly TensorType[], attrs: OpAttrs[OpName], site: Site): ValueType
}

export interface AnyComposite {
  readonly arity: Arity
  infer(operands: readonly TensorType[], attrs: OpAttrs[OpName], site: Site): TensorType
  decompose<T>(emitter: Emitter<T>, operands: readonly T[], attrs: OpAttrs[OpName]): T
}
