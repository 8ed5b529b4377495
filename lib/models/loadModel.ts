// loadModel: a file of Keras or TensorFlow.js becomes a model, or a typed error; nothing in between.

import { FileError } from '../ir/errors.js'
import type { NDArray } from '../ir/ndarray.js'
import { anObject, checkOptions, type OptionKind } from '../ir/options.js'
import type { Json } from '../layers/schema.js'
import { Cursor } from '../saving/cursor.js'
import { parseJson } from '../saving/json.js'
import { readArchitecture } from '../saving/kerasArchive.js'
import { readArchitecture as readH5Architecture } from '../saving/legacyFile.js'
import { withWeights } from '../saving/openWeights.js'
import { type FileAccess, type ModelFile, type ModelSource, openSource } from '../saving/source.js'
import { readTfjs } from '../saving/tfjsFile.js'
import type { BaseModel } from './baseModel.js'
import type { CustomObjects } from './config/resolve.js'
import { customObjectsKind, modelFromObject } from './fromConfig.js'
import { loadInto } from './loadWeights.js'

export interface LoadOptions {
  /** What stands for classes and functions that Kerafold does not know. */
  readonly customObjects?: CustomObjects
  /** How paths and URLs are read; the platform's own by default. */
  readonly access?: FileAccess
}

const loadOptions = { customObjects: customObjectsKind, access: anObject } as const satisfies Record<keyof LoadOptions, OptionKind>

/**
 * Loads a model that Keras or TensorFlow.js saved: its architecture, then its weights, all or none. The contents tell the
 * format: `.keras` (Keras 2.12 and newer), whole-model `.h5` (Keras 2, tf.keras, Keras 3), TensorFlow.js' `model.json`
 * with its shards beside it.
 * `R` is what `predict` gives: an NDArray, a list or an object of them, as the model's outputs are.
 * @throws UnknownNameError before any weight is read, if a name in the file means nothing here; FileError naming file
 *   and place, if it is missing, damaged, hostile or of a kind that is not supported.
 */
export async function loadModel<R = NDArray>(source: ModelSource, options: LoadOptions = {}): Promise<BaseModel<R>> {
  checkOptions('loadModel()', options, loadOptions)
  const { customObjects = {}, access } = options
  const file = await openSource(source, 'loadModel()', access)
  const { config, where, version } = await architectureOf(file)
  const model = modelFromObject(config, { customObjects, where, legacy: isLegacy(version) })
  await loadInto(model, file, { whole: true })
  return model as BaseModel<R>
}

interface Architecture {
  readonly config: Json
  readonly where: string
  readonly version: string | undefined
}

/** Keras 2 and TensorFlow.js mean the same by a config; the oldest files do not say who wrote them. */
function isLegacy(version: string | undefined): boolean {
  return version === undefined || /^([012]\.|tfjs)/.test(version)
}

async function architectureOf(file: ModelFile): Promise<Architecture> {
  if (file.kind === 'archive') return readArchitecture(file.archive)
  if (file.kind === 'hdf5') {
    const where = `${file.name}: model_config`
    const { version, config } = await withWeights(file.bytes, file.name, readH5Architecture)
    if (config === undefined)
      throw new FileError(
        `${file.name} holds weights, but no architecture: there is no attribute model_config`,
        'build the model, then model.loadWeights(file)',
      )
    return { version, where, config: parseJson(new TextEncoder().encode(config), where) }
  }
  const { architecture, version } = readTfjs(new Cursor(parseJson(file.bytes, file.name), file.name))
  if (architecture === undefined)
    throw new FileError(`${file.name} holds weights, but no modelTopology`, 'build the model, then model.loadWeights(file)')
  return { version, where: `${file.name}: modelTopology`, config: architecture }
}
