// The unknown sizes of a model, given on the command line: --size NAME=N, and --batch N for the rows.

import { freeSymbols } from '../ops/specialise.js'
import type { Lowerable } from '../runtime/lower.js'
import type { Arguments } from './arguments.js'
import { UsageError } from './command.js'

/**
 * What `--batch` and `--size` say, by name.
 * @throws UsageError for sizes that the model does not have, are no number, or come twice.
 */
export function sizesGiven(given: Arguments, { graph }: Lowerable): Record<string, number> {
  const symbols = freeSymbols(graph)
  const sizes: Record<string, number> = {}
  for (const text of given.list('size')) {
    const [, name = '', size = ''] = /^(.*)=(\d+)$/.exec(text) ?? []
    if (symbols.size === 0) throw new UsageError(`--size ${text}: the model has no unknown sizes`)
    if (!symbols.has(name) || !Number.isSafeInteger(Number(size)))
      throw new UsageError(`--size should be NAME=N with one of ${[...symbols].join(', ')}, got ${text}`)
    if (sizes[name] !== undefined) throw new UsageError(`--size for ${name} comes twice`)
    sizes[name] = Number(size)
  }
  const batch = given.number('batch')
  if (batch === undefined) return sizes
  if (sizes.batch !== undefined) throw new UsageError('--batch and --size batch=N exclude each other')
  return { ...sizes, batch }
}

/** @throws UsageError that says how to give the sizes that are unknown, the rows aside. */
export function checkAllGiven(sizes: Readonly<Record<string, number>>, { graph }: Lowerable, why: string): void {
  const missing = [...freeSymbols(graph)].filter(symbol => symbol !== 'batch' && sizes[symbol] === undefined)
  if (missing.length > 0) throw new UsageError(`${missing.map(symbol => `--size ${symbol}=N`).join(' ')} is missing: ${why}`)
}
