// A program: one instantiated module with windows on its inputs and results.

import type { TypedData } from '../../lib/ir/ndarray.js'
import type { Program, ProgramMemory, ProgramProfile, ProgramResults, State } from '../backend.js'
import type { Window } from './transfer.js'

/** What a program needs of its session. */
export interface Host {
  /** Copies in what has changed of the variables. */
  refresh(state: State): void
  /** Where the arena begins now. */
  readonly arena: number
}

export interface ProgramParts {
  readonly run: (arena: number) => void
  readonly inputs: readonly Window[]
  readonly outputs: readonly Window[]
  readonly losses: readonly Window[]
  readonly updates: readonly { readonly name: string; readonly window: Window }[]
  /** Whether each output has a place of its own, which nothing else is read from. */
  readonly ownOutputs: boolean
  readonly release: () => void
  readonly profile: (inputs: readonly TypedData[], state: State, runs: number) => Promise<ProgramProfile>
}

const noLosses: readonly TypedData[] = Object.freeze([])
const noUpdates: Readonly<Record<string, TypedData>> = Object.freeze({})

export class JitProgram implements Program {
  readonly outputs: readonly Window[]
  private readonly host: Host
  private readonly parts: ProgramParts
  private readonly start: (arena: number) => void

  constructor(host: Host, parts: ProgramParts) {
    this.host = host
    this.parts = parts
    this.outputs = parts.outputs
    this.start = parts.run
  }

  /** Runs and leaves the results in their windows. */
  call(inputs: readonly TypedData[], state: State): void {
    const { host, parts } = this
    host.refresh(state)
    for (let k = 0; k < parts.inputs.length; k++) (parts.inputs[k] as Window).write(inputs[k] as TypedData)
    this.start(host.arena)
  }

  run(inputs: readonly TypedData[], state: State): ProgramResults {
    const { parts } = this
    this.call(inputs, state)
    const outputs: TypedData[] = []
    for (let k = 0; k < parts.outputs.length; k++) outputs.push((parts.outputs[k] as Window).read())
    return {
      outputs,
      losses: parts.losses.length === 0 ? noLosses : parts.losses.map(window => window.read()),
      updates: parts.updates.length === 0 ? noUpdates : Object.fromEntries(parts.updates.map(({ name, window }) => [name, window.read()])),
    }
  }

  /** Bools lie as masks, and an output may lie where something else does: then there is nothing to use as it is. */
  get memory(): ProgramMemory | undefined {
    const { inputs, outputs, losses, updates, ownOutputs } = this.parts
    const plain = [...inputs, ...outputs].every(window => window.dtype !== 'bool')
    if (!plain || !ownOutputs || losses.length > 0 || updates.length > 0) return undefined
    return { inputs: inputs.map(window => window.view), outputs: outputs.map(window => window.view) }
  }

  runInPlace(state: State): void {
    this.host.refresh(state)
    this.enter()
  }

  /** Runs on what the memory holds. */
  enter(): void {
    this.start(this.host.arena)
  }

  profile(inputs: readonly TypedData[], state: State, runs: number): Promise<ProgramProfile> {
    return this.parts.profile(inputs, state, runs)
  }

  /** Makes the windows again after the memory has grown. */
  rebind(): void {
    const { inputs, outputs, losses, updates } = this.parts
    for (const window of [...inputs, ...outputs, ...losses, ...updates.map(update => update.window)]) window.rebind()
  }

  dispose(): void {
    this.parts.release()
  }
}
