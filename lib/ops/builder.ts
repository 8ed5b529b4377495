// GraphBuilder: emits nodes with inferred types, readable ids and origins; the one way graphs are made.

import { TraceError } from '../ir/errors.js'
import { freezeGraph, type Graph, makeNode, type Node, type Results, type VariableInfo, type VariableKind } from '../ir/graph.js'
import { isTuple, type TensorType, type ValueType } from '../ir/types.js'
import type { OpAttrs, OpName } from '../ir/vocabulary.js'
import type { CommonName } from './commonOps.js'
import { know } from './definitions.js'
import { inferType } from './infer.js'
import type { Definitions } from './op.js'
import { SymbolicTensor } from './symbolic.js'

/** A tensor inside a graph that is being built. */
export class TracedTensor extends SymbolicTensor {
  readonly builder: GraphBuilder
  readonly id: string

  constructor(builder: GraphBuilder, id: string, type: TensorType) {
    super(type)
    this.builder = builder
    this.id = id
  }

  protected override describe(): string {
    return `${this.builder.purpose}: "${this.id}"`
  }
}

/** The results of a graph as traced tensors. */
export interface TracedResults {
  readonly outputs: readonly { readonly name: string; readonly value: TracedTensor }[]
  readonly losses?: readonly { readonly name: string; readonly value: TracedTensor }[]
  readonly updates?: Readonly<Record<string, TracedTensor>>
}

export class GraphBuilder {
  /** What is being traced, for error messages: `model "net"`, `lambda "swish"`. */
  readonly purpose: string
  private readonly inputs: string[] = []
  private readonly variables: Record<string, VariableInfo> = {}
  private readonly variableNodes = new Map<string, TracedTensor>()
  private readonly nodes: Record<string, Node> = {}
  private readonly counts = new Map<string, number>()
  private path: readonly string[] = []
  private origin: readonly string[] = []

  constructor(purpose: string) {
    this.purpose = purpose
  }

  /** Runs `body` with ids under `name` and nodes said to come from `origin`; both nest. */
  within<T>(name: string, origin: string, body: () => T): T {
    const [path, label] = [this.path, this.origin]
    this.path = [...path, name]
    this.origin = [[...label, origin].join('/')]
    try {
      return body()
    } finally {
      this.path = path
      this.origin = label
    }
  }

  input(name: string, type: TensorType): TracedTensor {
    const tensor = this.node('input', [], { name, ...type }, { id: this.unique(name) })
    this.inputs.push(tensor.id)
    return tensor
  }

  /** The value of a variable at the start of the run; declared on first use. */
  variable(name: string, type: TensorType, kind: VariableKind): TracedTensor {
    const known = this.variableNodes.get(name)
    if (known) return known
    this.variables[name] = { type, kind }
    const tensor = this.node('variable', [], { name, ...type }, { id: this.unique(name), origin: [] })
    this.variableNodes.set(name, tensor)
    return tensor
  }

  /** A constant; one value fills the shape. */
  constant(data: readonly number[], type: TensorType): TracedTensor {
    return this.emit('constant', [], { data, ...type })
  }

  /** Applies an op to tensors of this builder; `hint` names the node instead of its op. */
  emit<K extends CommonName>(op: K, operands: readonly TracedTensor[], attrs: OpAttrs[K], hint: string = op): TracedTensor {
    return this.emitAny(op, operands, attrs, hint)
  }

  /** The same for an op that is not common, of a family in rareOps.ts: from now on it is known here. */
  emitFrom<K extends keyof Definitions, F extends Pick<Definitions, K>>(
    family: F,
    op: K,
    operands: readonly TracedTensor[],
    attrs: OpAttrs[K],
  ): TracedTensor {
    know(family)
    return this.emitAny(op, operands, attrs)
  }

  /** The same for any op that is known, such as that of a node of another graph. */
  emitAny<K extends OpName>(op: K, operands: readonly TracedTensor[], attrs: OpAttrs[K], hint: string = op): TracedTensor {
    return this.node(op, operands, attrs, { id: this.unique([...this.path, hint].join('/')) })
  }

  /** Applies a region op whose body is a closed graph; gives each part of its result. */
  emitRegion<K extends 'fused' | 'scan'>(op: K, operands: readonly TracedTensor[], attrs: OpAttrs[K], body: Graph): TracedTensor[] {
    const id = this.unique([...this.path, op].join('/'))
    const type = this.add(op, id, operands, attrs, this.origin, body)
    if (!isTuple(type)) return [new TracedTensor(this, id, type)]
    return type.tuple.map((part, index) => {
      const getId = this.unique(`${id}/get`)
      this.nodes[getId] = makeNode({ id: getId, op: 'get', inputs: [id], attrs: { index }, type: part, origin: this.origin })
      return new TracedTensor(this, getId, part)
    })
  }

  typeOf(tensor: TracedTensor): TensorType {
    return tensor.type
  }

  /** The finished graph, frozen. The builder may go on: what it adds later is in later graphs. */
  build({ outputs, losses = [], updates = {} }: TracedResults): Graph {
    const results: Results = {
      outputs: outputs.map(({ name, value }) => ({ name, node: this.own(value).id })),
      losses: losses.map(({ name, value }) => ({ name, node: this.own(value).id })),
      updates: Object.fromEntries(Object.entries(updates).map(([name, value]) => [name, this.own(value).id])),
    }
    return freezeGraph({ inputs: [...this.inputs], variables: { ...this.variables }, nodes: { ...this.nodes }, results })
  }

  private node<K extends OpName>(
    op: K,
    operands: readonly TracedTensor[],
    attrs: OpAttrs[K],
    at: { id: string; origin?: readonly string[] },
  ): TracedTensor {
    const type = this.add(op, at.id, operands, attrs, at.origin ?? this.origin)
    if (isTuple(type)) throw new Error(`internal: ${op} gives a tuple; use emitRegion`)
    return new TracedTensor(this, at.id, type)
  }

  private add(
    op: OpName,
    id: string,
    operands: readonly TracedTensor[],
    attrs: OpAttrs[OpName],
    origin: readonly string[],
    body?: Graph,
  ): ValueType {
    const types = operands.map(operand => this.own(operand).type)
    const type = inferType({ id, op, attrs, body }, types)
    this.nodes[id] = makeNode({ id, op, inputs: operands.map(operand => operand.id), attrs, type, origin, body })
    return type
  }

  /** A tensor of another trace would silently name an unrelated node here. */
  private own(tensor: TracedTensor): TracedTensor {
    if (tensor.builder === this) return tensor
    throw new TraceError(
      `${this.purpose} uses a tensor of another trace (${tensor.builder.purpose})`,
      'pass it as an input instead of closing over it',
    )
  }

  private unique(stem: string): string {
    for (;;) {
      const count = this.counts.get(stem) ?? 0
      this.counts.set(stem, count + 1)
      const id = count === 0 ? stem : `${stem}_${count}`
      if (!Object.hasOwn(this.nodes, id)) return id
    }
  }
}
