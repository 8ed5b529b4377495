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
        `${title}: sizes.${symbol} should be a whole number ≥ 0, got ${typeof size === 'string' ? JSON.stringify(size) : String(size)}`,
      )
  }
}
