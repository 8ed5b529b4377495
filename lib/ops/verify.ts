// verify: every invariant of a graph, stated once and checked after each pass in tests.

import { KerafoldError, VerifyError } from '../ir/errors.js'
import { type Graph, type Node, resultIds } from '../ir/graph.js'
import { topologicalOrder } from '../ir/order.js'
import { isTuple, type Size, sameType, showType, type TensorType, type ValueType } from '../ir/types.js'
import { checkAttributes } from './attributes.js'
import { know } from './definitions.js'
import { inferType } from './infer.js'
import { isOpName, opTable } from './table.js'

/**
 * Checks a graph: ids match keys, operands exist and form no cycle, inputs are exactly the input nodes and their
 * names differ, attributes are of their kinds, every type is the one its op infers, variables are declared in the
 * types that read and update them, losses are float32 scalars, regions are closed.
 * @returns the graph, so that it can wrap an expression.
 * @throws VerifyError with the node and the invariant.
 */
export function verify(graph: Graph): Graph {
  know(opTable)
  verifyGraph(graph, 'graph')
  return graph
}

function verifyGraph(graph: Graph, where: string): void {
  const fail = (problem: string): never => {
    throw new VerifyError(`${where}: ${problem}`)
  }
  for (const [key, node] of Object.entries(graph.nodes)) {
    if (key !== node.id) fail(`node "${node.id}" is filed under "${key}"`)
    if (!isOpName(node.op)) fail(`"${key}": there is no op "${String(node.op)}"`)
    for (const id of node.inputs) if (!Object.hasOwn(graph.nodes, id)) fail(`"${key}" reads "${id}", which does not exist`)
  }
  for (const id of resultIds(graph)) if (!Object.hasOwn(graph.nodes, id)) fail(`a result is "${id}", which does not exist`)
  const names = new Set<string>()
  for (const id of graph.inputs) {
    const node = graph.nodes[id]
    if (node?.op !== 'input') fail(`input "${id}" is no input node`)
    else if (names.has(node.attrs.name)) fail(`two inputs are named "${node.attrs.name}"`)
    else names.add(node.attrs.name)
  }
  if (new Set(graph.inputs).size !== graph.inputs.length) fail('an input is listed twice')
  const order = withReason(where, () => topologicalOrder(graph))
  for (const node of order) verifyNode(graph, node, where, fail)
  verifyResults(graph, fail)
}

function verifyNode(graph: Graph, node: Node, where: string, fail: (problem: string) => never): void {
  if (node.op === 'input' && !graph.inputs.includes(node.id)) fail(`input node "${node.id}" is not among the inputs`)
  checkAttributes(node.id, node.op, { ...node.attrs })
  if (!node.origin.every(origin => typeof origin === 'string')) fail(`"${node.id}": origins are strings`)
  if (node.op === 'variable') {
    const info = graph.variables[node.attrs.name]
    if (!info) fail(`"${node.id}" reads variable "${node.attrs.name}", which is not declared`)
    else if (!sameType(info.type, node.type)) fail(`"${node.id}" is ${showType(node.type)}, but its variable ${showType(info.type)}`)
  }
  if ((node.op === 'fused' || node.op === 'scan') !== (node.body !== undefined))
    fail(`"${node.id}" (${node.op}) ${node.body ? 'has' : 'lacks'} a region`)
  if (node.body) {
    verifyGraph(node.body, `${where} > ${node.id}`)
    const { losses, updates } = node.body.results
    if (Object.keys(node.body.variables).length > 0 || losses.length > 0 || Object.keys(updates).length > 0) {
      fail(`the region of "${node.id}" is not closed: variables, losses and updates belong outside`)
    }
  }
  const types = node.inputs.map(id => graph.nodes[id]?.type as ValueType)
  const inferred = withReason(`${where}: "${node.id}" (${node.op})`, () => inferType(node, types, { fresh: () => anySize }))
  if (!matches(inferred, node.type)) fail(`"${node.id}" (${node.op}) says ${showType(node.type)} but infers ${showType(inferred)}`)
}

function verifyResults(graph: Graph, fail: (problem: string) => never): void {
  const { outputs, losses, updates } = graph.results
  if (new Set(outputs.map(output => output.name)).size !== outputs.length) fail('two outputs have one name')
  const typeOf = (id: string) => graph.nodes[id]?.type as ValueType
  for (const { name, node } of outputs) if (isTuple(typeOf(node))) fail(`output "${name}" is a tuple`)
  const scalar: TensorType = { dtype: 'float32', shape: [] }
  for (const { name, node } of losses)
    if (!sameType(typeOf(node), scalar)) fail(`loss "${name}" is ${showType(typeOf(node))}, not float32[]`)
  for (const [name, node] of Object.entries(updates)) {
    const info = graph.variables[name]
    if (!info) fail(`an update writes variable "${name}", which is not declared`)
    else if (!sameType(info.type, typeOf(node)))
      fail(`the update of "${name}" is ${showType(typeOf(node))}, the variable ${showType(info.type)}`)
  }
}

/** A size that a type rule cannot know: whatever name the node declares for it stands. */
const anySize = '?'

function matches(inferred: ValueType, declared: ValueType): boolean {
  if (isTuple(inferred) || isTuple(declared)) {
    return (
      isTuple(inferred) &&
      isTuple(declared) &&
      inferred.tuple.length === declared.tuple.length &&
      inferred.tuple.every((part, k) => matches(part, declared.tuple[k] as TensorType))
    )
  }
  const sizes = (size: Size, axis: number) =>
    size === declared.shape[axis] || (size === anySize && typeof declared.shape[axis] === 'string')
  return inferred.dtype === declared.dtype && inferred.shape.length === declared.shape.length && inferred.shape.every(sizes)
}

function withReason<T>(where: string, f: () => T): T {
  try {
    return f()
  } catch (error) {
    if (error instanceof VerifyError || !(error instanceof KerafoldError)) throw error
    throw new VerifyError(`${where}: ${error.message}`)
  }
}
