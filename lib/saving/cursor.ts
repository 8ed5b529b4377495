// Cursor: a place in a JSON value, read by expected type; errors name the path that leads there.

import { FileError } from '../ir/errors.js'
import { isRecord, type Json } from '../layers/schema.js'

export type JsonRecord = Readonly<Record<string, Json>>

export class Cursor {
  readonly value: Json
  /** The file and the path in it: `net.keras: config.json > config > layers[3]`. */
  readonly where: string

  constructor(value: Json, where: string) {
    this.value = value
    this.where = where
  }

  /** A property of an object; undefined if it is absent. */
  at(key: string): Cursor | undefined {
    const record = this.record()
    const value = Object.hasOwn(record, key) ? record[key] : undefined
    return value === undefined ? undefined : new Cursor(value, `${this.where} > ${key}`)
  }

  /** A property that must be there. */
  get(key: string): Cursor {
    return this.at(key) ?? this.fail(`lacks ${JSON.stringify(key)}`)
  }

  record(): JsonRecord {
    return isRecord(this.value) ? (this.value as JsonRecord) : this.fail('should be an object')
  }

  list(): Cursor[] {
    if (!Array.isArray(this.value)) return this.fail('should be a list')
    return this.value.map((item: Json, k) => new Cursor(item, `${this.where}[${k}]`))
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.fail('should be a string')
  }

  /** A whole number from 0 on. */
  index(): number {
    const { value } = this
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : this.fail('should be a whole number ≥ 0')
  }

  get isList(): boolean {
    return Array.isArray(this.value)
  }

  get isRecord(): boolean {
    return isRecord(this.value)
  }

  fail(problem: string, hint?: string): never {
    const got = problem.startsWith('should be') ? `, got ${describe(this.value)}` : ''
    throw new FileError(`${this.where} ${problem}${got}`, hint)
  }
}

function describe(value: Json): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  return isRecord(value) ? 'an object' : JSON.stringify(value)
}
