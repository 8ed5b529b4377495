// The arguments of an operation from a file: operands by position or name, and the static ones of its config.

import { NDArray, type Nested, ndarray } from '../../ir/ndarray.js'
import type { DType } from '../../ir/types.js'
import { isRecord, type Json } from '../../layers/schema.js'
import type { TracedTensor } from '../../ops/builder.js'
import type { Index, Operand, PadWidth } from '../../ops/functional/index.js'
import type { Cursor } from '../../saving/cursor.js'
import { dtypeOf } from './dtypes.js'
import type { Argument } from './tree.js'

/** An argument whose references have become tensors. */
export type Filled<T> = T | Json | readonly Filled<T>[]
export type Value = Filled<TracedTensor>

export class OpArguments {
  private readonly values: ReadonlyMap<string, Value>
  private readonly config: Cursor
  private readonly used = new Set(['name'])

  constructor(values: ReadonlyMap<string, Value>, config: Cursor) {
    this.values = values
    this.config = config
  }

  operand(name: string): Operand {
    const value = this.value(name)
    if (isTensor(value) || typeof value === 'number' || typeof value === 'boolean') return value
    return arrayIn(value) ?? this.config.fail(`belongs to an operation whose operand ${name} is neither a tensor nor numbers`)
  }

  operands(name: string): Operand[] {
    const value = this.value(name)
    if (!Array.isArray(value)) return this.config.fail(`belongs to an operation whose ${name} is no list of tensors`)
    return value.map((item: Value) =>
      isTensor(item) || typeof item === 'number'
        ? item
        : this.config.fail(`belongs to an operation whose ${name} holds something else than tensors`),
    )
  }

  nullableOperand(name: string): Operand | null {
    return (this.value(name) ?? null) === null ? null : this.operand(name)
  }

  number(name: string, fallback?: number): number {
    const value = this.value(name) ?? fallback
    return typeof value === 'number' ? value : this.bad(name, 'a number')
  }

  nullableNumber(name: string): number | null {
    return (this.value(name) ?? null) === null ? null : this.number(name)
  }

  /** One of some words. */
  word<T extends string>(name: string, ...words: readonly [T, ...T[]]): T {
    const value = this.value(name) ?? words[0]
    return words.find(word => word === value) ?? this.bad(name, `one of ${words.join(', ')}`)
  }

  /** A number, or one for each of several axes. */
  perAxis(name: string, fallback: number): number | readonly number[] {
    const value = this.value(name) ?? fallback
    return typeof value === 'number' || isNumbers(value) ? value : this.bad(name, 'a number or a list of them')
  }

  nullablePerAxis(name: string): number | readonly number[] | null {
    return (this.value(name) ?? null) === null ? null : this.perAxis(name, 1)
  }

  /** Cells before and after: one number for all axes, a pair for all, or a pair for each. */
  widths(name: string): PadWidth {
    const value = this.value(name)
    if (typeof value === 'number') return value
    const isPair = (part: Value | undefined): part is readonly [number, number] => isNumbers(part) && part.length === 2
    if (isPair(value) || (Array.isArray(value) && value.every(isPair))) return value
    return this.bad(name, 'a number or pairs of numbers')
  }

  boolean(name: string, fallback = false): boolean {
    const value = this.value(name) ?? fallback
    return typeof value === 'boolean' ? value : this.bad(name, 'true or false')
  }

  numbers(name: string): readonly number[] {
    const value = this.value(name)
    return isNumbers(value) ? value : this.bad(name, 'a list of numbers')
  }

  /** One axis, several, or null for all. */
  axis(name = 'axis', fallback: number | null = null): number | readonly number[] | null {
    const value = this.value(name) ?? fallback
    return value === null || typeof value === 'number' || isNumbers(value) ? value : this.bad(name, 'an axis or a list of them')
  }

  oneAxis(name = 'axis', fallback = -1): number {
    const axis = this.axis(name, fallback)
    return typeof axis === 'number' ? axis : this.bad(name, 'one axis')
  }

  dtype(name: string): DType {
    this.used.add(name)
    return dtypeOf(this.config.get(name))
  }

  /** What stands between the brackets of x[…]. */
  index(name: string): Index[] {
    const value = this.value(name)
    return (Array.isArray(value) ? value : [value]).map((part: Value | undefined): Index => this.indexPart(name, part))
  }

  private indexPart(name: string, part: Value | undefined): Index {
    if (typeof part === 'number' || part === null) return part
    if (isRecord(part) && part.class_name === '__ellipsis__') return '...'
    if (isRecord(part) && part.class_name === '__slice__' && isRecord(part.config)) {
      const { start = null, stop = null, step = null } = part.config
      const ok = [start, stop, step].every(bound => bound === null || typeof bound === 'number')
      if (ok) return { start: start as number | null, stop: stop as number | null, step: step as number | null }
    }
    return this.bad(name, 'an index of numbers and slices')
  }

  /** @throws FileError for a static argument that nothing has read and that is not null, false or empty. */
  refuseUnread(): void {
    for (const [key, value] of Object.entries(this.config.record())) {
      if (!this.used.has(key) && value !== null && value !== false) this.config.get(key).fail('is an option that is not supported')
    }
    for (const key of this.values.keys())
      if (!this.used.has(key)) this.config.fail(`belongs to an operation with an argument ${key} that is not supported`)
  }

  private value(name: string): Value | undefined {
    this.used.add(name)
    return this.values.get(name) ?? this.config.at(name)?.value
  }

  private bad(name: string, expected: string): never {
    return (this.config.at(name) ?? this.config).fail(`should be ${expected}`)
  }
}

/** Puts tensors, or what stands for them, in place of references, in the order in which Keras flattens them. */
export function fill<T>(argument: Argument, next: () => T): Filled<T> {
  if ('tensor' in argument) return next()
  if ('literal' in argument) return argument.literal
  if ('list' in argument) return argument.list.map(item => fill(item, next))
  return Object.keys(argument.record)
    .sort()
    .map(key => fill(argument.record[key] as Argument, next))
}

function isTensor(value: Value | undefined): value is TracedTensor {
  return typeof value === 'object' && value !== null && 'builder' in value
}

function isNumbers(value: Value | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every(item => typeof item === 'number')
}

/** A constant that the file holds as Keras writes arrays, or undefined. */
function arrayIn(value: Value | undefined): NDArray | undefined {
  if (!isRecord(value) || (value.class_name !== '__numpy__' && value.class_name !== '__tensor__') || !isRecord(value.config))
    return undefined
  const array = ndarray(value.config.value as Nested)
  return String(value.config.dtype).startsWith('float') ? new NDArray(Float32Array.from(array.data), array.shape) : array
}
