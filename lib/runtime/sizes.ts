// Sizes that a user binds by name: those of the graph, and whole numbers.

import { ArgumentError } from '../ir/errors.js'
import type { Graph } from '../ir/graph.js'
import { freeSymbols } from '../ops/specialise.js'

/** @throws ArgumentError for sizes that are not in the graph, or cannot be sizes. */
export function checkSizes(title: string, graph: Graph, sizes: Readonly<Record<string, number>>): void {
  if (typeof sizes !== 'object' || sizes === null)
    throw new ArgumentError(`${title}: sizes should be an object such as { batch: 1 }, got ${String(sizes)}`)
  const symbols = [...new Set(['batch', ...freeSymbols(graph)])]
  for (const [symbol, size] of Object.entries(sizes)) {
    if (!symbols.includes(symbol))
      throw new ArgumentError(`${title} has no size named ${JSON.stringify(symbol)}`, `its unknown sizes are ${symbols.join(', ')}`)
    if (!Number.isSafeInteger(size) || size < 0)
      throw new ArgumentError(
        `${title}: sizes${isIdentifier(symbol) ? `.${symbol}` : `[${JSON.stringify(symbol)}]`} should be a whole number ≥ 0, got ${typeof size === 'string' ? JSON.stringify(size) : String(size)}`,
      )
  }
}

/** Sizes as JavaScript, for hints: `{ batch: 1, "image:1": 1 }`. */
export function showSizes(symbols: readonly string[]): string {
  return `{ ${symbols.map(symbol => `${isIdentifier(symbol) ? symbol : JSON.stringify(symbol)}: 1`).join(', ')} }`
}

function isIdentifier(symbol: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(symbol)
}
