// What the tables of initializers, regularizers and constraints share: names to classes, fields, plain functions.

import { ArgumentError, TraceError } from '../../ir/errors.js'
import { TracedTensor } from '../../ops/builder.js'
import { type Field, type Json, type Parsed, type Part, type PartTable, part, type Schema } from '../schema.js'

/** The base of parts that users may subclass: named after their class, without options unless they say so. */
export abstract class NamedPart implements Part {
  /** Keras' name of the class; the JavaScript name of the class if there is none. */
  static readonly className?: string

  get className(): string {
    const { className, name } = this.constructor as typeof NamedPart
    return className ?? name
  }

  getConfig(): Record<string, Json> {
    return {}
  }
}

/** What code may pass to a class with this schema: any of its options. */
export type OptionsOf<S extends Schema> = Partial<Parsed<S>>

/** A class of parts as its table sees it. */
export interface PartClass<T extends Part> {
  readonly className: string
  readonly schema: Schema
  new (options: never): T
}

/** glorot_uniform → glorotUniform; names without an underscore stay. */
export function toCamel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/**
 * A table of classes with the other spellings of each; a spelling in snake_case resolves in camelCase too.
 * `module` is Keras' own, such as `keras.initializers`.
 */
export function partTable<T extends Part>(
  module: string,
  kind: string,
  rows: readonly (readonly [PartClass<T>, ...string[]])[],
): PartTable<T> {
  const names = rows.flatMap(([Class, ...spellings]) => [Class.className, ...spellings])
  const classes = new Map<string, PartClass<T>>()
  for (const [Class, ...spellings] of rows) {
    for (const name of [Class.className, ...spellings]) classes.set(name, Class).set(toCamel(name), Class)
  }
  return {
    module,
    kind,
    names,
    resolve(name) {
      const Class = classes.get(name)
      return Class && (options => new Class(options as never))
    },
    schemaOf: name => classes.get(name)?.schema,
  }
}

/** How a plain function stands in for a part. */
export interface FunctionPart<T extends Part, F extends (...args: never[]) => unknown> {
  wrap(fn: F): T
  /** The function that was wrapped, or undefined for any other part. */
  unwrap(value: T): F | undefined
}

/** A field of parts that also takes a plain function; JSON then holds the function's name alone. */
export function partField<T extends Part, F extends (...args: never[]) => unknown>(
  table: PartTable<T>,
  test: (value: unknown) => value is T,
  functions: FunctionPart<T, F>,
): Field<T> {
  const field = part(table, test)
  return {
    parse: (value, where) => (typeof value === 'function' ? functions.wrap(value as F) : field.parse(value, where)),
    toJson(value) {
      const fn = functions.unwrap(value)
      return fn ? functionJson(fn.name, table.kind) : field.toJson(value)
    },
  }
}

/**
 * The result of a function of the user's on a traced tensor.
 * @throws TraceError when it gives anything but a tensor.
 */
export function callTraced(kind: string, fn: (x: TracedTensor) => TracedTensor, x: TracedTensor): TracedTensor {
  const result: unknown = fn(x)
  if (result instanceof TracedTensor) return result
  throw new TraceError(`${kind} function "${fn.name}" should give a tensor, got ${result === null ? 'null' : typeof result}`)
}

/**
 * Keras' JSON of a function of the user's: its name, for a program that knows it.
 * @throws ArgumentError when the function has no name.
 */
export function functionJson(name: string, kind: string): Json {
  if (name === '') {
    throw new ArgumentError(
      `${kind}: an unnamed function cannot be saved`,
      'declare it as a named function; whoever loads the file must give a function of that name',
    )
  }
  return { module: 'builtins', class_name: 'function', config: name, registered_name: name }
}

/** The function that makes a part from options, to be used without `new`. */
export function maker<O, T>(Class: new (options?: O) => T): (options?: O) => T {
  return options => new Class(options)
}
