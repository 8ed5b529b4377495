// foldConstants: computes what depends on constants only.

import { type Node, type NodeId, tensorType } from '../lib/ir/graph.js'
import { isConcrete, type Shape, sizeOf, type TensorType } from '../lib/ir/types.js'
import type { OpName } from '../lib/ir/vocabulary.js'
import { elementwiseOps } from '../lib/ops/commonOps.js'
import { evaluateOp } from '../lib/ops/evaluate.js'
import type { Value } from '../lib/ops/op.js'
import { opTable } from '../lib/ops/table.js'
import { fillOf, shapeOf } from './match.js'
import type { Pass, Rule, View } from './pass.js'
import { rewriteGraph } from './rewrite.js'

/** The most elements that a folded constant, or an operand of it, may have: more belongs in weights. */
const limit = 1024

const unfoldable: ReadonlySet<OpName> = new Set<OpName>(['constant', 'iota', 'random_bits', 'dropout'])
const foldable = (Object.keys(opTable) as OpName[]).filter(op => !('structural' in opTable[op]) && !unfoldable.has(op))

/** Ops that only move elements, so that a value which is the same everywhere stays so. */
const moving: ReadonlySet<OpName> = new Set<OpName>(['reshape', 'broadcast', 'transpose', 'reverse', 'slice', 'concat', 'pad'])

const rules = [
  {
    name: 'foldFill',
    formula: 'f(c, d) → constant, where c and d are the same everywhere',
    why: 'f is elementwise or moves elements, so one value is computed, in float32, whatever the shape',
    numerics: 'exact',
    ops: foldable.filter(op => elementwiseOps.has(op) || moving.has(op)),
    rewrite(node, view) {
      const fills = node.inputs.map(id => fillOf(view.at(id)))
      const [first] = fills
      if (first === undefined || fills.some(fill => fill === undefined) || findsSize(node, view)) return undefined
      if (moving.has(node.op)) return fills.every(fill => Object.is(fill, first)) ? emitConstant([first], node, view) : undefined
      const scalars = node.inputs.map((id, k): Value => scalarOf(tensorType(view.at(id)), fills[k] as number))
      return emitConstant(Array.from(evaluateOp(node.op, scalars, node.attrs, 'float32').data), node, view)
    },
  },
  {
    name: 'foldConstant',
    formula: 'f(constants) → constant',
    why: 'computed in float32, op by op, as a run would; up to 1,024 elements; never random_bits',
    numerics: 'exact',
    ops: foldable,
    rewrite(node, view) {
      const { shape } = tensorType(node)
      if (node.inputs.length === 0 || !isSmall(shape)) return undefined
      const operands = node.inputs.map(id => knownValue(view.at(id)))
      const known = operands.filter(value => value !== undefined)
      if (known.length < operands.length) return undefined
      return emitConstant(Array.from(evaluateOp(node.op, known, node.attrs, 'float32').data), node, view)
    },
  },
] as const satisfies readonly Rule[]

/** Whether `specialise` learns a size from this node: a constant would name it, but not know it. */
function findsSize(node: Node, view: View): boolean {
  const known: Shape[] = node.inputs.map(id => shapeOf(view.at(id)))
  if ('shape' in node.attrs) known.push(node.attrs.shape)
  return shapeOf(node).some(size => typeof size === 'string' && !known.some(shape => shape.includes(size)))
}

function isSmall(shape: Shape): shape is readonly number[] {
  return isConcrete(shape) && sizeOf(shape) <= limit
}

/** The value of a constant or iota that is small enough. */
function knownValue(node: Node): Value | undefined {
  if ((node.op !== 'constant' && node.op !== 'iota') || !isSmall(node.attrs.shape)) return undefined
  return evaluateOp(node.op, [], node.attrs, 'float32')
}

function scalarOf({ dtype }: TensorType, fill: number): Value {
  return evaluateOp('constant', [], { data: [fill], dtype, shape: [] }, 'float32')
}

/** A constant of a node's type; equal values are written once. */
function emitConstant(data: readonly number[], node: Node, view: View): NodeId | undefined {
  if (data.length === 0) return undefined
  const [first] = data
  const same = data.every(value => Object.is(value, first))
  return view.emit('constant', [], { data: same ? data.slice(0, 1) : data, ...tensorType(node) })
}

/** Computes what depends on constants only, as far as the results stay small. */
export const foldConstants = {
  name: 'foldConstants',
  description: 'compute what depends on constants only',
  numerics: 'exact',
  idempotent: true,
  rules,
  run: (graph, context) => rewriteGraph(graph, rules, context),
} satisfies Pass
