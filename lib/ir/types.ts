// Types of values: dtypes, sizes (numbers or symbols), tensor types and tuple types.

export type DType = 'float32' | 'int32' | 'bool'

/** A known size, or the name of an unknown one. Two unknown sizes are equal only if their names are. */
export type Size = number | string

export type Shape = readonly Size[]

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

/** What a region op with several results gives; only `get` reads it. */
export interface TupleType {
  readonly tuple: readonly TensorType[]
}

export type ValueType = TensorType | TupleType

export const dtypes: readonly DType[] = ['float32', 'int32', 'bool']

export function isTuple(type: ValueType): type is TupleType {
  return 'tuple' in type
}

export function isConcrete(shape: Shape): shape is readonly number[] {
  return shape.every(size => typeof size === 'number')
}

/** The number of elements of a shape without symbols. */
export function sizeOf(shape: readonly number[]): number {
  let product = 1
  for (const size of shape) product *= size
  return product
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

export function sameType(a: ValueType, b: ValueType): boolean {
  if (isTuple(a) || isTuple(b)) {
    if (!isTuple(a) || !isTuple(b) || a.tuple.length !== b.tuple.length) return false
    return a.tuple.every((part, k) => sameType(part, b.tuple[k] as TensorType))
  }
  return a.dtype === b.dtype && sameShape(a.shape, b.shape)
}

/** `float32[batch,32]`; a symbol that is no plain word is quoted. */
export function showType(type: ValueType): string {
  if (isTuple(type)) return `(${type.tuple.map(showType).join(', ')})`
  return `${type.dtype}[${type.shape.map(showSize).join(',')}]`
}

export function showSize(size: Size): string {
  if (typeof size === 'number') return String(size)
  return /^[A-Za-z_][\w]*$/.test(size) ? size : JSON.stringify(size)
}

/** Keras' way of writing a shape: `(None, 32)`. */
export function showKerasShape(shape: Shape): string {
  const sizes = shape.map(size => (typeof size === 'number' ? String(size) : 'None'))
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`
}

/** An axis counted from the front; undefined if it is out of range. */
export function normalizeAxis(axis: number, rank: number): number | undefined {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) return undefined
  return axis < 0 ? axis + rank : axis
}
