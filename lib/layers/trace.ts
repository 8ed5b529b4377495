// Trace: a tensor graph in the making, as layers see it: weights, losses, updates, random streams, both modes.

import type { Graph } from '../ir/graph.js'
import { GraphBuilder, type TracedTensor } from '../ops/builder.js'
import type { Variable } from './variable.js'

export interface NamedTensor {
  readonly name: string
  readonly value: TracedTensor
}

/** A graph with the variables its names stand for. */
export interface TracedGraph {
  readonly graph: Graph
  readonly variables: ReadonlyMap<string, Variable>
}

/** A call at which a mask ended, because its layer does not support masks. */
export interface MaskEnd {
  readonly title: string
  /** Whether the record knows of it, since the call was recorded with a mask. */
  readonly recorded: boolean
}

export class Trace {
  readonly builder: GraphBuilder
  /** Whether only what inference computes is wanted: no training sides, losses, or updates but those of recurrent state. */
  readonly inferring: boolean
  /** Where masks ended so far, layers of nested models included. */
  readonly maskEnds: MaskEnd[] = []
  private readonly names = new Map<Variable, string>()
  private readonly taken = new Set<string>()
  private readonly losses: NamedTensor[] = []
  private readonly updates = new Map<Variable, TracedTensor>()
  private readonly uses = new Map<string, number>()

  constructor(purpose: string, inferring = false) {
    this.builder = new GraphBuilder(purpose)
    this.inferring = inferring
  }

  /** The value of a variable at the start of the run. */
  read(variable: Variable): TracedTensor {
    return this.builder.variable(this.nameOf(variable), variable.type, variable.kind)
  }

  /** The variable's path, numbered where another variable of this trace has the same. */
  private nameOf(variable: Variable): string {
    const known = this.names.get(variable)
    if (known !== undefined) return known
    let name = variable.path
    for (let k = 1; this.taken.has(name); k++) name = `${variable.path}_${k}`
    this.names.set(variable, name)
    this.taken.add(name)
    return name
  }

  addLoss(name: string, value: TracedTensor): void {
    if (!this.inferring) this.losses.push({ name, value })
  }

  /** Gives a variable a new value after the run. */
  update(variable: Variable, value: TracedTensor): void {
    this.read(variable)
    this.updates.set(variable, value)
  }

  /** The value a variable will have after what was traced so far. */
  latest(variable: Variable): TracedTensor {
    return this.updates.get(variable) ?? this.read(variable)
  }

  /** A counter that no other draw of this trace shares; the variable moves on by the number of draws. */
  nextCounter(counter: Variable): TracedTensor {
    const here = this.latest(counter)
    const one = this.builder.constant([1], { dtype: 'int32', shape: [] })
    this.update(counter, this.builder.emit('add', [here, one], {}, 'next_counter'))
    return here
  }

  /** A path segment for a layer call: its name, numbered where a shared layer comes again. */
  segment(name: string): string {
    const use = this.uses.get(name) ?? 0
    this.uses.set(name, use + 1)
    return use === 0 ? name : `${name}#${use}`
  }

  build(outputs: readonly NamedTensor[]): TracedGraph {
    const kept = [...this.updates].filter(([{ kind }]) => !this.inferring || kind === 'state')
    const updates = Object.fromEntries(kept.map(([variable, value]) => [this.nameOf(variable), value]))
    const graph = this.builder.build({ outputs, losses: this.losses, updates })
    return { graph, variables: new Map([...this.names].map(([variable, name]) => [name, variable])) }
  }
}
