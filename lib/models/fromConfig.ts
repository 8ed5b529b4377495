// Models from Keras' JSON: the one way from a config to layers, for files and for JSON that a program holds.

import { ArgumentError } from '../ir/errors.js'
import type { Json } from '../layers/schema.js'
import { buildModel } from './config/build.js'
import { Cursor } from './config/cursor.js'
import { type CustomObjects, checkNames } from './config/resolve.js'
import { readModel } from './config/tree.js'
import type { Model } from './model.js'
import type { Sequential } from './sequential.js'

export interface FromConfigOptions {
  /** What stands for classes and functions that Kerafold does not know. */
  readonly customObjects?: CustomObjects
  /** What messages call the JSON. */
  readonly where?: string
  /** Whether Keras 2 wrote it; without this, the form of the calls tells. */
  readonly legacy?: boolean
}

/**
 * Builds the model that Keras' `model.get_config()`, wrapped as `{ class_name, config }`, describes; weights are new.
 * @throws UnknownNameError for names that nothing resolves, FileError for the rest, both with the path.
 */
export function modelFromObject(object: Json, options: FromConfigOptions = {}): Model<unknown> | Sequential {
  const { customObjects = {}, where = 'model config', legacy = false } = options
  const tree = readModel(new Cursor(object, where), legacy)
  const context = { customObjects, legacy }
  checkNames(tree, context)
  return buildModel(tree, context)
}

/** As `modelFromObject`, from the text of `model.toJSON()`. */
export function modelFromJSON(text: string, options: FromConfigOptions = {}): Model<unknown> | Sequential {
  let object: Json
  try {
    object = JSON.parse(text) as Json
  } catch (error) {
    throw new ArgumentError(`modelFromJSON: the text is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  return modelFromObject(object, options)
}
