// kerafold summary: Keras' table of layers, or the same as JSON.

import type { Layer } from '../layers/layer.js'
import { summaryText } from '../models/summary.js'
import { operandsOf, shownClass, verticesOf } from '../models/vertices.js'
import type { Arguments } from './arguments.js'
import type { Command } from './command.js'
import { type Io, widthOf } from './io.js'
import { loadGiven, modelDetails } from './model.js'
import { toJson } from './text.js'

export const summary: Command = {
  summary: 'the layers of a model, with their shapes and parameters',
  positionals: ['MODEL'],
  options: {
    'expand-nested': { help: 'show the layers of models inside the model' },
    'show-trainable': { help: 'show which layers are frozen' },
    json: { help: 'print JSON' },
  },
  details: [modelDetails],
  examples: ['summary digits.keras', 'summary digits.keras --json'],
  run,
}

async function run(given: Arguments, io: Io): Promise<number> {
  const model = await loadGiven(given)
  if (given.flag('json')) {
    const count = (weights: readonly { readonly size: number }[]) => weights.reduce((sum, { size }) => sum + size, 0)
    const params = { trainable: count(model.trainableWeights), nonTrainable: count(model.nonTrainableWeights) }
    io.out(toJson({ name: model.name, class: model.className, params, layers: verticesOf(model).map(describe) }))
    return 0
  }
  const options = { expandNested: given.flag('expand-nested'), showTrainable: given.flag('show-trainable') }
  io.out(`${summaryText(model, { ...options, lineLength: Math.min(100, widthOf(io)) })}\n`)
  return 0
}

function describe(layer: Layer) {
  return {
    name: layer.name,
    class: shownClass(layer),
    outputShapes: (layer.calls.at(-1)?.outputs ?? []).map(({ shape }) => shape),
    params: layer.countParams(),
    trainable: layer.trainable,
    inputs: layer.calls.flatMap(operandsOf).map(({ name }) => name),
  }
}
