// saveModel as a function; what writes files loads when it is called, so that other pages do not download it.

import type { BaseModel } from './baseModel.js'
import type { SaveOptions, SaveTarget } from './saveModel.js'

/** As `model.save`: the bytes of a `.keras` file that Keras 3 loads, written to the target if there is one. */
export function saveModel(model: BaseModel<unknown>, target?: SaveTarget, options: SaveOptions = {}): Promise<Uint8Array> {
  return model.save(target, options)
}
