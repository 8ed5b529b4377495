// kerafold predict: runs a model on arrays from files and writes what comes out.

import type { NDArray } from '../ir/ndarray.js'
import { predictBatches } from '../models/predict.js'
import { writeNpy } from '../saving/npy.js'
import type { Arguments } from './arguments.js'
import type { Command } from './command.js'
import { byName, dataOptions, readInputs } from './data.js'
import { type Io, progressLine } from './io.js'
import { backendOption, loadGiven, modelDetails } from './model.js'
import { toJson } from './text.js'

export const predict: Command = {
  summary: 'run a model on arrays',
  positionals: ['MODEL'],
  options: {
    ...dataOptions,
    output: { short: 'o', value: 'FILE', repeats: true, help: 'the .npy file to write; NAME=FILE for one of several outputs' },
    'batch-size': { value: 'N', whole: 1, help: 'rows per run: 32 if not given' },
    json: { help: 'print the outputs as JSON' },
    ...backendOption,
  },
  details: [modelDetails, 'Without --output the beginning of each output is printed.'],
  examples: [
    'predict digits.keras --input pixels.npy --output digits.npy',
    'predict two.keras --input left=a.npy --input right=b.npy --json',
    'predict digits.keras --random 7 --batch 4',
  ],
  run,
}

async function run(given: Arguments, io: Io): Promise<number> {
  const model = await loadGiven(given)
  const files = byName(given.list('output'), model.outputNames, 'output')
  const inputs = await readInputs(given, model, io)
  const exe = await model.lower({ backend: given.text('backend') ?? 'auto' })
  const progress = progressLine(io)
  const batchSize = given.number('batch-size') ?? 32
  const outputs = await predictBatches(exe, inputs, { batchSize, verbose: 1, write: text => progress.show(text.trim()) }, model.title)
  progress.done()
  exe.dispose()
  const named = model.outputNames.map((name, k) => [name, outputs[k] as NDArray] as const)
  for (const [name, array] of named) {
    const file = files.get(name)
    if (file !== undefined) await io.writeFile(file, writeNpy(array))
  }
  if (given.flag('json')) {
    const plain = named.map(([name, array]) => [name, { dtype: array.dtype, shape: array.shape, values: array.toArray() }])
    io.out(toJson(Object.fromEntries(plain)))
  } else if (files.size === 0) for (const [name, array] of named) io.out(`${name}: ${array}\n`)
  return 0
}
