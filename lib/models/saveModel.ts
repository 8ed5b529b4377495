// saveModel: a model becomes a .keras file that real Keras 3 loads, its weights a .weights.h5 file.

import { writePath } from '#platform'
import { ArgumentError, FileError } from '../ir/errors.js'
import { checkOptions, type OptionKind, showGiven } from '../ir/options.js'
import { isLayerClassName } from '../layers/classNames.js'
import type { Layer } from '../layers/layer.js'
import { isRecord, type Json } from '../layers/schema.js'
import { writeWeights } from '../saving/writeHdf5.js'
import { writeKeras } from '../saving/writeKeras.js'

/** Where a file goes: a path or file URL in Node. */
export type SaveTarget = string | URL

export interface SaveOptions {
  /** The date in the file; now by default. With a date of your own, the same model gives the same bytes. */
  readonly date?: Date
}

const saveOptions = {
  date: { expected: 'a valid Date', test: value => value instanceof Date && !Number.isNaN(value.getTime()) },
} as const satisfies Record<keyof SaveOptions, OptionKind>

/** A model, as far as files matter. */
type Savable = Layer & { toObject(): Record<string, Json> }

/** As `model.save`. */
export async function saveModel(model: Savable, target?: SaveTarget, options: SaveOptions = {}): Promise<Uint8Array> {
  const caller = `${model.title}: save()`
  checkOptions(caller, options, saveOptions)
  checkTarget(caller, target, '.keras')
  checkBuilt(caller, model)
  refuseLambdas(caller, model)
  const config = withRegisteredNames(model.toObject())
  return deliver(await writeKeras(config, await writeWeights(model), options.date ?? new Date()), target)
}

/** As `model.saveWeights`. */
export async function saveWeights(model: Layer, target?: SaveTarget): Promise<Uint8Array> {
  const caller = `${model.title}: saveWeights()`
  checkTarget(caller, target, '.weights.h5')
  checkBuilt(caller, model)
  return deliver(await writeWeights(model), target)
}

/** Keras tells formats by the ending, and refuses others. */
function checkTarget(caller: string, target: unknown, ending: string): void {
  if (target === undefined) return
  if (typeof target !== 'string' && !(target instanceof URL))
    throw new ArgumentError(
      `${caller}: the target should be a path or a file URL, got ${showGiven(target)}`,
      'without one you get the bytes',
    )
  const path = typeof target === 'string' ? target : target.pathname
  if (!path.endsWith(ending))
    throw new ArgumentError(`${caller}: the target should end in ${ending}, got ${JSON.stringify(String(target))}`)
}

function checkBuilt(caller: string, model: Layer): void {
  if (!model.built)
    throw new ArgumentError(`${caller}: the model has no weights yet`, 'call build(shape) first, or give its first layer an input shape')
}

/** What a Lambda computes is a traced graph here and Python code in Keras: neither can read the other's. */
function refuseLambdas(caller: string, layer: Layer): void {
  if (layer.className === 'Lambda')
    throw new ArgumentError(
      `${caller}: ${layer.title} holds a traced function, which a .keras file cannot`,
      'use layers instead; or keep model.toJSON() and model.saveWeights(), which modelFromJSON and loadWeights read again',
    )
  for (const inner of layer.sublayers) refuseLambdas(caller, inner)
}

/** Classes of the user's go under the package that Keras' register_keras_serializable takes by default. */
function withRegisteredNames(value: Json): Json {
  if (Array.isArray(value)) return value.map(withRegisteredNames)
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, withRegisteredNames(inner as Json)] as const)
  const object: Record<string, Json> = Object.fromEntries(entries)
  const { module, class_name: name } = object
  if (module !== 'keras.layers' || typeof name !== 'string' || isLayerClassName(name)) return object
  return { ...object, module: null, registered_name: `Custom>${name}` }
}

async function deliver(bytes: Uint8Array, target: SaveTarget | undefined): Promise<Uint8Array> {
  if (target === undefined) return bytes
  try {
    await writePath(target, bytes)
  } catch (error) {
    throw new FileError(`${String(target)} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
  return bytes
}
