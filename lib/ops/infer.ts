// The type of a node from its operands' types: arity, the op's rule, and the rules of tuples and regions.

import { DTypeError, ShapeError } from '../ir/errors.js'
import type { Graph, NodeFields } from '../ir/graph.js'
import { nodeAt, tensorType } from '../ir/graph.js'
import { isTuple, type Size, sameType, showType, type TensorType, type ValueType } from '../ir/types.js'
import type { OpAttrs, OpName } from '../ir/vocabulary.js'
import { definitionOf } from './definitions.js'
import type { Site } from './op.js'

/** Names unknown sizes after the node that makes them: "flatten/reshape:1". */
export function siteOf(id: string): Site {
  return { fresh: axis => `${id}:${axis}` }
}

/**
 * The type of `op` applied to operands of the given types.
 * @throws ShapeError or DTypeError when they do not fit.
 */
export function inferType(
  node: Omit<NodeFields, 'inputs' | 'type' | 'origin'>,
  operands: readonly ValueType[],
  site: Site = siteOf(node.id),
): ValueType {
  const { op, attrs, body } = node
  const definition = definitionOf(op)
  if (definition.arity !== 'any' && definition.arity !== operands.length) {
    throw new ShapeError(`${op} takes ${definition.arity} operands, got ${operands.length}`, nameOperands(operands))
  }
  if (op === 'get') return inferGet(operands[0] as ValueType, (attrs as OpAttrs['get']).index)
  const types = operands.map(type => {
    if (isTuple(type)) throw new DTypeError(`${op} cannot read a tuple; only get can`, nameOperands(operands))
    return type
  })
  if (!('structural' in definition)) return definition.infer(types, attrs, site)
  return inferStructural(op, attrs, types, body)
}

function inferStructural(op: OpName, attrs: OpAttrs[OpName], types: readonly TensorType[], body: Graph | undefined): ValueType {
  if (op === 'input' || op === 'variable') {
    const { dtype, shape } = attrs as OpAttrs['input']
    return { dtype, shape }
  }
  if (op === 'phase') return inferPhase(types[0] as TensorType, types[1] as TensorType)
  if (!body) throw new Error(`internal: ${op} without a region`)
  if (op === 'fused') {
    checkRegionInputs(op, body, types)
    const outputs = regionOutputs(body)
    return outputs.length === 1 ? (outputs[0] as TensorType) : { tuple: outputs }
  }
  return inferScan(attrs as OpAttrs['scan'], types, body)
}

function inferGet(tuple: ValueType, index: number): TensorType {
  const type = isTuple(tuple) ? tuple.tuple[index] : undefined
  if (!type) throw new ShapeError(`get: there is no part ${index}`, { tuple })
  return type
}

/** Both sides must agree where sizes are known; the inference side names the unknown ones. */
function inferPhase(train: TensorType, infer: TensorType): TensorType {
  const agree =
    train.dtype === infer.dtype &&
    train.shape.length === infer.shape.length &&
    infer.shape.every((size, axis) => fits(size, train.shape[axis] as Size))
  if (!agree) throw new ShapeError('phase needs the training and the inference side to be of one type', { train, infer })
  return infer
}

function inferScan({ carries, sequences }: OpAttrs['scan'], types: readonly TensorType[], body: Graph): ValueType {
  const stacked = types.slice(carries, carries + sequences)
  const length = stacked[0]?.shape[0]
  if (length === undefined || stacked.some(type => type.shape[0] === undefined || !fits(type.shape[0], length))) {
    throw new ShapeError('scan needs at least one sequence, all of one leading size', nameOperands(types))
  }
  const step = types.map((type, k) => (k >= carries && k < carries + sequences ? { dtype: type.dtype, shape: type.shape.slice(1) } : type))
  checkRegionInputs('scan', body, step)
  const outputs = regionOutputs(body)
  const kept = outputs.slice(0, carries)
  if (kept.length < carries || kept.some((type, k) => !sameType(type, types[k] as TensorType))) {
    throw new ShapeError('scan: each step must give the carries back in their own types', nameOperands(types))
  }
  return { tuple: [...kept, ...outputs.slice(carries).map(type => ({ dtype: type.dtype, shape: [length, ...type.shape] }))] }
}

function checkRegionInputs(op: string, body: Graph, types: readonly TensorType[]): void {
  const wanted = body.inputs.map(id => tensorType(nodeAt(body, id)))
  const ok = wanted.length === types.length && wanted.every((type, k) => sameType(type, types[k] as TensorType))
  if (!ok) throw new ShapeError(`${op}: the region takes (${wanted.map(showType).join(', ')})`, nameOperands(types))
}

function regionOutputs(body: Graph): TensorType[] {
  return body.results.outputs.map(({ node }) => tensorType(nodeAt(body, node)))
}

function fits(a: Size, b: Size): boolean {
  return a === b || typeof a === 'string' || typeof b === 'string'
}

function nameOperands(types: readonly ValueType[]): Record<string, ValueType> {
  return Object.fromEntries(types.map((type, k) => [`operand ${k}`, type]))
}
