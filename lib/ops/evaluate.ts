// Evaluation of ops and graphs by their definitions: the oracle, and the constant folder.

import { ArgumentError } from '../ir/errors.js'
import { type Graph, type Node, nodeAt, type Result } from '../ir/graph.js'
import { liveIds, topologicalOrder } from '../ir/order.js'
import type { OpAttrs, OpName } from '../ir/vocabulary.js'
import { know } from './definitions.js'
import { evaluationOf } from './evaluation/table.js'
import { inferType, siteOf } from './infer.js'
import type { Definition, Emitter, Value } from './op.js'
import { opTable } from './table.js'
import { makeValue, roundValue } from './values.js'

export type Mode = 'train' | 'infer'

/** float64 keeps doubles throughout; float32 rounds each op's result. */
export type Precision = 'float64' | 'float32'

export interface Feeds {
  /** By the name of the input. */
  readonly inputs: Readonly<Record<string, Value>>
  readonly variables: Readonly<Record<string, Value>>
}

export interface EvaluationOptions {
  /** The side of `phase` that is evaluated; inference by default. */
  readonly mode?: Mode
  readonly precision?: Precision
  /** Called after each node; for tracing where two evaluations part. */
  readonly watch?: (node: Node, value: Value | readonly Value[]) => void
}

export interface Evaluation {
  readonly outputs: Readonly<Record<string, Value>>
  readonly losses: readonly { readonly name: string; readonly value: Value }[]
  readonly updates: Readonly<Record<string, Value>>
}

type Slot = Value | readonly Value[]

/**
 * Evaluates every node that is not dead; all sizes must be bound.
 * @throws ArgumentError when a feed is missing.
 */
export function evaluateGraph(graph: Graph, feeds: Feeds, options: EvaluationOptions = {}): Evaluation {
  know(opTable)
  const slots = new Map<string, Slot>()
  const read = (id: string): Value => {
    const slot = slots.get(id)
    if (!slot || Array.isArray(slot)) throw new Error(`internal: "${id}" has no tensor value`)
    return slot as Value
  }
  const live = liveIds(graph)
  for (const node of topologicalOrder(graph)) {
    if (!live.has(node.id)) continue
    const slot = evaluateNode(
      node,
      node.inputs.map(id => slots.get(id) as Slot),
      feeds,
      options,
    )
    options.watch?.(node, slot)
    slots.set(node.id, slot)
  }
  const named = ({ name, node }: Result) => ({ name, value: read(node) })
  return {
    outputs: Object.fromEntries(graph.results.outputs.map(({ name, node }) => [name, read(node)])),
    losses: graph.results.losses.map(named),
    updates: Object.fromEntries(Object.entries(graph.results.updates).map(([name, node]) => [name, read(node)])),
  }
}

function evaluateNode(node: Node, operands: readonly Slot[], feeds: Feeds, options: EvaluationOptions): Slot {
  const { precision = 'float64' } = options
  switch (node.op) {
    case 'input':
      return enter(feed(feeds.inputs, node.attrs.name, 'input'), precision)
    case 'variable':
      return enter(feed(feeds.variables, node.attrs.name, 'variable'), precision)
    case 'phase':
      return operands[options.mode === 'train' ? 0 : 1] as Slot
    case 'get':
      return (operands[0] as readonly Value[])[node.attrs.index] as Value
    case 'fused': {
      const outputs = evaluateRegion(node.body as Graph, operands as readonly Value[], options)
      return outputs.length === 1 ? (outputs[0] as Value) : outputs
    }
    case 'scan':
      return evaluateScan(node.attrs, node.body as Graph, operands as readonly Value[], options)
    default:
      return evaluateOp(node.op, operands as readonly Value[], node.attrs, precision)
  }
}

/** The value of one primitive or composite. */
export function evaluateOp(op: OpName, operands: readonly Value[], attrs: OpAttrs[OpName], precision: Precision = 'float64'): Value {
  const definition: Definition = opTable[op]
  if ('structural' in definition) throw new Error(`internal: ${op} has no value of its own`)
  if ('decompose' in definition) return definition.decompose(valueEmitter(precision), operands, attrs)
  return enter(evaluationOf(op)(operands, attrs), precision)
}

/** Evaluates as it emits: how composites get their value. Types are inferred too, so that bad decompositions show. */
function valueEmitter(precision: Precision): Emitter<Value> {
  return {
    emit(op, operands, attrs) {
      inferType({ id: op, op, attrs }, operands, siteOf(op))
      return evaluateOp(op, operands, attrs, precision)
    },
    typeOf: value => value,
  }
}

function enter(value: Value, precision: Precision): Value {
  return precision === 'float32' ? roundValue(value) : value
}

function feed(values: Readonly<Record<string, Value>>, name: string, kind: string): Value {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (!value) throw new ArgumentError(`evaluation: no value is given for ${kind} "${name}"`)
  return value
}

/** The outputs of a closed graph applied to operands, in order. */
function evaluateRegion(body: Graph, operands: readonly Value[], options: EvaluationOptions): Value[] {
  const inputs = Object.fromEntries(
    body.inputs.map((id, k) => {
      const node = nodeAt(body, id)
      return [node.op === 'input' ? node.attrs.name : id, operands[k] as Value]
    }),
  )
  const { outputs } = evaluateGraph(body, { inputs, variables: {} }, options)
  return body.results.outputs.map(({ name }) => outputs[name] as Value)
}

function evaluateScan(attrs: OpAttrs['scan'], body: Graph, operands: readonly Value[], options: EvaluationOptions): Value[] {
  const { carries: count, sequences } = attrs
  let carries = operands.slice(0, count)
  const stacked = operands.slice(count, count + sequences)
  const constants = operands.slice(count + sequences)
  const length = stacked[0]?.shape[0] ?? 0
  const steps: Value[][] = []
  for (let k = 0; k < length; k++) {
    const at = attrs.reverse ? length - 1 - k : k
    const outputs = evaluateRegion(body, [...carries, ...stacked.map(x => entry(x, at)), ...constants], options)
    carries = outputs.slice(0, count)
    steps[at] = outputs.slice(count)
  }
  const types = body.results.outputs.slice(count).map(({ node }) => nodeAt(body, node).type)
  return [
    ...carries,
    ...types.map((type, k) =>
      stack(
        steps.map(step => step[k] as Value),
        'tuple' in type ? undefined : type,
      ),
    ),
  ]
}

function entry(x: Value, at: number): Value {
  const size = x.data.length / (x.shape[0] as number)
  return { dtype: x.dtype, shape: x.shape.slice(1), data: x.data.slice(at * size, (at + 1) * size) }
}

function stack(parts: readonly Value[], type: Node['type'] | undefined): Value {
  if (!type || 'tuple' in type) throw new Error('internal: a step output is a tuple')
  const shape = type.shape.map(Number)
  const out = makeValue(type.dtype, [parts.length, ...shape])
  parts.forEach((part, k) => {
    out.data.set(part.data, k * part.data.length)
  })
  return out
}
