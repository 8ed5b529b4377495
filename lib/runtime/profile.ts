// Profiles: what each kernel of a run costs, as data, as a table and as trace events.

import type { KernelTime, Program, ProgramProfile, State } from '../../backends/backend.js'
import { BackendError } from '../ir/errors.js'
import type { TypedData } from '../ir/ndarray.js'
import { aWholeNumber, checkOptions, type OptionKind } from '../ir/options.js'
import { type KernelProfile, profileTable } from './profileTable.js'

export type { KernelProfile }

export interface ProfileOptions {
  /** How often each kernel is measured, of which the median counts; 10 by default. Short ones repeat within one measurement. */
  readonly runs?: number
}

const profileOptions = { runs: aWholeNumber(1) } as const satisfies Record<keyof ProfileOptions, OptionKind>
const defaultRuns = 10

/** A complete event of the trace-event format; times in microseconds. */
export interface TraceEvent {
  readonly name: string
  readonly cat: string
  readonly ph: 'X'
  readonly ts: number
  readonly dur: number
  readonly pid: number
  readonly tid: number
  readonly args: Readonly<Record<string, unknown>>
}

export class Profile {
  readonly title: string
  /** In the order they run. */
  readonly kernels: readonly KernelProfile[]
  /** Microseconds of the kernels, each timed alone, together. */
  readonly kernelsUs: number
  /** Microseconds of one run of all kernels. */
  readonly runUs: number
  /** As `runUs`, with inputs copied in and results copied out. */
  readonly withCopiesUs: number

  constructor(title: string, { kernels, runUs, withCopiesUs }: ProgramProfile) {
    this.title = title
    this.kernels = kernels.map(kernel => ({ ...kernel, ...rates(kernel) }))
    this.kernelsUs = kernels.reduce((sum, { us }) => sum + us, 0)
    this.runUs = runUs
    this.withCopiesUs = withCopiesUs
  }

  /** One line per kernel, at most 80 columns. */
  table(): string {
    return profileTable(this)
  }

  /** The run as Perfetto and chrome://tracing open it, once written as JSON: kernels end to end within one event. */
  traceEvents(): { readonly traceEvents: readonly TraceEvent[] } {
    const { title, kernelsUs, runUs, withCopiesUs } = this
    const event = (name: string, cat: string, ts: number, dur: number, args: TraceEvent['args']): TraceEvent => ({
      name,
      cat,
      ph: 'X',
      ts,
      dur,
      pid: 1,
      tid: 1,
      args,
    })
    let ts = 0
    const kernels = this.kernels.map(({ us, ...kernel }) => {
      const start = ts
      ts += us
      return event(kernel.node, 'kernel', start, us, kernel)
    })
    return { traceEvents: [event(title, 'run', 0, kernelsUs, { runUs, withCopiesUs }), ...kernels] }
  }
}

function rates({ us, flops, bytes }: KernelTime): { gflopPerS: number; gbPerS: number } {
  const perS = (amount: number): number => (us > 0 ? amount / us / 1000 : 0)
  return { gflopPerS: perS(flops), gbPerS: perS(bytes) }
}

/** @throws ArgumentError for options that mean nothing; BackendError where a backend's programs cannot be profiled. */
export async function profileProgram(
  { title, backend, state }: { readonly title: string; readonly backend: string; readonly state: State },
  program: Program,
  feeds: readonly TypedData[],
  runs: number,
): Promise<Profile> {
  if (!program.profile) throw new BackendError(`${title}: the ${backend} backend cannot profile kernels`, `lower({ backend: 'jit' }) can`)
  return new Profile(title, await program.profile(feeds, state, runs))
}

/** @throws ArgumentError for an option that is unknown or no whole number ≥ 1. */
export function profileRuns(title: string, options: ProfileOptions): number {
  checkOptions(`${title}: profile()`, options, profileOptions)
  return options.runs ?? defaultRuns
}
