// Kernels under suspicion: each node is run on the backend alone, on the values that the reference gives it.

import { type Graph, makeNode, type Node, type NodeId, nodeAt, tensorType } from '../../ir/graph.js'
import { allocate, type TypedData } from '../../ir/ndarray.js'
import { isTuple } from '../../ir/types.js'
import type { Value } from '../../ops/op.js'
import type { Program, Session, State } from '../../runtime/target.js'
import { bound, type Case, type Outputs } from '../reference.js'
import { computing, cutOut, type Expectation, expectationOf, mismatchOf } from './graphs.js'
import type { Suspect } from './suspect.js'

export interface Backend {
  readonly name: string
  readonly session: Session
}

/** The first kernel that is wrong on its own. */
export function firstWrongKernel(given: Case, backend: Backend, watch: (node: string) => void): Suspect | undefined {
  const whole = bound(given)
  for (const node of computing(whole.graph)) {
    const part = withParts(node, cutOut(whole, node.id, 1))
    if (!part) continue
    watch(node.id)
    const problem = problemOn(part, backend, expectationOf(part))
    if (problem !== undefined) return suspect('kernel', backend, node, problem, part)
  }
  return undefined
}

/** The first node whose program, with all that comes before it, gives something else. */
export function firstWrongProgram(given: Case, backend: Backend, watch: (node: string) => void): Suspect | undefined {
  const whole = bound(given)
  for (const node of computing(whole.graph)) {
    const part = withParts(node, cutOut(whole, node.id, Number.POSITIVE_INFINITY))
    if (!part) continue
    watch(node.id)
    const problem = problemOn(part, backend, expectationOf(part))
    if (problem !== undefined) return suspect('program', backend, node, problem, part)
  }
  return undefined
}

/** What is wrong with what a backend makes of a case, or undefined. */
export function problemOn(given: Case, { session }: Pick<Backend, 'session'>, wanted: Expectation): string | undefined {
  let program: Program | undefined
  try {
    const { graph, feeds } = bound(given)
    program = session.compile(graph)
    const mismatch = mismatchOf(runProgram(program, { graph, feeds }), wanted)
    return mismatch && `output "${mismatch.output}": ${mismatch.problem}`
  } catch (error) {
    return `it fails: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`
  } finally {
    program?.dispose()
  }
}

/** As `problemOn`, for a program whose prepared variables the backend computes itself. */
export function problemOfSplit(prepare: Case, run: Case, { session }: Pick<Backend, 'session'>, wanted: Expectation): string | undefined {
  const preparing = prepare.graph.results.outputs.length > 0 ? session.compilePrepare(prepare.graph) : undefined
  preparing?.run(stateOf(run.feeds.variables))
  return problemOn(run, { session }, wanted)
}

function runProgram(program: Program, { graph, feeds }: Case): Outputs {
  const inputs = graph.inputs.map(id => {
    const node = nodeAt(graph, id)
    return store(feeds.inputs[node.op === 'input' ? node.attrs.name : id] as Value)
  })
  const { outputs } = program.run(inputs, stateOf(feeds.variables))
  return Object.fromEntries(graph.results.outputs.map(({ name, node }, k) => [name, storedValue(outputs[k] as TypedData, graph, node)]))
}

function storedValue(data: TypedData, graph: Graph, id: NodeId): Value {
  const { dtype, shape } = tensorType(nodeAt(graph, id))
  return { dtype, shape: shape.map(Number), data: data instanceof Float32Array ? Float64Array.from(data) : data }
}

/** Variables as programs read them. */
function stateOf(variables: Readonly<Record<string, Value>>): State {
  const stored = new Map<string, TypedData>()
  return {
    read(name) {
      const data = stored.get(name) ?? store(variables[name] as Value)
      stored.set(name, data)
      return data
    },
    version: () => 0,
  }
}

function store({ dtype, data }: Value): TypedData {
  const out = allocate(dtype, data.length)
  out.set(data)
  return out
}

/** A case that ends at a node of several values ends at its parts instead. */
function withParts(node: Node, part: Case | undefined): Case | undefined {
  if (!part || !isTuple(node.type)) return part
  const gets = node.type.tuple.map((type, index) =>
    makeNode({ id: `${node.id}/part_${index}`, op: 'get', inputs: [node.id], attrs: { index }, type, origin: [] }),
  )
  const nodes = { ...part.graph.nodes, ...Object.fromEntries(gets.map(get => [get.id, get])) }
  const outputs = gets.map(({ id }, index) => ({ name: `y${index}`, node: id }))
  return { ...part, graph: { ...part.graph, nodes, results: { ...part.graph.results, outputs } } }
}

function suspect(kind: 'kernel' | 'program', { name }: Backend, { id, op, origin }: Node, problem: string, reproduction: Case): Suspect {
  return { kind, name, rule: undefined, node: id, op, origin, problem, reproduction }
}
