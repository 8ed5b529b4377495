// The ABI of exported modules in types; docs/exported-modules.md is the page.

/** Where a tensor lies in the module's memory. */
export interface Slot {
  readonly name: string
  readonly dtype: 'float32' | 'int32' | 'bool'
  readonly shape: readonly number[]
  /** In bytes; each element takes four, row by row. A bool is 0 or −1. */
  readonly offset: number
}

/** The JSON of the custom section `kerafold`. */
export interface Description {
  readonly abi: 1
  /** The model's. */
  readonly name: string
  /** No fused multiply-add: results are the same bits on every machine. */
  readonly numerics: 'strict'
  /** SHA-256 of the graph and weights it was made from, in hexadecimal; null where the exporter could not compute it. */
  readonly source: string | null
  readonly inputs: readonly Slot[]
  readonly outputs: readonly Slot[]
  /** What runs carry over to the next. */
  readonly state: readonly Slot[]
  readonly weights: {
    readonly offset: number
    readonly bytes: number
    /** Over the 32-bit words. */
    readonly checksum: number
    /** The file beside the module that holds them; null if the module does. */
    readonly file: string | null
  }
}

/** What an exported module exports. */
export interface Exports {
  readonly memory: WebAssembly.Memory
  /** Computes the outputs from the inputs, both in memory. */
  run(): void
  /** The address of the description: its length, its checksum, its text. Some module systems give the number itself. */
  readonly description: WebAssembly.Global | number
}
