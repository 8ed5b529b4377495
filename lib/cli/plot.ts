// kerafold plot: a picture of the model, as Keras' plot_model draws it.

import { modelToDot } from '../debug/modelDot.js'
import { dotToSvg } from '../debug/svg.js'
import type { Arguments } from './arguments.js'
import type { Command } from './command.js'
import type { Io } from './io.js'
import { loadGiven, modelDetails } from './model.js'

export const plot: Command = {
  summary: 'a picture of the layers of a model',
  positionals: ['MODEL'],
  options: {
    output: { short: 'o', value: 'FILE', help: 'where it goes: standard output if not given' },
    format: { value: 'FORMAT', choices: ['svg', 'dot'], help: 'svg if not given' },
    direction: { value: 'WAY', choices: ['TB', 'LR', 'BT', 'RL'], help: 'where it grows: from top to bottom if not given' },
    'show-shapes': { help: 'show the shapes of inputs and outputs' },
    'show-dtype': { help: 'show dtypes' },
    'show-trainable': { help: 'show which layers are frozen' },
    'expand-nested': { help: 'show the layers of models inside the model' },
  },
  details: [modelDetails, 'Pictures of what the compiler makes of a model: kerafold dump --format svg.'],
  examples: ['plot digits.keras --show-shapes --output digits.svg'],
  run,
}

async function run(given: Arguments, io: Io): Promise<number> {
  const model = await loadGiven(given)
  const dot = modelToDot(model, {
    showShapes: given.flag('show-shapes'),
    showDtype: given.flag('show-dtype'),
    showTrainable: given.flag('show-trainable'),
    expandNested: given.flag('expand-nested'),
    rankdir: directions.find(way => way === given.text('direction')) ?? 'TB',
  })
  const picture = given.text('format') === 'dot' ? dot : await dotToSvg(dot)
  const file = given.text('output')
  if (file === undefined) io.out(picture)
  else await io.writeFile(file, picture)
  return 0
}

const directions = ['TB', 'LR', 'BT', 'RL'] as const
