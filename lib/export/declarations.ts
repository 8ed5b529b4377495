// model.d.ts: the types of model.js, with the names of this model's inputs and outputs.

import type { Description, Slot } from './shipped/abi.js'

const arrays = { float32: 'Float32Array', int32: 'Int32Array', bool: 'Int32Array' } as const satisfies Record<Slot['dtype'], string>

/** They speak of no type that only a library of the DOM or of Node declares. */
export function declarations({ name, inputs, outputs }: Description): string {
  const only = inputs.length === 1 ? 'Values | ' : ''
  return `// The types of model.js for ${JSON.stringify(name).replace(/[\u2028\u2029]/g, ' ')}: docs/exported-modules.md of Kerafold describes the module.

type Values = ArrayLike<number | boolean>

interface Inputs {
${fields(inputs, ({ dtype }) => arrays[dtype])}
}

interface Outputs {
${fields(outputs, ({ dtype }) => arrays[dtype])}
}

interface Slot {
  readonly name: string
  readonly dtype: 'float32' | 'int32' | 'bool'
  readonly shape: readonly number[]
  readonly offset: number
}

export interface Source {
  readonly url?: string | { readonly href: string }
  readonly bytes?: ArrayBuffer | ArrayBufferView
  /** A WebAssembly.Module. */
  readonly module?: object
  /** A WebAssembly.Instance, or its exports. */
  readonly instance?: object
  readonly weights?: Uint8Array
}

export interface Model {
  readonly description: {
    readonly abi: 1
    readonly name: string
    readonly numerics: 'strict'
    readonly source: string | null
    readonly inputs: readonly Slot[]
    readonly outputs: readonly Slot[]
    readonly state: readonly Slot[]
    readonly weights: { readonly offset: number; readonly bytes: number; readonly checksum: number; readonly file: string | null }
  }
  /** Views on the module's memory, for call(). */
  readonly inputs: Inputs
  readonly outputs: Outputs
  /** Runs on what lies in inputs, into outputs; allocates nothing. */
  call(): void
  /** Runs on flat values, row by row; the results are fresh. */
  run(values: ${only}{
${fields(inputs, () => 'Values')}
  }): Outputs
}

/** What cannot be used: a damaged or foreign module, other weights, values that are no input. */
export class ModelError extends Error {}

/** Without a source, the model.wasm beside model.js. */
export function load(source?: Source): Promise<Model>
`
}

function fields(slots: readonly Slot[], typeOf: (slot: Slot) => string): string {
  const line = (slot: Slot): string =>
    `  /** ${slot.dtype}[${slot.shape.join(', ')}] */\n  readonly ${JSON.stringify(slot.name)}: ${typeOf(slot)}`
  return slots.map(line).join('\n')
}
