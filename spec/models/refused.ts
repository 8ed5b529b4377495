// What specs of mistakes share: how a mistake is refused, and something to make it with.

import assert from 'node:assert/strict'
import { input, type KerafoldError, layers } from '../../lib/index.js'
import type { Layer } from '../../lib/layers/layer.js'

export type ErrorType = new (...args: never[]) => KerafoldError

/** Runs a mistake twice, as deep a stack as V8 keeps by default: the message begins at the mistake, the stack leads to the spec. */
export function assertRefused(mistake: () => unknown, type: ErrorType, message: RegExp): void {
  const asUsers = () => {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 10 // mocha keeps all frames
    try {
      mistake()
    } finally {
      Error.stackTraceLimit = limit
    }
  }
  for (let k = 0; k < 2; k++) {
    assert.throws(asUsers, (error: Error) => {
      assert.ok(error instanceof type, `${error.name}: ${error.message}`)
      assert.match(error.message, message)
      assert.match(error.stack ?? '', /bad\w+\.spec/, 'thrown where the line of the user is')
      return true
    })
  }
}

export const vector = () => input({ shape: [4], name: 'vector' })
export const steps = () => input({ shape: [null, 4], name: 'steps' })
// biome-ignore lint/suspicious/noExplicitAny: what no compiler would let through
export type Anything = any
export const untyped = layers as Record<string, (options?: Anything) => Layer>
