// Parses the words after a command: split by Node, then checked against the command's options before anything happens.

import { parseArgs } from 'node:util'
import { Arguments, type Given } from './arguments.js'
import { type Command, commonOptions, type OptionSpec, UsageError } from './command.js'

/** @throws UsageError for options that the command does not have, values that mean nothing, too few or too many words. */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const options = { ...command.options, ...commonOptions }
  const { values, positionals } = parse(options, argv)
  const given = new Arguments(values, positionals)
  if (given.flag('help')) return given
  for (const [name, spec] of Object.entries<OptionSpec>(options)) checkOption(name, spec, values[name])
  const required = command.positionals.filter(word => !word.startsWith('['))
  if (positionals.length < required.length) throw new UsageError(`${required[positionals.length]} is missing`)
  if (positionals.length > command.positionals.length) throw new UsageError(`unexpected ${positionals[command.positionals.length]}`)
  return given
}

function parse(options: Readonly<Record<string, OptionSpec>>, argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { value, repeats, short }]) => [
          name,
          {
            type: value === undefined ? ('boolean' as const) : ('string' as const),
            multiple: repeats === true,
            ...(short ? { short } : {}),
          },
        ]),
      ),
    })
  } catch (error) {
    // Node's first sentence says which option; the rest explains how to write odd file names
    throw new UsageError(error instanceof Error ? (error.message.split(/\. |\n/)[0] as string) : String(error))
  }
}

function checkOption(name: string, { choices, whole, above }: OptionSpec, given: Given): void {
  if (typeof given !== 'string') return
  if (choices && !choices.includes(given)) throw new UsageError(`--${name} should be one of ${choices.join(', ')}, got ${given}`)
  if (whole !== undefined && !(/^\d+$/.test(given) && Number.isSafeInteger(Number(given)) && Number(given) >= whole))
    throw new UsageError(`--${name} should be a whole number ≥ ${whole}, got ${given}`)
  if (above !== undefined && !(given.trim() !== '' && Number(given) > above && Number.isFinite(Number(given))))
    throw new UsageError(`--${name} should be a number > ${above}, got ${given}`)
}
