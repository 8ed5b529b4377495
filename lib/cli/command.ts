// What a command is: data for its help and its options, and a function that runs it.

import type { Arguments } from './arguments.js'
import type { Io } from './io.js'

/** An option; without `value` it is a flag. */
export interface OptionSpec {
  readonly help: string
  /** One letter that stands for it: `o` for `-o`. */
  readonly short?: string
  /** What stands for its value in the help: `FILE`. */
  readonly value?: string
  /** Whether it may come several times. */
  readonly repeats?: boolean
  readonly choices?: readonly string[]
  /** Its value is a whole number of at least this. */
  readonly whole?: number
  /** Its value is a number above this. */
  readonly above?: number
}

export interface Command {
  /** One line: what it is for. */
  readonly summary: string
  /** What stands before the options: `MODEL`. */
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, OptionSpec>>
  /** More to know, in paragraphs. */
  readonly details?: readonly string[]
  /** Command lines that work. */
  readonly examples: readonly string[]
  /** Gives the exit code: 0, or 1 where what was asked turned out wrong. */
  run(given: Arguments, io: Io): Promise<number>
}

/** A command line that means nothing; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What every command takes. */
export const commonOptions = {
  help: { short: 'h', help: 'show this help' },
  verbose: { help: 'show hints, details and stacks of errors' },
} as const satisfies Record<string, OptionSpec>
