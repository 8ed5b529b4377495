// kerafold bisect: finds the first pass, rule or kernel that makes a model wrong, and writes it down to be run again.

import { bisect as bisectModel, reproduce, verdictText } from '../debug/bisect/bisect.js'
import type { Arguments } from './arguments.js'
import { type Command, UsageError } from './command.js'
import { dataOptions, readInputs } from './data.js'
import { type Io, progressLine, styled } from './io.js'
import { backendOption, loadGiven, modelDetails } from './model.js'
import { toJson } from './text.js'

const defaultFile = 'kerafold-bisect.txt'

export const bisect: Command = {
  summary: 'find the first pass or kernel that makes a model wrong',
  positionals: ['[MODEL]'],
  options: {
    ...dataOptions,
    output: { short: 'o', value: 'FILE', help: `where the text goes that runs it again: ${defaultFile} if not given` },
    reproduce: { value: 'FILE', help: 'run such a text again, without a model' },
    json: { help: 'print JSON' },
    ...backendOption,
  },
  details: [
    modelDetails,
    'The reference runs after each pass; then each kernel runs alone on the values that the reference gives it, then the whole program. Wrong is what is ' +
      'further from the model as it was traced than 16 times the rounding of the reference in 32 bits, and 2^-20 of the largest value. ' +
      'Exit code 1 says that something is wrong.',
  ],
  examples: ['bisect digits.keras --random 1', 'bisect digits.keras --input pixels.npy --backend wasm'],
  run,
}

async function run(given: Arguments, io: Io): Promise<number> {
  const file = given.text('reproduce')
  if (file !== undefined) return again(file, given, io)
  if (given.positionalCount === 0) throw new UsageError('MODEL or --reproduce FILE is missing')
  const model = await loadGiven(given)
  const inputs = await readInputs(given, model, io)
  const progress = progressLine(io)
  const verdict = await bisectModel(model, inputs, { backend: given.text('backend') ?? 'auto', onProgress: progress.show })
  progress.done()
  const { reproducer, suspect, ...figures } = verdict
  const target = given.text('output') ?? defaultFile
  if (reproducer !== undefined) await io.writeFile(target, reproducer)
  if (given.flag('json')) {
    const { reproduction: _, ...facts } = suspect ?? { reproduction: undefined }
    io.out(toJson({ ...figures, suspect: suspect ? facts : null, reproducer: reproducer === undefined ? null : target }))
  } else {
    io.out(`${styled(io, suspect ? 'red' : 'green', verdictText(verdict))}\n`)
    if (reproducer !== undefined) io.out(`kerafold bisect --reproduce ${target} runs it again\n`)
  }
  return suspect ? 1 : 0
}

async function again(file: string, given: Arguments, io: Io): Promise<number> {
  if (given.positionalCount > 0) throw new UsageError('MODEL and --reproduce exclude each other')
  const { what, problem } = await reproduce(new TextDecoder().decode(await io.readFile(file)), file)
  if (given.flag('json')) io.out(toJson({ what, problem: problem ?? null }))
  else
    io.out(
      problem === undefined ? `${what}: ${styled(io, 'green', 'agrees with the reference')}\n` : `${what}: ${styled(io, 'red', problem)}\n`,
    )
  return problem === undefined ? 0 : 1
}
