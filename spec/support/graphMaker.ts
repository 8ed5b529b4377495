// GraphMaker: grows a legal graph step by step, where each step names operands by position modulo what exists.

import type { Graph, VariableKind } from '../../lib/ir/graph.js'
import { topologicalOrder } from '../../lib/ir/order.js'
import { isTuple, type Shape, type Size, sameType, showType, type TensorType, type ValueType } from '../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'

/** Numbers that decide what a step does; reading past the end gives 0, the simplest choice. */
export class Picks {
  private readonly numbers: readonly number[]
  private at = 0

  constructor(numbers: readonly number[]) {
    this.numbers = numbers
  }

  /** A whole number from 0 to `count` − 1. */
  next(count: number): number {
    return (this.numbers[this.at++] ?? 0) % count
  }

  of<T>(items: readonly T[]): T {
    return items[this.next(items.length)] as T
  }
}

/** Adds something to a graph. */
export type Step = (maker: GraphMaker, picks: Picks) => void

export class GraphMaker {
  readonly builder = new GraphBuilder('test graph')
  /** What later steps may read. */
  readonly pool: TracedTensor[] = []
  private readonly read = new Set<string>()
  private readonly losses: TracedTensor[] = []
  private readonly updates: Record<string, TracedTensor> = {}
  private inputCount = 0

  /** A pooled tensor that fits, or a new input where none does. */
  take(picks: Picks, fallback: TensorType, fits: (type: TensorType) => boolean = type => sameType(type, fallback)): TracedTensor {
    const candidates = this.pool.filter(tensor => fits(tensor.type))
    return candidates.length > 0 ? picks.of(candidates) : this.input(fallback)
  }

  input(type: TensorType): TracedTensor {
    const tensor = this.builder.input(`in${this.inputCount++}`, type)
    this.pool.push(tensor)
    return tensor
  }

  /** A variable named after its type and kind, so that steps share some. */
  variable(stem: string, type: TensorType, kind: VariableKind): TracedTensor {
    return this.builder.variable(`${stem} ${kind} ${showType(type)}`, type, kind)
  }

  emit<K extends OpName>(op: K, operands: readonly TracedTensor[], attrs: OpAttrs[K]): TracedTensor {
    for (const { id } of operands) this.read.add(id)
    return this.builder.emitAny(op, operands, attrs)
  }

  /** Emits an op and lets later steps read its result. */
  add<K extends OpName>(op: K, operands: readonly TracedTensor[], attrs: OpAttrs[K]): TracedTensor {
    const tensor = this.emit(op, operands, attrs)
    this.pool.push(tensor)
    return tensor
  }

  loss(scalar: TracedTensor): void {
    this.read.add(scalar.id)
    this.losses.push(scalar)
  }

  /** Updates a variable, unless an earlier step already does. */
  update(name: string, value: TracedTensor): void {
    if (Object.hasOwn(this.updates, name)) return
    this.read.add(value.id)
    this.updates[name] = value
  }

  /**
   * Copies a graph into this one. Its inputs become pooled tensors of their types; its outputs, and now and then every
   * value in it, join the pool.
   */
  embed(graph: Graph, picks: Picks): void {
    const tensors = new Map<string, TracedTensor>()
    const symbols = new Map<string, Size>()
    const stem = picks.of(['a', 'b'])
    const to = (id: string) => tensors.get(id) as TracedTensor
    const nameOf = new Map<string, string>()
    for (const node of topologicalOrder(graph)) {
      if (isTuple(node.type)) throw new Error('only graphs without tuples are embedded')
      if (node.op === 'input') tensors.set(node.id, this.take(picks, node.type))
      else if (node.op === 'variable') {
        const { name } = node.attrs
        const variable = this.variable(`${stem}/${name}`, node.type, graph.variables[name]?.kind ?? 'weight')
        nameOf.set(name, `${stem}/${name} ${graph.variables[name]?.kind} ${showType(node.type)}`)
        tensors.set(node.id, variable)
      } else {
        const tensor = this.emit(node.op, node.inputs.map(to), renamed(node.attrs, symbols))
        learnSymbols(node.type, tensor.type, symbols)
        tensors.set(node.id, tensor)
      }
    }
    const { outputs, losses, updates } = graph.results
    const isOpen = picks.next(6) === 5
    const given = isOpen ? [...tensors.keys()] : outputs.map(output => output.node)
    for (const id of given) if (!this.pool.includes(to(id))) this.pool.push(to(id))
    for (const { node } of losses) this.loss(to(node))
    for (const [name, id] of Object.entries(updates)) {
      const info = graph.variables[name]
      if (!info) continue
      const variable = this.variable(`${stem}/${name}`, info.type, info.kind)
      this.update(nameOf.get(name) ?? variable.id, to(id))
    }
  }

  /** The finished graph: most of what nothing reads is an output, the rest is dead. */
  finish(picks: Picks): Graph {
    const sinks = this.pool.filter(tensor => !this.read.has(tensor.id))
    const shown = sinks.filter(() => picks.next(8) !== 7)
    const outputs = shown.length > 0 ? shown : this.pool.slice(-1)
    if (picks.next(4) === 3) outputs.push(picks.of(this.pool))
    return this.builder.build({
      outputs: outputs.map((value, k) => ({ name: `out${k}`, value })),
      losses: this.losses.map((value, k) => ({ name: `loss${k}`, value })),
      updates: this.updates,
    })
  }
}

/** Attributes with sizes named as in the new graph. */
function renamed<K extends OpName>(attrs: OpAttrs[K], symbols: ReadonlyMap<string, Size>): OpAttrs[K] {
  if (!('shape' in attrs)) return attrs
  const shape = (attrs.shape as Shape).map(size => (typeof size === 'string' ? (symbols.get(size) ?? size) : size))
  return { ...attrs, shape }
}

function learnSymbols(old: ValueType, now: TensorType, symbols: Map<string, Size>): void {
  if (isTuple(old)) return
  old.shape.forEach((size, axis) => {
    const known = now.shape[axis]
    if (typeof size === 'string' && known !== undefined && known !== size) symbols.set(size, known)
  })
}
