// Skipping a test with the reason in its title.

import type { Context } from 'mocha'

/** Ends the running test or hook as skipped; reports show why. */
export function skipBecause(context: Context, reason: string): never {
  const { test } = context
  if (test) test.title += ` (skipped: ${reason})`
  console.log(`      skipped: ${reason}`)
  return context.skip()
}
