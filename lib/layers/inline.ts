// inlineGraph: emits a closed graph's nodes again at another place, on operands of other sizes.

import { ShapeError, VerifyError } from '../ir/errors.js'
import { type Graph, type Node, type NodeId, nodeAt, tensorType } from '../ir/graph.js'
import { topologicalOrder } from '../ir/order.js'
import type { Shape, Size, TensorType } from '../ir/types.js'
import type { OpAttrs, OpName } from '../ir/vocabulary.js'
import type { GraphBuilder, TracedTensor } from '../ops/builder.js'

/** What the symbols of a body stand for at the place where it is emitted. */
export type SizeMap = Map<string, Size>

/**
 * Emits the live nodes of `body`, a graph without variables and regions, with its inputs replaced by operands in order.
 * Types are inferred anew: symbols of the body become the operands' sizes.
 * @returns the outputs, in order.
 * @throws ShapeError or DTypeError when the operands do not fit.
 */
export function inlineGraph(builder: GraphBuilder, body: Graph, operands: readonly TracedTensor[]): TracedTensor[] {
  const sizes: SizeMap = new Map()
  const types = inputTypes(body)
  const problem = mismatch(
    types,
    operands.map(operand => operand.type),
    sizes,
  )
  if (problem) throw new ShapeError(problem, Object.fromEntries(operands.map((operand, k) => [`input ${k}`, operand.type])))
  const emitted = new Map(body.inputs.map((id, k) => [id, operands[k] as TracedTensor]))
  const definers = definersOf(body)
  const needed = neededIds(body, definers)
  let pending = topologicalOrder(body).filter(node => node.op !== 'input' && needed.has(node.id))
  while (pending.length > 0) {
    const waiting = pending.filter(node => {
      const ready = node.inputs.every(id => emitted.has(id)) && !attrSymbols(node).some(size => definers.has(size) && !sizes.has(size))
      if (!ready) return true
      const inputs = node.inputs.map(id => emitted.get(id) as TracedTensor)
      const result = builder.emitAny(node.op, inputs, attrsAt(node, sizes), lastPart(node.id))
      learn(tensorType(node).shape, result.type.shape, sizes)
      emitted.set(node.id, result)
      return false
    })
    if (waiting.length === pending.length) throw new VerifyError(`the sizes of "${waiting[0]?.id}" depend on themselves`)
    pending = waiting
  }
  return body.results.outputs.map(({ node }) => emitted.get(node) as TracedTensor)
}

/** For each size that the body derives, a node it comes from: one that mentions it can come no earlier. */
function definersOf(body: Graph): ReadonlyMap<string, NodeId> {
  const definers = new Map<string, NodeId>()
  for (const node of topologicalOrder(body)) {
    if (node.op === 'input') continue
    const known = new Set<Size>([...attrSymbols(node), ...node.inputs.flatMap(id => tensorType(nodeAt(body, id)).shape)])
    for (const size of tensorType(node).shape)
      if (typeof size === 'string' && !known.has(size) && !definers.has(size)) definers.set(size, node.id)
  }
  return definers
}

/** What the outputs reach, through operands and through the sizes that attributes mention. */
function neededIds(body: Graph, definers: ReadonlyMap<string, NodeId>): ReadonlySet<NodeId> {
  const needed = new Set<NodeId>()
  const stack = body.results.outputs.map(output => output.node)
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (needed.has(id)) continue
    needed.add(id)
    const node = nodeAt(body, id)
    stack.push(...node.inputs, ...attrSymbols(node).flatMap(size => definers.get(size) ?? []))
  }
  return needed
}

function attrSymbols(node: Node): string[] {
  return node.op !== 'input' && 'shape' in node.attrs ? node.attrs.shape.filter(size => typeof size === 'string') : []
}

/** @throws VerifyError for a body that cannot be inlined: it may have come from a file. */
export function checkInlinable(body: Graph): Graph {
  const { losses, updates } = body.results
  const open = Object.keys(body.variables).length + losses.length + Object.keys(updates).length > 0
  if (open) throw new VerifyError('a body has no variables, losses or updates')
  const region = Object.values(body.nodes).find(node => node.body || node.op === 'get')
  if (region) throw new VerifyError(`a body has no regions, but "${region.id}" is a ${region.op}`)
  return body
}

/** @throws VerifyError for a body that speaks of a size that neither its inputs nor its nodes give. */
export function checkSizes(body: Graph): Graph {
  const definers = definersOf(body)
  const given = new Set(inputTypes(body).flatMap(type => type.shape))
  for (const node of Object.values(body.nodes)) {
    const odd = attrSymbols(node).find(size => !given.has(size) && !definers.has(size))
    if (odd !== undefined) throw new VerifyError(`"${node.id}" speaks of size "${odd}", which nothing gives`)
  }
  return body
}

export function inputTypes(body: Graph): TensorType[] {
  return body.inputs.map(id => tensorType(nodeAt(body, id)))
}

/**
 * Why operands of the types `given` do not fit inputs of the types `wanted`, or undefined if they do; `sizes` then says
 * what each symbol of `wanted` stands for.
 */
export function mismatch(wanted: readonly TensorType[], given: readonly TensorType[], sizes: SizeMap): string | undefined {
  if (wanted.length !== given.length) return `takes ${wanted.length} inputs and masks, got ${given.length}`
  for (const [k, { dtype, shape }] of wanted.entries()) {
    const actual = given[k] as TensorType
    if (actual.dtype !== dtype || actual.shape.length !== shape.length) return `was traced for another input ${k}`
    for (const [axis, size] of shape.entries()) {
      const here = actual.shape[axis] as Size
      const known = typeof size === 'string' ? (sizes.get(size) ?? here) : size
      if (known !== here) return `was traced for size ${size} at axis ${axis} of input ${k}`
      if (typeof size === 'string') sizes.set(size, here)
    }
  }
  return undefined
}

function attrsAt(node: Node, sizes: SizeMap): OpAttrs[OpName] {
  if (!('shape' in node.attrs)) return node.attrs
  return { ...node.attrs, shape: node.attrs.shape.map(size => (typeof size === 'string' ? (sizes.get(size) ?? size) : size)) }
}

/** What the derived symbols of a node turned out to be. */
function learn(before: Shape, after: Shape, sizes: SizeMap): void {
  before.forEach((size, axis) => {
    if (typeof size === 'string' && !sizes.has(size)) sizes.set(size, after[axis] as Size)
  })
}

function lastPart(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1)
}
