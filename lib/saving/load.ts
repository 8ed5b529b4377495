// loadModel: a .keras file becomes a model, or a typed error; nothing in between.

import { FileError } from '../ir/errors.js'
import type { NDArray, TypedData } from '../ir/ndarray.js'
import { anObject, checkOptions, type OptionKind } from '../ir/options.js'
import { sizeOf } from '../ir/types.js'
import type { Layer } from '../layers/layer.js'
import type { Variable } from '../layers/variable.js'
import { BaseModel } from '../models/baseModel.js'
import { Cursor } from '../models/config/cursor.js'
import type { CustomObjects } from '../models/config/resolve.js'
import { customObjectsKind, modelFromObject } from '../models/fromConfig.js'
import { type WeightsFile, withWeights } from './hdf5.js'
import { parseJson } from './json.js'
import { type FileAccess, type ModelSource, openArchive } from './source.js'
import { type ContainerName, containerNames, type Saveable, type VariableGroup, variableGroups } from './weightPaths.js'

export interface LoadOptions {
  /** What stands for classes and functions that Kerafold does not know. */
  readonly customObjects?: CustomObjects
  /** How paths and URLs are read; the platform's own by default. */
  readonly access?: FileAccess
}

const loadOptions = { customObjects: customObjectsKind, access: anObject } as const satisfies Record<keyof LoadOptions, OptionKind>

/**
 * Loads a model that Keras 2.12 or newer saved as `.keras`: its architecture, then its weights, all or none.
 * `R` is what `predict` gives: an NDArray, a list or an object of them, as the model's outputs are.
 * @throws UnknownNameError before any weight is read, if a name in the file means nothing here; FileError naming file
 *   and place, if it is missing, damaged, hostile or of a kind that is not supported.
 */
export async function loadModel<R = NDArray>(source: ModelSource, options: LoadOptions = {}): Promise<BaseModel<R>> {
  checkOptions('loadModel()', options, loadOptions)
  const { customObjects = {}, access } = options
  const archive = await openArchive(source, access)
  const json = async (member: string) => parseJson(await archive.read(member), `${archive.name}: ${member}`)
  const version = new Cursor(await json('metadata.json'), `${archive.name}: metadata.json`).get('keras_version').string()
  const config = await json('config.json')
  const model = modelFromObject(config, { customObjects, where: `${archive.name}: config.json`, legacy: /^[012]\./.test(version) })
  const weights = await archive.read('model.weights.h5')
  const place = `${archive.name}: model.weights.h5`
  checkSize(model, weights.length, place)
  const values = await withWeights(weights, place, file => readAll(model, file, place))
  for (const [variable, data] of values) variable.assign(data)
  return model as BaseModel<R>
}

/** Values that one byte of file may stand for, when gzip has compressed them. */
const maxRatio = 100

/** A config can ask for more memory than there is; its weights must be in the file. */
function checkSize(model: Layer, fileBytes: number, place: string): void {
  const wanted = model.weights.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0)
  if (wanted > maxRatio * fileBytes)
    throw new FileError(`${place} has ${fileBytes} bytes, but the model of config.json needs ${wanted} bytes of weights`)
}

/** Reads every weight, having checked that the file holds these and no others. */
function readAll(model: Layer, file: WeightsFile, place: string): Map<Variable, TypedData> {
  const groups = variableGroups(saveable(model), containerOf(file))
  const values = new Map<Variable, TypedData>()
  for (const group of groups) checkGroup(group, groups, file, place)
  for (const { path, variables } of groups) {
    variables.forEach((variable, k) => {
      values.set(variable, file.read(`${path}/${k}`, variable.shape, variable.dtype))
    })
  }
  return values
}

function containerOf(file: WeightsFile): ContainerName {
  const names = file.names('') ?? []
  return containerNames.find(name => names.includes(name)) ?? 'layers'
}

/** What a file may hold beside the weights of layers. */
const extras = new Set(['vars', 'optimizer', 'seed_generator'])

function checkGroup(group: VariableGroup<Variable>, groups: readonly VariableGroup<Variable>[], file: WeightsFile, place: string): void {
  const { path, owner, variables, siblings } = group
  const title = `layer "${owner.name}" (${owner.className})`
  const names = file.names(path)
  if (!names && variables.length > 0) throw new FileError(`${place}: the weights of ${title} are missing: there is no group /${path}`)
  variables.forEach((variable, k) => {
    if (!names?.includes(String(k)))
      throw new FileError(`${place}: weight "${variable.path}" of ${title} is missing: there is no /${path}/${k}`)
  })
  const extra = names?.find(name => !isIndex(name, variables.length))
  if (extra !== undefined) throw new FileError(`${place}: /${path}/${extra} is a weight too many: ${title} has ${variables.length}`)
  const parent = path.slice(0, -'/vars'.length)
  const known = new Set([...extras, ...siblings])
  refuseExtra(path === 'vars' ? '' : parent, known, file, place)
  for (const sibling of siblings) {
    const inner = path === 'vars' ? sibling : `${parent}/${sibling}`
    const expected = new Set(
      groups.filter(other => other.path.startsWith(`${inner}/`)).map(other => other.path.slice(inner.length + 1).split('/')[0] as string),
    )
    refuseExtra(inner, expected, file, place)
  }
}

function isIndex(name: string, count: number): boolean {
  return /^(0|[1-9]\d*)$/.test(name) && Number(name) < count
}

function refuseExtra(group: string, known: ReadonlySet<string>, file: WeightsFile, place: string): void {
  const extra = file.names(group)?.find(name => !known.has(name))
  if (extra !== undefined) throw new FileError(`${place}: ${group === '' ? '' : `/${group}`}/${extra} belongs to no layer of config.json`)
}

function saveable(layer: Layer): Saveable<Variable> {
  const kept = layer.ownVariables.filter(({ kind }) => kind !== 'counter' && kind !== 'bound')
  const variables = [...kept.filter(({ trainable }) => trainable), ...kept.filter(({ trainable }) => !trainable)]
  const inner = (layer instanceof BaseModel ? layer.layers : layer.sublayers).map(saveable)
  return {
    name: layer.name,
    className: layer.className,
    variables,
    parts: inner.length > 0 ? [{ attribute: 'layers', content: inner }] : [],
  }
}
