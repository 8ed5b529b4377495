// Models from Keras' JSON: the one way from a config to layers, for files and for JSON that a program holds.

import { ArgumentError } from '../ir/errors.js'
import { aBoolean, anObject, aString, checkOptions, type OptionKind, showGiven } from '../ir/options.js'
import { isRecord, type Json } from '../layers/schema.js'
import { Cursor } from '../saving/cursor.js'
import { buildModel } from './config/build.js'
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

/** Classes and functions by name. */
export const customObjectsKind: OptionKind = {
  expected: 'an object of classes and functions',
  test: value => anObject.test(value) && Object.values(value as object).every(entry => typeof entry === 'function'),
}

const fromConfigOptions = {
  customObjects: customObjectsKind,
  where: aString,
  legacy: aBoolean,
} as const satisfies Record<keyof FromConfigOptions, OptionKind>

/**
 * Builds the model that Keras' `model.get_config()`, wrapped as `{ class_name, config }`, describes; weights are new.
 * @throws UnknownNameError for names that nothing resolves, FileError for the rest, both with the path.
 */
export function modelFromObject(object: Json, options: FromConfigOptions = {}): Model<unknown> | Sequential {
  checkOptions('modelFromObject()', options, fromConfigOptions)
  const { customObjects = {}, where = 'model config', legacy = false } = options
  const tree = readModel(new Cursor(object, where), legacy)
  const context = { customObjects, legacy }
  checkNames(tree, context)
  return buildModel(tree, context)
}

/** As `modelFromObject`, from the text of `model.toJSON()`. */
export function modelFromJSON(text: string, options: FromConfigOptions = {}): Model<unknown> | Sequential {
  if (typeof text !== 'string')
    throw new ArgumentError(
      `modelFromJSON: the text should be a string, got ${showGiven(text)}`,
      'modelFromObject() takes what is parsed already',
    )
  let object: Json
  try {
    object = JSON.parse(text) as Json
  } catch (error) {
    throw new ArgumentError(`modelFromJSON: the text is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  return modelFromObject(object, options)
}

/**
 * Builds a model from what `model.getConfig()` gives; a config with `input_layers` is a functional model's, any other
 * a stack's. It takes `{ class_name, config }` too.
 * @throws as `modelFromObject`, and ArgumentError for what is no object.
 */
export function modelFromConfig(config: Readonly<Record<string, Json>>, options: FromConfigOptions = {}): Model<unknown> | Sequential {
  if (!isRecord(config))
    throw new ArgumentError(`modelFromConfig: the config should be an object, got ${showGiven(config)}`, 'model.getConfig() gives one')
  if ('class_name' in config) return modelFromObject(config, options)
  return modelFromObject({ class_name: 'input_layers' in config ? 'Functional' : 'Sequential', config }, options)
}
