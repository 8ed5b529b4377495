// specialise: binds symbolic sizes to numbers and infers every type again.

import { KerafoldError, ShapeError } from '../ir/errors.js'
import { freezeGraph, type Graph, makeNode, type Node, nodeAt, type VariableInfo } from '../ir/graph.js'
import { topologicalOrder } from '../ir/order.js'
import { isTuple, type Shape, type Size, type TensorType, type ValueType } from '../ir/types.js'
import type { OpAttrs, OpName } from '../ir/vocabulary.js'
import { inferType } from './infer.js'

export type Bindings = Readonly<Record<string, number>>

/**
 * The graph with its symbols bound: `specialise(graph, { batch: 32, time: 100 })`. Sizes derived from bound
 * symbols follow; symbols that are not mentioned stay.
 * @throws ShapeError when the bindings contradict each other or a type rule.
 */
export function specialise(graph: Graph, bindings: Bindings): Graph {
  const bound = new Map(Object.entries(bindings))
  // an attribute may name a size that only a later node finds out, in an order that passes may change
  for (;;) {
    const known = bound.size
    const result = rebuild(graph, bound, undefined)
    if (bound.size === known || !namesBoundSize(result, bound)) return freezeGraph(result)
  }
}

/** Whether an attribute was left with the name of a size that is known by now. */
function namesBoundSize(graph: Graph, bound: ReadonlyMap<string, number>): boolean {
  return Object.values(graph.nodes).some(({ attrs, body }) => {
    if (body && namesBoundSize(body, bound)) return true
    return 'shape' in attrs && attrs.shape.some(size => typeof size === 'string' && bound.has(size))
  })
}

/** Every symbol that occurs in the types of a graph's inputs and variables. */
export function freeSymbols(graph: Graph): Set<string> {
  const symbols = new Set<string>()
  const collect = (type: ValueType): void => {
    if (!isTuple(type)) for (const size of type.shape) if (typeof size === 'string') symbols.add(size)
  }
  for (const id of graph.inputs) collect(nodeAt(graph, id).type)
  for (const { type } of Object.values(graph.variables)) collect(type)
  return symbols
}

/**
 * The bindings that make the graph's inputs have the given shapes, by input name.
 * @throws ShapeError naming the input, when ranks or known sizes differ or one symbol would get two values.
 */
export function bindShapes(graph: Graph, shapes: Readonly<Record<string, readonly number[]>>): Record<string, number> {
  const bindings = new Map<string, { size: number; input: string }>()
  for (const id of graph.inputs) {
    const node = nodeAt(graph, id)
    if (node.op !== 'input') throw new Error(`internal: "${id}" is no input`)
    const { name, shape, dtype } = node.attrs
    const given = shapes[name]
    if (!given) throw new ShapeError(`input "${name}" is missing`, { expected: { dtype, shape } })
    const expected = { dtype, shape }
    if (given.length !== shape.length) {
      throw new ShapeError(`input "${name}" should have rank ${shape.length}, got rank ${given.length}`, {
        expected,
        got: { dtype, shape: given },
      })
    }
    shape.forEach((size, axis) => {
      const actual = given[axis] as number
      if (typeof size === 'number' && size !== actual) {
        throw new ShapeError(`input "${name}" should have ${size} at axis ${axis}, got ${actual}`, {
          expected,
          got: { dtype, shape: given },
        })
      }
      if (typeof size !== 'string') return
      const known = bindings.get(size)
      if (known && known.size !== actual) {
        const where = known.input === name ? 'elsewhere in it' : `in input "${known.input}"`
        throw new ShapeError(`input "${name}" has ${actual} at axis ${axis} ("${size}"), but ${known.size} ${where}`, {
          expected,
          got: { dtype, shape: given },
        })
      }
      bindings.set(size, { size: actual, input: name })
    })
  }
  return Object.fromEntries([...bindings].map(([symbol, { size }]) => [symbol, size]))
}

/** `operands` are the types that a region's inputs take. */
function rebuild(graph: Graph, bound: Map<string, number>, operands: readonly TensorType[] | undefined): Graph {
  const bind = (size: Size): Size => (typeof size === 'string' ? (bound.get(size) ?? size) : size)
  const bindShape = (shape: Shape): Shape => (shape.some(size => typeof size === 'string') ? shape.map(bind) : shape)
  const bindType = (type: ValueType): ValueType => (isTuple(type) ? type : { dtype: type.dtype, shape: bindShape(type.shape) })
  const nodes: Record<string, Node> = {}
  for (const node of topologicalOrder(graph)) {
    const position = node.op === 'input' && operands ? graph.inputs.indexOf(node.id) : -1
    const replaced = position >= 0 ? { ...node.attrs, ...operands?.[position] } : node.attrs
    const attrs = ('shape' in replaced ? { ...replaced, shape: bindShape(replaced.shape as Shape) } : replaced) as OpAttrs[OpName]
    const known = node.inputs.map(id => nodes[id]?.type as ValueType)
    const types = node.body ? known.map(bindType) : known // what an operand called by name may have been found out since
    const { body, inferred } = naming(operands ? undefined : node, () => {
      const body = node.body && rebuild(node.body, bound, regionOperands(node, types))
      return { body, inferred: inferType({ id: node.id, op: node.op, attrs, body }, types) }
    })
    const type = withKnownNames(inferred, node.type, bind)
    learn(node, node.type, type, bound)
    nodes[node.id] = makeNode({ ...node, attrs, type, body })
  }
  const variables: Record<string, VariableInfo> = {}
  for (const [name, info] of Object.entries(graph.variables))
    variables[name] = { ...info, type: { ...info.type, shape: bindShape(info.type.shape) } }
  return { inputs: graph.inputs, variables, nodes, results: graph.results }
}

/** What `infer` gives; what it throws names the layers that a node comes from, where there are any. */
function naming<T>(node: Node | undefined, infer: () => T): T {
  try {
    return infer()
  } catch (error) {
    const layers = new Set(node?.origin.map(origin => `"${origin.replace(/#\d+$/, '')}"`))
    if (error instanceof KerafoldError && layers.size > 0) error.message = `Layer ${[...layers].join(', ')}: ${error.message}`
    throw error
  }
}

function regionOperands(node: Node, types: readonly ValueType[]): TensorType[] {
  return types.map((type, k) => {
    if (isTuple(type)) throw new Error(`internal: "${node.id}" reads a tuple`)
    if (node.op !== 'scan') return type
    const { carries, sequences } = node.attrs
    return k >= carries && k < carries + sequences ? { dtype: type.dtype, shape: type.shape.slice(1) } : type
  })
}

/** Keeps the declared name of a size that is still unknown: a pass may have moved it to a node of another id. */
function withKnownNames(inferred: ValueType, declared: ValueType, bind: (size: Size) => Size): ValueType {
  if (isTuple(inferred) || isTuple(declared)) return inferred
  return {
    dtype: inferred.dtype,
    shape: inferred.shape.map((size, axis) => (typeof size === 'string' ? bind(declared.shape[axis] ?? size) : size)),
  }
}

/** Learns what the derived symbols of a node turned out to be. */
function learn(node: Node, before: ValueType, after: ValueType, bound: Map<string, number>): void {
  if (isTuple(before) || isTuple(after)) return
  before.shape.forEach((size, axis) => {
    const now = after.shape[axis]
    if (typeof now !== 'number') return
    const known = typeof size === 'number' ? size : bound.get(size)
    if (known === undefined) bound.set(size as string, now)
    else if (known !== now) {
      throw new ShapeError(
        `"${node.id}" (${node.op}): axis ${axis} was to be ${typeof size === 'string' ? `"${size}" = ` : ''}${known} but is ${now}`,
        {
          traced: before,
          specialised: after,
        },
      )
    }
  })
}
