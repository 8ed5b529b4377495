// Option objects: a misspelt or ill-typed option is an error, not a default.

import { ArgumentError } from './errors.js'

/** What one option may be; `undefined` is always left to the default. */
export interface OptionKind {
  /** As in "training should be true or false". */
  readonly expected: string
  test(value: unknown): boolean
}

export const anything: OptionKind = { expected: 'anything', test: () => true }
export const aBoolean: OptionKind = { expected: 'true or false', test: value => typeof value === 'boolean' }
export const aString: OptionKind = { expected: 'a string', test: value => typeof value === 'string' }
export const aFunction: OptionKind = { expected: 'a function', test: value => typeof value === 'function' }
export const aNumber: OptionKind = { expected: 'a number', test: value => typeof value === 'number' && !Number.isNaN(value) }
export const aList: OptionKind = { expected: 'a list', test: value => Array.isArray(value) }
export const anObject: OptionKind = { expected: 'an object', test: isPlainRecord }

export function aWholeNumber(min: number): OptionKind {
  return { expected: `a whole number ≥ ${min}`, test: value => Number.isSafeInteger(value) && (value as number) >= min }
}

export function oneOf(...choices: readonly (string | number | boolean)[]): OptionKind {
  return { expected: `one of ${choices.map(showGiven).join(', ')}`, test: value => choices.some(choice => choice === value) }
}

/** @throws ArgumentError unless `options` is an object whose keys are all known and whose values are what they may be. */
export function checkOptions(where: string, options: unknown, kinds: Readonly<Record<string, OptionKind>>): void {
  const known = Object.keys(kinds)
  if (!isPlainRecord(options))
    throw new ArgumentError(`${where} takes an object of options, got ${showGiven(options)}`, `its options are ${known.join(', ')}`)
  for (const [key, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined
    if (!kind) throw unknownOption(where, key, known)
    if (value !== undefined && !kind.test(value))
      throw new ArgumentError(`${where}: ${key} should be ${kind.expected}, got ${showGiven(value)}`, 'leave it out for the default')
  }
}

/** The error for a key that is none of `known`, with the one that was meant where only case or underscores differ. */
export function unknownOption(where: string, key: string, known: readonly string[]): ArgumentError {
  const bare = (name: string): string => name.toLowerCase().replaceAll('_', '')
  const near = known.find(name => bare(name) === bare(key))
  return new ArgumentError(
    `${where} has no option ${JSON.stringify(key)}`,
    near === undefined ? `its options are ${known.join(', ')}` : `did you mean ${near}?`,
  )
}

/** A value that was not expected, in a word or two: its class, or itself where that is short. */
export function showGiven(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object' || value === null) return String(value)
  const name = value.constructor?.name
  return name === undefined || name === 'Object' ? 'an object' : name
}

/** A list whose every entry passes. */
export function aListOf(expected: string, test: (entry: unknown) => boolean): OptionKind {
  return { expected, test: value => Array.isArray(value) && value.every(test) }
}

function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
