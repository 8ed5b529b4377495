// Passes under suspicion: each is run on the graph that the ones before left, and its result evaluated by definition.

import { type Pass, type PassContext, structureOf } from '../../../passes/index.js'
import type { Graph, Node, NodeId, Rewrite } from '../../ir/graph.js'
import { verify } from '../../ops/verify.js'
import { deviationOf } from '../deviation.js'
import { bound, type Case, evaluateCase } from '../reference.js'
import { cutOut, type Expectation, expectationOf, mismatchOf, roundedValues } from './graphs.js'
import type { Suspect } from './suspect.js'

/** How far around the guilty node a reproduction begins, tried in turn. */
const depths = [1, 2, 3, 4, 6, 10, Number.POSITIVE_INFINITY]

export interface Walk {
  /** The case after the last pass that was right. */
  readonly end: Case
  readonly suspect: Suspect | undefined
}

/**
 * Runs passes in order until the outputs are not as expected.
 * @param watch is told each pass before it runs.
 */
export function walk(start: Case, passes: readonly Pass[], context: PassContext, wanted: Expectation, watch: (pass: string) => void): Walk {
  let current = start
  for (const pass of passes) {
    watch(pass.name)
    const found = attempt(current, pass, context, wanted)
    if (found.problem !== undefined) return { end: current, suspect: convict(current, pass, context, wanted, found.problem) }
    current = found.after
  }
  return { end: current, suspect: undefined }
}

type Attempt = { readonly problem: string } | { readonly problem: undefined; readonly after: Case; readonly rewrites: readonly Rewrite[] }

/** What a pass makes of a case; a problem where it throws, breaks an invariant, or changes what the graph means. */
export function attempt(given: Case, pass: Pass, context: PassContext, wanted: Expectation): Attempt {
  try {
    const { graph, rewrites } = pass.run(given.graph, context)
    const after = { ...given, graph }
    if (graph === given.graph) return { problem: undefined, after: given, rewrites }
    verify(graph)
    const mismatch = mismatchOf(evaluateCase(after, 'float64'), wanted)
    return mismatch ? { problem: `output "${mismatch.output}": ${mismatch.problem}` } : { problem: undefined, after, rewrites }
  } catch (error) {
    return { problem: `it fails: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` }
  }
}

/** Finds the first rewrite from which on the pass goes wrong, and a small graph that shows it. */
function convict(given: Case, pass: Pass, context: PassContext, wanted: Expectation, problem: string): Suspect {
  const fails = (count: number) => attempt(given, pass, limited(context, count), wanted).problem !== undefined
  const total = rewritesOf(given, pass, context)
  // a pass that asks nobody before it rewrites goes wrong however little it is allowed
  const guilty = total.length === 0 || fails(0) ? byNode(given, pass, context) : total[firstTrue(total.length, count => fails(count + 1))]
  const { rule, node } = guilty ?? { rule: undefined, node: given.graph.nodes[given.graph.results.outputs[0]?.node ?? ''] }
  if (!node) throw new Error(`internal: pass ${pass.name} changed a graph without outputs`)
  const reproduction = smallest(given, pass, context, node.id)
  return { kind: 'pass', name: pass.name, rule, node: node.id, op: node.op, origin: node.origin, problem, reproduction }
}

interface Asked {
  readonly rule: string | undefined
  readonly node: Node
}

/** Every rewrite that a pass asks for, in order; those before a failure if it throws. */
function rewritesOf(given: Case, pass: Pass, context: PassContext): Asked[] {
  const asked: Asked[] = []
  const allows = (rule: string, node: Node): boolean => asked.push({ rule, node }) > 0
  try {
    pass.run(given.graph, { ...context, allows })
  } catch {
    // it is what is looked for
  }
  return asked
}

/** The context in which only the first `count` rewrites are allowed. */
function limited(context: PassContext, count: number): PassContext {
  let left = count
  return { ...context, allows: () => left-- > 0 }
}

/** The first of `length` positions for which something is true, if it is true for all from some position on. */
function firstTrue(length: number, test: (position: number) => boolean): number {
  let [low, high] = [0, length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (test(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** The first node whose value is another than before: ids outlive rewriting. */
function byNode(given: Case, pass: Pass, context: PassContext): Asked | undefined {
  try {
    const { graph, rewrites } = pass.run(given.graph, context)
    const before = roundedValues(bound(given))
    const after = roundedValues(bound({ ...given, graph }))
    for (const [id, value] of after) {
      const old = before.get(id)
      const node = graph.nodes[id]
      if (!old || !node || old.shape.join() !== value.shape.join()) continue
      const size = Math.max(...Array.from(old.data, Math.abs), 0)
      if (deviationOf(value.data, old.data).largest <= 1e-3 * size) continue
      return { rule: ruleAt(rewrites, given.graph, id, node.inputs), node }
    }
  } catch {
    // the graph that it leaves cannot be evaluated
  }
  return undefined
}

/** The rule that made a node, or that took away what it read. */
function ruleAt(rewrites: readonly Rewrite[], before: Graph, id: NodeId, inputs: readonly NodeId[]): string | undefined {
  const read = new Set([id, ...inputs, ...(before.nodes[id]?.inputs ?? [])])
  return rewrites.find(({ removed, added }) => [...removed, ...added].some(other => read.has(other)))?.rule
}

/** The smallest part of the graph around a node on which the pass still goes wrong; the whole if none does. */
function smallest(given: Case, pass: Pass, context: PassContext, node: NodeId): Case {
  const tried = new Set<string>()
  for (const depth of depths) {
    try {
      const part = cutOut(given, node, depth)
      const structure = part && structureOf(part.graph)
      if (!part || !structure || tried.has(structure)) continue
      tried.add(structure)
      if (attempt(part, pass, context, expectationOf(part)).problem !== undefined) return part
    } catch {
      // cut through something that does not stand alone: try a larger part
    }
  }
  return given
}
