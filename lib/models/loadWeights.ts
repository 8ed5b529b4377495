// Weights from a file into a model that exists: every format, all or nothing, with a report of what went where.

import { ArgumentError, FileError } from '../ir/errors.js'
import { aBoolean, anObject, checkOptions, type OptionKind } from '../ir/options.js'
import { sizeOf } from '../ir/types.js'
import type { Layer } from '../layers/layer.js'
import { Cursor } from '../saving/cursor.js'
import type { WeightsFile } from '../saving/hdf5.js'
import { parseJson } from '../saving/json.js'
import { readWeightsMember } from '../saving/kerasArchive.js'
import { isLegacy, readLegacy } from '../saving/legacyFile.js'
import { pairLegacy } from '../saving/legacyWeights.js'
import { pairObjects } from '../saving/objectWeights.js'
import { withWeights } from '../saving/openWeights.js'
import { checkPairs, type Pairing, readPairs, setValues, type WeightsReport } from '../saving/pairing.js'
import { type FileAccess, type ModelFile, type ModelSource, openSource } from '../saving/source.js'
import { modelWeights, readTfjs, Shards } from '../saving/tfjsFile.js'
import { pairTfjs } from '../saving/tfjsWeights.js'

export interface LoadWeightsOptions {
  /** Match the layers of an `.h5` or `.hdf5` file by name instead of by position; those without a counterpart stay as they are. */
  readonly byName?: boolean
  /** Leave out what is missing or has another shape, and report it, where it would be an error. */
  readonly skipMismatch?: boolean
  /** How paths and URLs are read; the platform's own by default. */
  readonly access?: FileAccess
}

const loadWeightsOptions = { byName: aBoolean, skipMismatch: aBoolean, access: anObject } as const satisfies Record<
  keyof LoadWeightsOptions,
  OptionKind
>

/** A model, as far as its weights matter. */
type LayeredModel = Layer & { readonly layers: readonly Layer[] }

/** As `model.loadWeights`. */
export async function loadWeights(model: LayeredModel, source: ModelSource, options: LoadWeightsOptions = {}): Promise<WeightsReport> {
  const caller = `${model.title}: loadWeights()`
  checkOptions(caller, options, loadWeightsOptions)
  if (!model.built)
    throw new ArgumentError(`${caller}: the model has no weights yet`, 'call build(shape) first, or give its first layer an input shape')
  const { access, ...how } = options
  return loadInto(model, await openSource(source, caller, access), how)
}

interface How extends Pick<LoadWeightsOptions, 'byName' | 'skipMismatch'> {
  /** Whether the model was made from the architecture in the same file. */
  readonly whole?: boolean
}

/** Loads the weights of an open file into a model; nothing is set before everything is read. */
export async function loadInto(model: LayeredModel, file: ModelFile, how: How): Promise<WeightsReport> {
  if (file.kind === 'json') return loadTfjs(model, file, how)
  const { bytes, place } = file.kind === 'archive' ? await readWeightsMember(file.archive) : { bytes: file.bytes, place: file.name }
  refuseTooLarge(model, bytes.length, place)
  const { values, report } = await withWeights(bytes, place, weights => {
    const checked = checkPairs(pairHdf5(model, weights, place, how), place, how.skipMismatch ?? false)
    return { values: readPairs(checked), report: checked.report }
  })
  setValues(values)
  return report
}

function pairHdf5(model: LayeredModel, weights: WeightsFile, place: string, { byName = false, whole = false }: How): Pairing {
  if (isLegacy(weights)) return pairLegacy(model.layers, readLegacy(weights, place), weights, byName ? 'name' : whole ? 'whole' : 'order')
  if (byName) throw refusedByName(place, 'keeps weights by position')
  return pairObjects(model, weights)
}

function refusedByName(place: string, reason: string): ArgumentError {
  return new ArgumentError(`${place} ${reason}; byName is for .h5 and .hdf5 files that list their layers`, 'leave byName out')
}

async function loadTfjs(
  model: LayeredModel,
  file: ModelFile & { readonly kind: 'json' },
  { byName, skipMismatch = false }: How,
): Promise<WeightsReport> {
  if (byName) throw refusedByName(file.name, 'is always matched by name')
  const tfjs = readTfjs(new Cursor(parseJson(file.bytes, file.name), file.name))
  const shards = new Shards()
  const checked = checkPairs(pairTfjs(model, modelWeights(tfjs), shards), file.name, skipMismatch)
  await shards.load(tfjs, file.neighbours, file.name)
  setValues(readPairs(checked))
  return checked.report
}

/** Values that one byte of file may stand for, when gzip has compressed them. */
const maxRatio = 100

/** A config can ask for more memory than there is; its weights must be in the file. */
function refuseTooLarge(model: Layer, fileBytes: number, place: string): void {
  const wanted = model.weights.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0)
  if (wanted > maxRatio * fileBytes)
    throw new FileError(`${place} has ${fileBytes} bytes, but the model of its config needs ${wanted} bytes of weights`)
}
