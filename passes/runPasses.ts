// runPasses: runs passes in order, reports each step, lets instruments watch.

import type { Edit, Graph } from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import type { Pass, PassContext } from './pass.js'

/** What one pass did. */
export interface PassStep {
  readonly pass: string
  readonly nodesBefore: number
  readonly nodesAfter: number
  /** How often each rule fired. */
  readonly rules: Readonly<Record<string, number>>
  readonly ms: number
  readonly edit: Edit
}

/** What it takes of a pass to run it. */
export type Runnable = Pick<Pass, 'name' | 'run'>

/** An observer of passes; it changes nothing. */
export interface Instrument {
  after?(step: PassStep): void
  /** Called with the graph before a pass that threw. */
  failed?(pass: Runnable, graph: Graph, error: unknown): void
}

export interface PassResult {
  readonly graph: Graph
  readonly steps: readonly PassStep[]
}

/**
 * Runs passes in order.
 * @throws Error naming the pass that failed, with what it threw, or what an instrument threw after it, as its cause.
 */
export function runPasses(
  graph: Graph,
  passes: readonly Runnable[],
  context: PassContext,
  instruments: readonly Instrument[] = [],
): PassResult {
  const steps: PassStep[] = []
  let current = graph
  let nodes = countNodes(graph)
  for (const pass of passes) {
    try {
      const step = runPass(current, nodes, pass, context)
      for (const instrument of instruments) instrument.after?.(step)
      steps.push(step)
      current = step.edit.graph
      nodes = step.nodesAfter
    } catch (error) {
      for (const instrument of instruments) instrument.failed?.(pass, current, error)
      const problem = error instanceof Error ? error.message : String(error)
      throw new Error(`internal: pass ${pass.name} failed: ${problem}`, { cause: error })
    }
  }
  return { graph: current, steps }
}

function runPass(graph: Graph, nodesBefore: number, pass: Runnable, context: PassContext): PassStep {
  const start = performance.now()
  const edit = pass.run(graph, context)
  const ms = performance.now() - start
  const rules: Record<string, number> = {}
  for (const { rule } of edit.rewrites) rules[rule] = (rules[rule] ?? 0) + 1
  const nodesAfter = edit.graph === graph ? nodesBefore : countNodes(edit.graph)
  return { pass: pass.name, nodesBefore, nodesAfter, rules, ms, edit }
}

/** The number of nodes; a region counts as the one kernel that it becomes. */
export function countNodes(graph: Graph): number {
  return topologicalOrder(graph).length
}
