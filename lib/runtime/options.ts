// Options of runs: a misspelt one is an error, not a default.

import { ArgumentError } from '../ir/errors.js'

/** @throws ArgumentError unless `options` is an object whose keys are all known. */
export function checkOptions(where: string, options: object, known: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`${where} takes an object of options, got ${String(options)}`)
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(known, key)) continue
    throw new ArgumentError(`${where} has no option ${JSON.stringify(key)}`, `its options are ${Object.keys(known).join(', ')}`)
  }
}
