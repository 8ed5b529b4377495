// The families of lowerings that are loaded on demand, and which of them a graph needs.

import type { Graph, Node } from '../../../lib/ir/graph.js'
import { expandComposites } from '../../../lib/ops/expand.js'
import { OnDemand } from '../../onDemand.js'
import { isLongName, longFunctions } from '../scalar/table.js'
import { columns, needsColumns } from './columns.js'
import { type ChainsOf, type Family, type FamilyName, familyOf, isInFamily } from './lowering.js'

// not #eager: their 25 files are one in thirteen of what Node would load at the start, whatever the model
type Part<F extends FamilyName> = { readonly lowerings: Family<F> } & (F extends 'movement' ? { readonly chainsOf: ChainsOf } : unknown)
type Modules = { readonly [F in FamilyName]: OnDemand<Part<F>> }

export const families: Modules = {
  movement: new OnDemand('kernels that move data', () => import('./movement.js')),
  reductions: new OnDemand('reductions', () => import('./reductions.js')),
  windows: new OnDemand('convolutions and pools', () => import('./spatial.js')),
  random: new OnDemand('random kernels', () => import('./random.js')),
  scan: new OnDemand('loops', () => import('./scan.js')),
}

/** Everything that can be loaded. */
export const loadable: readonly OnDemand<object>[] = [longFunctions, columns, ...Object.values(families)]

/** What has to be loaded before a graph can be compiled; its sizes need not be bound. `isDirect` tells the composites with a kernel. */
export function neededBy(graph: Graph, isDirect: (node: Node) => boolean): readonly OnDemand<object>[] {
  const needed = new Set<OnDemand<object>>()
  const visit = ({ nodes }: Graph): void => {
    for (const node of Object.values(nodes)) {
      if (isInFamily(node)) needed.add(families[familyOf[node.op]])
      if (needsColumns(node)) needed.add(columns)
      if (isLongName(node.op)) needed.add(longFunctions)
      if (node.body) visit(node.body)
    }
  }
  visit(expandComposites(graph, isDirect))
  return [...needed]
}
