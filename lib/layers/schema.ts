// Options by schema: camelCase in code, exactly Keras' snake_case in JSON, checked and converted in this one file.

import { ArgumentError, UnknownNameError } from '../ir/errors.js'
import { NDArray } from '../ir/ndarray.js'
import { showGiven, unknownOption } from '../ir/options.js'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** One option: how to read it from code or from JSON, and how to write it. */
export interface Field<T> {
  /** Makes the default; absent where the option is required. */
  readonly fallback?: () => T
  /** Older spellings that mean the same, in camelCase: Keras 1's and 2's. */
  readonly aliases?: readonly string[]
  /** Whether a value is left out of JSON: it belongs to the code alone, or Keras does not write it. */
  omit?(value: T): boolean
  /** @throws ArgumentError that begins with `where`. */
  parse(value: unknown, where: string): T
  toJson(value: T): Json
}

export type Schema = Readonly<Record<string, Field<unknown>>>
type ValueOf<F> = F extends { parse(value: unknown, where: string): infer T } ? T : never

/** The checked options of a schema. */
export type Parsed<S extends Schema> = { readonly [K in keyof S]: ValueOf<S[K]> }

/**
 * Checks options against a schema and fills in defaults; the given object is not changed.
 * @param shared options that were taken out before, which messages mention.
 * @throws ArgumentError for a missing, misspelt or ill-typed option, naming the class and the option.
 */
export function parseOptions<S extends Schema>(owner: string, schema: S, given: object, shared: Schema = {}): Parsed<S> {
  const values = new Map<string, unknown>()
  const spellings = spellingsOf(schema)
  for (const [key, value] of Object.entries(given)) {
    const name = spellings.get(key)
    if (name === undefined) throw unknownOption(owner, key, [...spellings.keys(), ...spellingsOf(shared).keys()])
    if (value === undefined) continue
    if (values.has(name)) throw new ArgumentError(`${owner}: ${key} and ${name} mean the same; give one of them`)
    values.set(name, value)
  }
  const parsed: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(schema)) {
    if (values.has(name)) parsed[name] = field.parse(values.get(name), `${owner}: ${name}`)
    else if (field.fallback) parsed[name] = field.fallback()
    else throw new ArgumentError(`${owner} needs the option ${name}`, `write { ${name}: … }`)
  }
  return Object.freeze(parsed) as Parsed<S>
}

/** Every spelling that code may use, older ones included, to the option it means. */
export function spellingsOf(schema: Schema): Map<string, string> {
  const spellings = new Map<string, string>()
  for (const [name, field] of Object.entries(schema)) {
    for (const spelling of [name, ...(field.aliases ?? [])]) spellings.set(spelling, name)
  }
  return spellings
}

/** Options as Keras writes them: snake_case keys, JSON values. */
export function toConfig<S extends Schema>(schema: S, options: Parsed<S>): Record<string, Json> {
  const config: Record<string, Json> = {}
  for (const [name, field] of Object.entries(schema)) {
    const value = options[name]
    if (!field.omit?.(value)) config[toSnake(name)] = field.toJson(value)
  }
  return config
}

/**
 * Turns a Keras config's keys into option names. Keys in `ignored` are dropped.
 * @throws ArgumentError for a key that is no option of the schema.
 */
export function fromConfig(
  owner: string,
  schema: Schema,
  config: Readonly<Record<string, unknown>>,
  ignored: readonly string[] = [],
): Record<string, unknown> {
  const names = new Map([...spellingsOf(schema)].map(([spelling, name]) => [toSnake(spelling), name]))
  const options: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(config)) {
    const name = names.get(key)
    if (name !== undefined) options[name] = value
    else if (!ignored.includes(key)) throw unknownOption(owner, key, [...names.keys()])
  }
  return options
}

/** kernelInitializer → kernel_initializer; a leading capital stays, as in Keras 1's W_regularizer. */
export function toSnake(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

/** Keras' automatic layer name of a class: BatchNormalization → batch_normalization, ReLU → re_lu. */
export function snakeClassName(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

/**
 * Plain data as JSON; NDArrays become nested arrays.
 * @throws ArgumentError for what JSON cannot hold.
 */
export function toJsonValue(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (value instanceof NDArray) return toJsonValue(value.toArray())
  if (Array.isArray(value)) return value.map(toJsonValue)
  if (isRecord(value) && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toJsonValue(part)]))
  }
  throw new ArgumentError(`${describe(value)} cannot be written as JSON`)
}

// Fields

function describe(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(describe).join(', ')}]` : showGiven(value)
}

function refuse(where: string, expected: string, value: unknown): never {
  throw new ArgumentError(`${where} should be ${expected}, got ${describe(value)}`)
}

/** The same field with a default. */
export function optional<T>(field: Field<T>, fallback: () => T): Field<T> {
  return { ...field, fallback }
}

/** The same field under older spellings too. */
export function alias<T>(field: Field<T>, ...aliases: string[]): Field<T> {
  return { ...field, aliases }
}

/** The same field or null; null by default. */
export function nullable<T>(field: Field<T>): Field<T | null> {
  return {
    ...field,
    fallback: () => null,
    parse: (value, where) => (value === null ? null : field.parse(value, where)),
    toJson: value => (value === null ? null : field.toJson(value)),
  }
}

export interface Range {
  readonly min?: number
  readonly max?: number
}

function inRange(value: number, { min = -Infinity, max = Infinity }: Range): boolean {
  return value >= min && value <= max
}

function showRange(kind: string, { min, max }: Range): string {
  if (min !== undefined && max !== undefined) return `a ${kind} from ${min} to ${max}`
  if (min !== undefined) return `a ${kind} ≥ ${min}`
  return max !== undefined ? `a ${kind} ≤ ${max}` : `a ${kind}`
}

export function number(range: Range = {}): Field<number> {
  return {
    parse(value, where) {
      if (typeof value !== 'number' || Number.isNaN(value) || !inRange(value, range))
        return refuse(where, showRange('number', range), value)
      return value
    },
    toJson: value => value,
  }
}

export function integer(range: Range = {}): Field<number> {
  return {
    parse(value, where) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || !inRange(value, range))
        return refuse(where, showRange('whole number', range), value)
      return value
    },
    toJson: value => value,
  }
}

export function boolean(): Field<boolean> {
  return { parse: (value, where) => (typeof value === 'boolean' ? value : refuse(where, 'true or false', value)), toJson: value => value }
}

export function string(): Field<string> {
  return { parse: (value, where) => (typeof value === 'string' ? value : refuse(where, 'a string', value)), toJson: value => value }
}

export function oneOf<T extends string>(...choices: readonly T[]): Field<T> {
  return {
    parse: (value, where) => choices.find(choice => choice === value) ?? refuse(where, `one of ${choices.map(describe).join(', ')}`, value),
    toJson: value => value,
  }
}

/** A list of values; JSON lists only (Keras' tuples become lists). */
export function list<T>(item: Field<T>): Field<readonly T[]> {
  return {
    parse: (value, where) =>
      Array.isArray(value) ? value.map((part, k) => item.parse(part, `${where}[${k}]`)) : refuse(where, 'a list', value),
    toJson: value => value.map(part => item.toJson(part)),
  }
}

/** One value, or a list of them. */
export function oneOrMany<T>(item: Field<T>): Field<T | readonly T[]> {
  const many = list(item)
  return {
    parse: (value, where) => (Array.isArray(value) ? many.parse(value, where) : item.parse(value, where)),
    toJson: value => (Array.isArray(value) ? many.toJson(value) : item.toJson(value as T)),
  }
}

/** Sizes ≥ `min`, null where unknown. */
export function sizes(min = 0): Field<readonly (number | null)[]> {
  return list(nullable(integer({ min })))
}

/** An option of Keras that only makes sense as `value` here; left out of JSON unless `written`. */
export function only<T extends Json>(value: T, reason: string, written = false): Field<T> {
  return {
    omit: () => !written,
    fallback: () => value,
    parse: (given, where) => {
      if (given !== value) throw new ArgumentError(`${where} can only be ${describe(value)}, got ${describe(given)}`, reason)
      return value
    },
    toJson: kept => kept,
  }
}

/** A value of the host program that no file can hold. */
export function codeOnly<T>(test: (value: unknown) => value is T, expected: string): Field<T | null> {
  return {
    omit: () => true,
    fallback: () => null,
    parse: (value, where) => (value === null || test(value) ? value : refuse(where, expected, value)),
    toJson: () => null,
  }
}

// Parts: initializers, regularizers, constraints

/** An object with a class name and options, as Keras serialises it. */
export interface Part {
  readonly className: string
  getConfig(): Record<string, Json>
}

export interface PartTable<T extends Part> {
  /** Keras' module, such as `keras.initializers`. */
  readonly module: string
  readonly kind: string
  /** Every spelling that Keras resolves, class names and aliases, to a maker from options. */
  resolve(name: string): ((options: Readonly<Record<string, unknown>>) => T) | undefined
  /** The schema of a class, to read configs by. */
  schemaOf(name: string): Schema | undefined
  readonly names: readonly string[]
}

/** A part by instance, by name, or as Keras' `{ class_name, config }`. */
export function part<T extends Part>(table: PartTable<T>, test: (value: unknown) => value is T): Field<T> {
  const make = (name: string, config: unknown, where: string): T => {
    const maker = table.resolve(name)
    const schema = table.schemaOf(name)
    if (!maker || !schema)
      throw new UnknownNameError(`${where}: there is no ${table.kind} ${JSON.stringify(name)}`, `known are ${table.names.join(', ')}`)
    return maker(fromConfig(`${where} (${name})`, schema, isRecord(config) ? config : {}, ['dtype']))
  }
  return {
    parse(value, where) {
      if (test(value)) return value
      if (typeof value === 'string') return make(value, {}, where)
      if (isRecord(value) && typeof value.class_name === 'string') return make(value.class_name, value.config, where)
      return refuse(where, `a ${table.kind}: an instance, a name or { class_name, config }`, value)
    },
    toJson(value) {
      const { className } = value
      const base = { class_name: className, config: value.getConfig() }
      // a class of the user's: Keras finds it under the package that register_keras_serializable takes by default
      return table.schemaOf(className)
        ? { module: table.module, ...base, registered_name: null }
        : { module: null, ...base, registered_name: `Custom>${className}` }
    },
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
