// main: picks the command, runs it, and turns whatever goes wrong into one line and an exit code.

import { KerafoldError } from '../ir/errors.js'
import type { Arguments } from './arguments.js'
import { type Command, UsageError } from './command.js'
import { commands } from './commands.js'
import { commandHelp, programHelp } from './help.js'
import { type Io, styled } from './io.js'
import { parseArguments } from './parse.js'

/** Runs a command line, without the program's own name. Gives the exit code: 0 all is well, 1 it failed, 2 it means nothing. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [word, ...rest] = argv
  if (word === undefined || word === '--help' || word === '-h') {
    const help = programHelp(commands)
    if (word !== undefined) io.out(help)
    else io.err(help)
    return word === undefined ? 2 : 0
  }
  if (word === '--version') {
    io.out(`${await io.version()}\n`)
    return 0
  }
  const command = Object.hasOwn(commands, word) ? (commands as Readonly<Record<string, Command>>)[word] : undefined
  if (!command) return misused(io, `there is no command ${JSON.stringify(word)}`, 'kerafold --help')
  let given: Arguments | undefined
  try {
    given = parseArguments(command, rest)
    if (!given.flag('help')) return await command.run(given, io)
    io.out(commandHelp(word, command))
    return 0
  } catch (error) {
    if (error instanceof UsageError) return misused(io, error.message, `kerafold ${word} --help`)
    return failed(io, error, given?.flag('verbose') ?? false)
  }
}

function misused(io: Io, problem: string, help: string): number {
  io.err(`${styled(io, 'red', 'kerafold')}: ${problem} (${help} tells more)\n`)
  return 2
}

/** One line for mistakes that the user can mend; `--verbose` adds details and the stack. */
function failed(io: Io, error: unknown, verbose: boolean): number {
  const message = error instanceof Error ? error.message : String(error)
  const [first, ...details] = message.split('\n')
  const kind = error instanceof KerafoldError || !(error instanceof Error) ? '' : `${error.name}: `
  io.err(`${styled(io, 'red', 'kerafold')}: ${kind}${first}\n`)
  if (!verbose) return 1
  for (const line of details) io.err(`${line}\n`)
  if (error instanceof Error && error.stack)
    io.err(
      `${error.stack
        .split('\n')
        .filter(line => /^\s+at /.test(line))
        .join('\n')}\n`,
    )
  return 1
}
