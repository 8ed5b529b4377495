// What specs of layers share: calls that no compiler would let through, and how they are refused.

import assert from 'node:assert/strict'
import { KerafoldError } from '../../lib/ir/errors.js'

/** Passes what the types forbid. */
export function pretend<T>(value: unknown): T {
  return value as T
}

export function refuses(action: () => unknown, ...parts: string[]): void {
  assert.throws(action, error => {
    assert.ok(error instanceof KerafoldError, String(error))
    for (const part of parts) assert.ok(error.message.includes(part), error.message)
    return true
  })
}
