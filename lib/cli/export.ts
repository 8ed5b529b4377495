// kerafold export: a model as files that run without Kerafold.

import { exportModel } from '../export/exportModel.js'
import type { Arguments } from './arguments.js'
import type { Command } from './command.js'
import type { Io } from './io.js'
import { loadGiven, modelDetails } from './model.js'
import { checkAllGiven, sizesGiven } from './sizes.js'

export const exportCommand: Command = {
  summary: 'a WebAssembly module that runs without Kerafold',
  positionals: ['MODEL'],
  options: {
    output: { short: 'o', value: 'FOLDER', help: 'where the files go: the folder of the command if not given' },
    batch: { value: 'N', whole: 1, help: 'how many rows the module takes: 1 if not given, or what the model fixes' },
    size: { value: 'NAME=N', repeats: true, help: 'another size that the model leaves unknown; the module has fixed ones' },
    html: { help: 'also write model.html, a page that needs nothing else' },
    beside: { help: 'put the weights beside the module, in model.weights.bin' },
  },
  details: [modelDetails, 'The module imports nothing; model.js runs it. What it exports: docs/exported-modules.md.'],
  examples: ['export digits.keras -o out --html', 'export segment.keras --size image:1=64 --size image:2=64'],
  run,
}

async function run(given: Arguments, io: Io): Promise<number> {
  const model = await loadGiven(given)
  const traced = model.trace()
  const sizes = sizesGiven(given, traced)
  checkAllGiven(sizes, traced, 'an exported module has fixed sizes')
  const { files } = await exportModel(model, {
    sizes,
    weights: given.flag('beside') ? 'beside' : 'inside',
    html: given.flag('html'),
  })
  const folder = given.text('output') ?? '.'
  for (const [name, bytes] of Object.entries(files)) {
    await io.writeFile(`${folder}/${name}`, bytes)
    io.out(`${folder}/${name}  ${bytes.length} bytes\n`)
  }
  return 0
}
