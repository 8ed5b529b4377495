// What a backend is: how to load it, what it can fuse, and how it turns a graph into a program.

import type { Graph } from '../lib/ir/graph.js'
import type { TypedData } from '../lib/ir/ndarray.js'
import type { DType } from '../lib/ir/types.js'
import type { Fusible } from '../lib/ops/fusible.js'
import type { Platform } from '../lib/platform/capabilities.js'

export type BackendName = 'jit' | 'wasm' | 'cpu' | 'reference'

export type { Platform }

/** A backend before it is loaded: cheap to import, it evaluates nothing. */
export interface Backend {
  readonly name: BackendName
  readonly description: string
  readonly fusible: Fusible
  /** Why this backend cannot run here, or undefined. */
  missing(platform: Platform): string | undefined
  /** What a graph as it was traced needs and this backend does not have, or undefined. */
  lacks?(graph: Graph): string | undefined
  /** @throws BackendError when its package cannot be loaded. */
  load(): Promise<Compiler>
  /** The compiler if it was loaded before, or needs no loading. */
  loaded(): Compiler | undefined
}

export interface Compiler {
  /** Turns a graph whose sizes are all bound into a program. */
  compile(graph: Graph): Program
  /** What a graph needs that is not loaded yet, such as kernels of rare ops, by name. Its sizes need not be bound. */
  absent?(graph: Graph): readonly string[]
  /** Loads all of that. */
  load?(graph: Graph): Promise<void>
  /** Opens a session, where a backend's programs can share weights and memory. */
  open?(options: SessionOptions): Session
}

/** `strict` gives the same bits on every machine; `fast` may round less often where the machine can. */
export type Numerics = 'strict' | 'fast'

export interface SessionOptions {
  readonly numerics: Numerics
}

/** Programs of one model, for different shapes. */
export interface Session {
  compile(graph: Graph): Program
  /** As `compile`, without blocking the thread for long. */
  compileAsync(graph: Graph): Promise<Program>
  /**
   * A program whose outputs become variables of this session, under their own names: the other programs read them,
   * `State` is not asked for them.
   */
  compilePrepare(graph: Graph): { run(state: State): void; dispose(): void }
  /** Releases all programs and their memory. */
  dispose(): void
}

/** Variables as programs read them; a version tells when a copy is stale. */
export interface State {
  read(name: string): TypedData
  version(name: string): number
  /** Counts all changes: while it stands still, so does every version. */
  epoch?(): number
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
  /** The program's own arrays, if it has some that can be used as they are; they can change when others are compiled. */
  readonly memory?: ProgramMemory | undefined
  /** Runs on what lies in `memory.inputs`, into `memory.outputs`; only where there is `memory`. */
  runInPlace?(state: State): void
  /**
   * Times each kernel alone on what a run gives it, the median of `runs` measurements; overwrites what lies in `memory`.
   * @throws DisposedError when the program is disposed of meanwhile.
   */
  profile?(inputs: readonly TypedData[], state: State, runs: number): Promise<ProgramProfile>
  dispose(): void
}

/** In the order of the graph's inputs and outputs. */
export interface ProgramMemory {
  readonly inputs: readonly TypedData[]
  readonly outputs: readonly TypedData[]
}

/** A program as a WebAssembly module that imports nothing; docs/exported-modules.md says how it is used. */
export interface Standalone {
  /** In the order of the graph's inputs and outputs; an output may lie where an input does. */
  readonly inputs: readonly StandaloneSlot[]
  readonly outputs: readonly StandaloneSlot[]
  /** Variables that each run updates: recurrent state. */
  readonly state: readonly StandaloneSlot[]
  /** What every run reads and none changes, prepared and packed. */
  readonly weights: { readonly offset: number; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The address behind everything the program uses. */
  readonly end: number
  emit(options: StandaloneOptions): Uint8Array<ArrayBuffer>
}

/** Where a tensor lies in the module's memory, in bytes; each element takes four, bools are 0 and −1. */
export interface StandaloneSlot {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly offset: number
}

export interface StandaloneOptions {
  /** Bytes to lie in memory at `end`, and the name under which that address is exported. */
  readonly tail: Uint8Array
  readonly tailName: string
  readonly custom: { readonly name: string; readonly data: Uint8Array }
  /** Whether the module carries its weights; if not, whoever makes an instance copies them to their offset. */
  readonly weightsInside: boolean
}

/** What one kernel of a program costs in one run. */
export interface KernelTime {
  /** What it computes and for which sizes. */
  readonly kernel: string
  /** The node it computes, and the layer calls that came from. */
  readonly node: string
  readonly origin: readonly string[]
  /** How often one run calls it: more than once in loops. The figures below are of all calls together. */
  readonly calls: number
  /** Microseconds. */
  readonly us: number
  /** Arithmetic operations: 2·m·k·n for a product, one per element and function for others, none for moving data. */
  readonly flops: number
  /** Bytes read and written, by shapes. */
  readonly bytes: number
}

export interface ProgramProfile {
  /** In the order they run. */
  readonly kernels: readonly KernelTime[]
  /** Microseconds of one run of all kernels. */
  readonly runUs: number
  /** As `runUs`, with inputs copied in and results copied out. */
  readonly withCopiesUs: number
}
