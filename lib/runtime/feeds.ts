// Feeds: a user's data, in any accepted form, to checked typed arrays with shapes.

import { ArgumentError, DTypeError, ShapeError } from '../ir/errors.js'
import { type Graph, nodeAt } from '../ir/graph.js'
import { allocate, NDArray, type Nested, ndarray, type TypedData } from '../ir/ndarray.js'
import { showGiven } from '../ir/options.js'
import { type DType, sizeOf, type TensorType } from '../ir/types.js'

/** Coordinates of the entries that are not zero; `indices[k]` is the position of `values[k]`. */
export interface SparseData {
  readonly indices: readonly (readonly number[])[]
  readonly values: readonly number[]
  readonly shape: readonly number[]
}

export type AnyTypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray

/** Data for one input. A typed array is flat; its one unknown size follows from its length. */
export type InputData = NDArray | AnyTypedArray | Nested | SparseData

/** Data for all inputs: alone for a single input, a list in order, or by input name. */
export type Inputs = InputData | readonly InputData[] | Readonly<Record<string, InputData>>

export interface FeedSpec {
  readonly name: string
  readonly type: TensorType
  readonly sparse: boolean
}

/** How the inputs of a graph are fed; `sizes` are those that are bound. */
export function feedSpecs(graph: Graph, sparse: ReadonlySet<string>, sizes: Readonly<Record<string, number>> = {}): FeedSpec[] {
  return graph.inputs.map(id => {
    const node = nodeAt(graph, id)
    if (node.op !== 'input') throw new Error(`internal: "${id}" is no input`)
    const { name, dtype, shape } = node.attrs
    const bound = shape.map(size => (typeof size === 'string' ? (sizes[size] ?? size) : size))
    return { name, type: { dtype, shape: bound }, sparse: sparse.has(name) }
  })
}

export interface Feed {
  readonly data: TypedData
  readonly shape: readonly number[]
}

/**
 * Assigns data to inputs and converts each. The user's arrays are read only, never kept.
 * @throws ArgumentError, ShapeError or DTypeError naming the input.
 */
export function toFeeds(inputs: Inputs, specs: readonly FeedSpec[], owner: string): Feed[] {
  return assign(inputs, specs, owner).map((data, k) => {
    const spec = specs[k] as FeedSpec
    return toFeed(data, spec, `${owner}: input "${spec.name}"`)
  })
}

const dataHint = 'a typed array, a nested array or an NDArray for one input; a list or an object by name for several'

function assign(inputs: Inputs, specs: readonly FeedSpec[], owner: string): readonly InputData[] {
  const names = specs.map(spec => `"${spec.name}"`).join(', ')
  if (inputs === null || inputs === undefined) throw new ArgumentError(`${owner} needs data for ${names}, got ${String(inputs)}`, dataHint)
  if (isNamed(inputs, specs)) {
    const unknown = Object.keys(inputs).find(name => !specs.some(spec => spec.name === name))
    if (unknown !== undefined) throw new ArgumentError(`${owner} has no input "${unknown}"`, `its inputs are ${names}`)
    const given =
      Object.keys(inputs)
        .map(name => `"${name}"`)
        .join(', ') || 'none'
    return specs.map(({ name }) => {
      const data = Object.hasOwn(inputs, name) ? inputs[name] : undefined
      if (data === undefined) throw new ArgumentError(`${owner} needs data for input "${name}", got ${given}`, `its inputs are ${names}`)
      return data
    })
  }
  if (specs.length === 1 && !isFeedList(inputs)) return [inputs as InputData]
  if (!Array.isArray(inputs))
    throw new ArgumentError(
      `${owner} has ${specs.length} inputs (${names}), got ${isSingle(inputs) ? 'data for one' : showGiven(inputs)}`,
      'give a list, or an object by name',
    )
  if (inputs.length !== specs.length)
    throw new ArgumentError(
      `${owner} has ${specs.length} inputs (${names}), got data for ${inputs.length}`,
      'give one entry for each, in this order',
    )
  return inputs
}

/** A list whose one entry is itself data: `[ndarray]`. Lists of numbers or of lists are nested arrays. */
function isFeedList(inputs: Inputs): boolean {
  return (
    Array.isArray(inputs) &&
    inputs.length > 0 &&
    inputs.every(part => part instanceof NDArray || ArrayBuffer.isView(part) || isSparse(part))
  )
}

/** Plain objects, and others that hold one of the names: not a Date, Map or Promise. */
function isNamed(inputs: Inputs, specs: readonly FeedSpec[]): inputs is Readonly<Record<string, InputData>> {
  if (typeof inputs !== 'object' || Array.isArray(inputs) || inputs instanceof NDArray || ArrayBuffer.isView(inputs) || isSparse(inputs))
    return false
  return showGiven(inputs) === 'an object' || specs.some(({ name }) => Object.hasOwn(inputs, name))
}

/** Whether this is data for one input, as far as can be told at a glance. */
function isSingle(inputs: unknown): boolean {
  return (
    inputs instanceof NDArray || ArrayBuffer.isView(inputs) || isSparse(inputs) || typeof inputs === 'number' || typeof inputs === 'boolean'
  )
}

function isSparse(data: unknown): data is SparseData {
  return typeof data === 'object' && data !== null && 'indices' in data && 'values' in data && 'shape' in data && !(data instanceof NDArray)
}

function toFeed(given: InputData, spec: FeedSpec, where: string): Feed {
  const { type } = spec
  if (given instanceof NDArray) return adjustRank({ data: convert(given.data, type.dtype, where), shape: given.shape }, spec)
  if (isTypedArray(given)) return fromFlat(convert(given, type.dtype, where), spec, where)
  if (isSparse(given)) {
    if (!spec.sparse) throw new ArgumentError(`${where} is dense, got coordinates`, 'declare it as input({ sparse: true })')
    return adjustRank(densify(given, type.dtype, where), spec)
  }
  const nested = nestedArray(given as Nested, where)
  return adjustRank({ data: convert(nested.data, type.dtype, where), shape: nested.shape }, spec)
}

/** Views of numbers; those of bytes without a type and of bigints hold no data for a tensor. */
function isTypedArray(data: InputData): data is AnyTypedArray {
  return ArrayBuffer.isView(data) && 'length' in data && typeof (data[0] ?? 0) === 'number'
}

/** Nested arrays are read as doubles first, so that whole numbers of int32 survive. */
function nestedArray(given: Nested, where: string): { data: AnyTypedArray; shape: readonly number[] } {
  if (!Array.isArray(given) && typeof given !== 'number' && typeof given !== 'boolean') {
    throw new ArgumentError(`${where} should be a typed array, a nested array or an NDArray, got ${showGiven(given)}`, hintFor(given))
  }
  try {
    const { data, shape } = ndarray(given)
    const flat = Array.isArray(given) ? (given.flat(Number.POSITIVE_INFINITY) as (number | boolean)[]) : [given as number | boolean]
    return { data: flat.length === data.length ? Float64Array.from(flat, Number) : data, shape }
  } catch (error) {
    if (error instanceof ArgumentError) error.message = `${where}: ${error.message}`
    throw error
  }
}

function hintFor(given: unknown): string {
  if (given instanceof Promise) return 'await it first'
  if (given instanceof ArrayBuffer) return 'wrap it: new Float32Array(buffer)'
  return 'ndarray([[1, 2], [3, 4]]) is one; rows come first'
}

function fromFlat(data: TypedData, { type }: FeedSpec, where: string): Feed {
  const unknown = type.shape.filter(size => typeof size === 'string').length
  const known = sizeOf(type.shape.filter(size => typeof size === 'number'))
  if (unknown > 1) {
    throw new ShapeError(
      `${where} has ${unknown} unknown sizes, so a flat array does not say its shape`,
      { expected: type },
      'wrap it: new NDArray(data, shape)',
    )
  }
  const rest = known === 0 ? 0 : data.length / known
  if (unknown === 1 ? !Number.isInteger(rest) : data.length !== known) {
    const wanted = unknown === 1 ? `a multiple of ${known}` : String(known)
    throw new ShapeError(`${where} needs ${wanted} values, got ${data.length}`, { expected: type }, 'rows come first, one after the other')
  }
  return { data, shape: type.shape.map(size => (typeof size === 'number' ? size : rest)) }
}

/** Keras drops or adds a trailing axis of size 1 to fit the rank. Source: keras/src/models/functional.py. */
function adjustRank({ data, shape }: Feed, { type }: FeedSpec): Feed {
  const rank = type.shape.length
  if (shape.length === rank + 1 && shape.at(-1) === 1) return { data, shape: shape.slice(0, -1) }
  if (shape.length === rank - 1 && type.shape.at(-1) === 1) return { data, shape: [...shape, 1] }
  return { data, shape }
}

/** Converts to the input's dtype where no value is lost; float64 rounds to float32. */
function convert(data: AnyTypedArray, dtype: DType, where: string): TypedData {
  if (dtype === 'float32') return data instanceof Float32Array ? data : Float32Array.from(data)
  if (dtype === 'int32' && data instanceof Int32Array) return data
  const out = allocate(dtype, data.length)
  for (let k = 0; k < data.length; k++) {
    const value = data[k] as number
    out[k] = value
    if (out[k] !== value || (dtype === 'bool' && value > 1)) {
      throw new DTypeError(
        `${where} is ${dtype}, but value ${k} is ${value}`,
        {},
        dtype === 'int32' ? 'round it first' : 'booleans are 0 and 1',
      )
    }
  }
  return out
}

function densify({ indices, values, shape }: SparseData, dtype: DType, where: string): Feed {
  const lists = { indices, values, shape }
  for (const [part, list] of Object.entries(lists)) {
    if (!Array.isArray(list) && !ArrayBuffer.isView(list))
      throw new ArgumentError(`${where}: ${part} should be a list, got ${showGiven(list)}`)
  }
  if (indices.length !== values.length)
    throw new ArgumentError(`${where}: ${indices.length} indices but ${values.length} values`, 'each index is the position of one value')
  if (!shape.every(size => Number.isSafeInteger(size) && size >= 0) || sizeOf(shape) > 2 ** 31) {
    throw new ShapeError(
      `${where}: [${shape.join(', ')}] is no shape that can be made dense`,
      {},
      'sizes are whole numbers, at most 2 ** 31 values together',
    )
  }
  const dense = new Float64Array(sizeOf(shape))
  indices.forEach((index, k) => {
    const value = values[k]
    if (typeof value !== 'number') throw new ArgumentError(`${where}: value ${k} should be a number, got ${showGiven(value)}`)
    if (!Array.isArray(index))
      throw new ArgumentError(`${where}: index ${k} should be a list of ${shape.length} positions, got ${showGiven(index)}`)
    const inside =
      index.length === shape.length && index.every((at, axis) => Number.isInteger(at) && at >= 0 && at < (shape[axis] as number))
    if (!inside)
      throw new ShapeError(`${where}: index [${index.join(', ')}] lies outside [${shape.join(', ')}]`, {}, 'positions count from 0')
    const at = index.reduce((flat, position, axis) => flat * (shape[axis] as number) + position, 0)
    dense[at] = (dense[at] as number) + value
  })
  return { data: convert(dense, dtype, where), shape }
}

/** Whether a feed has the shape of the last run: the same length, in a type where the length says the shape. */
export function flatFits(type: TensorType, length: number, { data, shape }: Feed): boolean {
  if (data.length !== length || shape.length !== type.shape.length) return false
  let unknown = 0
  for (let axis = 0; axis < shape.length; axis++) {
    const size = type.shape[axis]
    if (typeof size === 'string') unknown++
    else if (size !== shape[axis]) return false
  }
  return unknown <= 1 && length > 0
}
