// The model that a command speaks of, and the backend that it is to run on.

import { backends } from '../../backends/select.js'
import type { BaseModel } from '../models/baseModel.js'
import { loadModel } from '../models/loadModel.js'
import type { Arguments } from './arguments.js'
import type { OptionSpec } from './command.js'

/** What `MODEL` may be. */
export const modelDetails = 'MODEL is a .keras or .h5 file of Keras, a model.json of TensorFlow.js, or the URL of one.'

export const backendOption = {
  backend: { value: 'NAME', choices: ['auto', ...Object.keys(backends)], help: 'where it runs: auto if not given' },
} as const satisfies Record<string, OptionSpec>

/** @throws FileError or UnknownNameError for what is no model that can be read. */
export function loadGiven(given: Arguments): Promise<BaseModel<unknown>> {
  return loadModel<unknown>(given.positional(0))
}
