// The command line of the bench.

import { parseArgs } from 'node:util'
import { type ClockName, clocks, defaultOptions } from './harness.js'

export interface Options {
  readonly help: boolean
  readonly json: boolean
  /** Rows to run, in the table's order. */
  readonly rows: readonly string[]
  readonly backend: string
  /** Rounds of interleaved turns. */
  readonly rounds: number
  readonly clock: ClockName
  /** Fused multiply-add against none, instead of the peers. */
  readonly relaxed: boolean
}

export const usage = `npm run bench -- [options]

  --json          one line of JSON per row
  --only rows     some rows only, with commas between
  --backend name  of Kerafold's, instead of the one it chooses
  --rounds n      rounds of interleaved turns; ${defaultOptions.rounds} by default
  --clock cpu     measures CPU time instead of wall time, for a machine that is busy
  --relaxed       Kerafold with relaxed SIMD's multiply-add against Kerafold without it
  --help          this text

rows: `

/** @throws Error with one line for the user, for an option or a row that does not exist. */
export function readOptions(argv: readonly string[], rows: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      backend: { type: 'string', default: 'auto' },
      rounds: { type: 'string', default: String(defaultOptions.rounds) },
      clock: { type: 'string', default: 'wall' },
      relaxed: { type: 'boolean', default: false },
    },
  })
  const only = values.only.flatMap(names => names.split(','))
  const unknown = only.find(name => !rows.includes(name))
  if (unknown !== undefined) throw new Error(`there is no row ${JSON.stringify(unknown)}; rows are ${rows.join(', ')}`)
  const rounds = Number(values.rounds)
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds should be a whole number ≥ 1, got ${values.rounds}`)
  const clock = (Object.keys(clocks) as ClockName[]).find(name => name === values.clock)
  if (!clock) throw new Error(`--clock should be ${Object.keys(clocks).join(' or ')}, got ${values.clock}`)
  return {
    help: values.help,
    json: values.json,
    clock,
    relaxed: values.relaxed,
    backend: values.backend,
    rounds,
    rows: only.length > 0 ? rows.filter(name => only.includes(name)) : rows,
  }
}
