// Specialisations: the programs of one executable by the sizes of its inputs, the least recently used leaving first.

import type { Program, Session } from '../../backends/backend.js'
import type { PassResult } from '../../passes/index.js'
import { type Graph, nodeAt, tensorType } from '../ir/graph.js'
import type { DType } from '../ir/types.js'
import { isConcrete } from '../ir/types.js'
import { type Bindings, specialise } from '../ops/specialise.js'
import { explainMemory, withinMemory } from './memory.js'

/** How many shapes keep their program. */
const cacheSize = 16

/** A program for one set of input shapes. */
export interface Specialisation {
  readonly program: Program
  readonly graph: Graph
  readonly outputs: readonly { readonly name: string; readonly dtype: DType; readonly shape: readonly number[] }[]
  lastUse: number
}

export interface SpecialisationParts {
  readonly title: string
  readonly run: Graph
  readonly finish: (graph: Graph) => PassResult
  readonly session: Session
  /** Told which program is gone. */
  readonly evicted: (entry: Specialisation) => void
}

export class Specialisations {
  private readonly parts: SpecialisationParts
  private readonly entries = new Map<string, Specialisation>()
  private clock = 0

  constructor(parts: SpecialisationParts) {
    this.parts = parts
  }

  /** The program for these sizes, compiled now if it is not there. */
  of(bindings: Bindings): Specialisation {
    const key = keyOf(bindings)
    const known = this.entries.get(key)
    if (known) return known
    const graph = this.graphOf(bindings)
    const { session, title } = this.parts
    return this.add(
      key,
      graph,
      withinMemory(title, graph, () => session.compile(graph)),
    )
  }

  /** As `of`, without blocking the thread for long. */
  async ofAsync(bindings: Bindings): Promise<Specialisation> {
    const key = keyOf(bindings)
    const known = this.entries.get(key)
    if (known) return known
    const graph = this.graphOf(bindings)
    const program = await this.compileAsync(graph)
    const meanwhile = this.entries.get(key)
    if (meanwhile) program.dispose()
    return meanwhile ?? this.add(key, graph, program)
  }

  private async compileAsync(graph: Graph): Promise<Program> {
    const { session, title } = this.parts
    try {
      return await session.compileAsync(graph)
    } catch (error) {
      throw explainMemory(title, graph, error)
    }
  }

  used(entry: Specialisation): void {
    entry.lastUse = ++this.clock
  }

  clear(): void {
    this.entries.clear()
  }

  private graphOf(bindings: Bindings): Graph {
    return this.parts.finish(specialise(this.parts.run, bindings)).graph
  }

  private add(key: string, graph: Graph, program: Program): Specialisation {
    const outputs = graph.results.outputs.map(({ name, node }) => {
      const { dtype, shape } = tensorType(nodeAt(graph, node))
      if (!isConcrete(shape)) throw new Error(`internal: output "${name}" is not specialised`)
      return { name, dtype, shape: [...shape] } // a copy that is not frozen: V8 reads those faster
    })
    const entry: Specialisation = { program, graph, outputs, lastUse: ++this.clock }
    if (this.entries.size >= cacheSize) this.evict()
    this.entries.set(key, entry)
    return entry
  }

  private evict(): void {
    const [oldest] = [...this.entries].sort(([, a], [, b]) => a.lastUse - b.lastUse)
    if (!oldest) return
    const [key, entry] = oldest
    this.entries.delete(key)
    entry.program.dispose()
    this.parts.evicted(entry)
  }
}

function keyOf(bindings: Bindings): string {
  return JSON.stringify(Object.entries(bindings).sort(([a], [b]) => (a < b ? -1 : 1)))
}
