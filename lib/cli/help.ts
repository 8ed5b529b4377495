// Help texts: of the program and of each command, made from the command table, 80 columns wide.

import { type Command, commonOptions, type OptionSpec } from './command.js'
import { wrap } from './text.js'

const width = 80

/** The help of the program. */
export function programHelp(commands: Readonly<Record<string, Command>>): string {
  const longest = Math.max(...Object.keys(commands).map(name => name.length))
  return [
    'kerafold: run Keras models, and see what the compiler makes of them',
    '',
    'usage: kerafold COMMAND MODEL [options]',
    '',
    ...Object.entries(commands).flatMap(([name, { summary }]) => entry(name, summary, longest)),
    '',
    ...wrap('kerafold COMMAND --help tells more of a command, kerafold --version the version.', width),
    ...wrap('Exit codes: 0 all is well; 1 it failed, or what was checked is wrong; 2 the command line means nothing.', width),
    '',
  ].join('\n')
}

/** The help of one command. */
export function commandHelp(name: string, { summary, positionals, options, details = [], examples }: Command): string {
  const all = Object.entries<OptionSpec>({ ...options, ...commonOptions })
  const heads = all.map(([option, { value, short }]) => `--${option}${short ? `, -${short}` : ''}${value === undefined ? '' : ` ${value}`}`)
  const longest = Math.max(...heads.map(head => head.length))
  return [
    ...wrap(`kerafold ${name}: ${summary}`, width),
    '',
    `usage: kerafold ${[name, ...positionals].join(' ')} [options]`,
    '',
    ...all.flatMap(([, spec], k) => entry(heads[k] as string, helpOf(spec), longest)),
    '',
    ...details.flatMap(paragraph => [...wrap(paragraph, width), '']),
    'examples:',
    ...examples.map(example => `  kerafold ${example}`),
    '',
  ].join('\n')
}

function helpOf({ help, choices, repeats }: OptionSpec): string {
  return [help, ...(choices ? [`(${choices.join(', ')})`] : []), ...(repeats ? ['; repeatable'] : [])].join(' ').replace(' ;', ';')
}

/** A name, and beside it a text of as many lines as it needs. */
function entry(head: string, text: string, longest: number): string[] {
  const indent = ' '.repeat(longest + 4)
  return wrap(text, width - indent.length).map((line, k) => (k === 0 ? `  ${head.padEnd(longest)}  ${line}` : `${indent}${line}`))
}
