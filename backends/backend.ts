// What a backend is: how to load it, what it can fuse, and how it turns a graph into a program.

import type { Graph } from '../lib/ir/graph.js'
import type { TypedData } from '../lib/ir/ndarray.js'
import type { Fusible } from '../lib/ops/fusible.js'
import type { Platform } from '../lib/platform/capabilities.js'

export type BackendName = 'reference' | 'wasm' | 'cpu'

export type { Platform }

/** A backend before it is loaded: cheap to import, it evaluates nothing. */
export interface Backend {
  readonly name: BackendName
  readonly description: string
  readonly fusible: Fusible
  /** Why this backend cannot run here, or undefined. */
  missing(platform: Platform): string | undefined
  /** @throws BackendError when its package cannot be loaded. */
  load(): Promise<Compiler>
  /** The compiler if it was loaded before, or needs no loading. */
  loaded(): Compiler | undefined
}

export interface Compiler {
  /** Turns a graph whose sizes are all bound into a program. */
  compile(graph: Graph): Program
}

/** Variables as programs read them; a version tells when a copy is stale. */
export interface State {
  read(name: string): TypedData
  version(name: string): number
}

export interface ProgramResults {
  /** In the order of the graph's results. */
  readonly outputs: readonly TypedData[]
  readonly losses: readonly TypedData[]
  readonly updates: Readonly<Record<string, TypedData>>
}

export interface Program {
  /** Runs on inputs in the graph's order; the results are fresh arrays. */
  run(inputs: readonly TypedData[], state: State): ProgramResults
  dispose(): void
}
