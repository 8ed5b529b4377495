// kerafold explain: what became of each layer, its kernel and its time.

import { explain as explainModel } from '../debug/explain.js'
import type { Arguments } from './arguments.js'
import type { Command } from './command.js'
import { dataOptions, readInputs } from './data.js'
import { type Io, progressLine, widthOf } from './io.js'
import { backendOption, loadGiven, modelDetails } from './model.js'
import { toJson } from './text.js'

export const explain: Command = {
  summary: 'what became of each layer, its kernel and its time',
  positionals: ['MODEL'],
  options: {
    ...dataOptions,
    runs: { value: 'N', whole: 1, help: 'how often each kernel is measured, of which the median counts: 10 if not given' },
    json: { help: 'print JSON, with the rules that touched each layer' },
    ...backendOption,
  },
  details: [
    modelDetails,
    'Kernels are timed where there are data and the backend is jit; everything else needs no data. The time of a kernel stands ' +
      'with the layer that begins it; those folded into it, or done at its end, say so. % peak is of the fastest that one thread ' +
      'was measured to do between the kernels.',
  ],
  examples: ['explain digits.keras', 'explain digits.keras --random 1 --batch 32', 'explain digits.keras --input pixels.npy --json'],
  run,
}

async function run(given: Arguments, io: Io): Promise<number> {
  const model = await loadGiven(given)
  const hasData = given.text('random') !== undefined || given.list('input').length > 0
  const runs = given.number('runs')
  const progress = progressLine(io)
  progress.show('measuring…')
  const explanation = await explainModel(model, {
    backend: given.text('backend') ?? 'auto',
    ...(hasData ? { inputs: await readInputs(given, model, io) } : {}),
    ...(runs === undefined ? {} : { runs }),
  })
  progress.done()
  io.out(given.flag('json') ? toJson(explanation) : `${explanation.table(widthOf(io))}\n`)
  return 0
}
