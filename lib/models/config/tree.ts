// A model's config as a checked tree: what is built, and which call reads which. Nothing is built or resolved here.

import type { Json } from '../../layers/schema.js'
import type { Cursor, JsonRecord } from '../../saving/cursor.js'

/** A tensor by its history: output `output` of call `call` of a layer. */
export interface Reference {
  readonly layer: string
  readonly call: number
  readonly output: number
  readonly where: string
}

/** An argument of a call: a tensor, a literal, or lists and objects of them. */
export type Argument =
  | { readonly tensor: Reference }
  | { readonly literal: Json }
  | { readonly list: readonly Argument[] }
  | { readonly record: Readonly<Record<string, Argument>> }

export interface CallTree {
  readonly args: readonly Argument[]
  readonly kwargs: Readonly<Record<string, Argument>>
  readonly where: string
}

export interface LayerTree {
  readonly name: string
  readonly module: string
  readonly className: string
  /** `package>Name` of a custom class; null for built-ins. */
  readonly registeredName: string | null
  readonly config: Cursor
  /** What the layer contains if it is a model. */
  readonly model: ModelTree | null
  /** Whether this is a node of `keras.ops`, not a layer. */
  readonly isOperation: boolean
  readonly calls: readonly CallTree[]
  readonly where: string
}

/** One reference, a list, or an object of them. */
export type ReferenceNest = Reference | readonly ReferenceNest[] | { readonly byName: Readonly<Record<string, ReferenceNest>> }

export interface ModelTree {
  readonly kind: 'Functional' | 'Sequential'
  readonly name: string | undefined
  readonly config: JsonRecord
  readonly layers: readonly LayerTree[]
  readonly inputs: ReferenceNest
  readonly outputs: ReferenceNest
  /** Whether Keras 2 wrote it: calls of nested models count from 1, single outputs stand in lists. */
  readonly legacy: boolean
  readonly where: string
}

const modelClasses: Readonly<Record<string, ModelTree['kind']>> = {
  Functional: 'Functional',
  Model: 'Functional',
  Sequential: 'Sequential',
}

/** The kind of model a class name stands for; undefined for layers. */
export function modelKind(className: string): ModelTree['kind'] | undefined {
  return Object.hasOwn(modelClasses, className) ? modelClasses[className] : undefined
}

/**
 * Reads a serialised Functional or Sequential model, Keras 3's or Keras 2's.
 * @throws FileError naming the path for what has not the form of a model.
 */
export function readModel(object: Cursor, legacy = false): ModelTree {
  const className = object.get('class_name').string()
  const kind = modelKind(className)
  if (!kind) object.fail(`is a ${JSON.stringify(className)}, but a model should be Functional or Sequential`)
  return readModelConfig(kind, object.get('config'), legacy)
}

function readModelConfig(kind: ModelTree['kind'], config: Cursor, legacy: boolean): ModelTree {
  // Keras 1 and early tf.keras stored a Sequential as a bare list
  const layers = (config.isList ? config : config.get('layers')).list()
  const trees = layers.map(layer => readLayer(layer, kind, legacy))
  const seen = new Set<string>()
  for (const tree of trees) {
    if (seen.has(tree.name)) tree.config.fail(`belongs to the second layer called ${JSON.stringify(tree.name)}`)
    seen.add(tree.name)
  }
  const base = { kind, layers: trees, config: config.isList ? {} : config.record(), where: config.where }
  const name = config.isList ? undefined : config.at('name')?.string()
  if (kind === 'Sequential') return { ...base, name, legacy, inputs: [], outputs: [] }
  const isLegacy = legacy || layers.some(layer => layer.at('inbound_nodes')?.list()[0]?.isList)
  return { ...base, name, legacy: isLegacy, inputs: readNest(config.get('input_layers')), outputs: readNest(config.get('output_layers')) }
}

function readLayer(layer: Cursor, parent: ModelTree['kind'], legacy: boolean): LayerTree {
  const className = layer.get('class_name').string()
  const config = layer.get('config')
  const module = nullableString(layer.at('module')) ?? ''
  const kind = modelKind(className)
  const name = layer.at('name') ?? (config.isRecord ? config.at('name') : undefined)
  return {
    name: name?.string() ?? (kind === 'Sequential' ? 'sequential' : config.fail('lacks "name"')),
    module,
    className,
    registeredName: nullableString(layer.at('registered_name')),
    config,
    model: kind ? readModelConfig(kind, config, legacy) : null,
    isOperation: isOperation(layer, module),
    calls: parent === 'Functional' ? layer.get('inbound_nodes').list().map(readCall) : [],
    where: layer.where,
  }
}

/** Files named .h5 keep no modules: there, a call of Keras 3's form whose config lacks what every layer has is an operation. */
function isOperation(layer: Cursor, module: string): boolean {
  if (module !== '') return /^keras(\.src)?\.ops(\.|$)/.test(module)
  const calls = layer.at('inbound_nodes')
  const isCall = calls?.isList && calls.list()[0]?.isRecord
  const config = layer.get('config')
  return Boolean(isCall) && config.isRecord && !config.at('trainable') && !config.at('dtype') && !config.at('layers')
}

function nullableString(cursor: Cursor | undefined): string | null {
  return cursor === undefined || cursor.value === null ? null : cursor.string()
}

function readCall(node: Cursor): CallTree {
  if (node.isList) return readLegacyCall(node)
  const kwargs = Object.keys(node.get('kwargs').record()).map(key => [key, readArgument(node.get('kwargs').get(key))] as const)
  return { args: node.get('args').list().map(readArgument), kwargs: Object.fromEntries(kwargs), where: node.where }
}

/** Keras 2: `[["dense_1", 0, 0, {}]]`, one entry per input; keyword arguments stand in the entries. */
function readLegacyCall(node: Cursor): CallTree {
  const kwargs: Record<string, Argument> = {}
  const inputs = node.list().map(entry => {
    const parts = entry.list()
    const extra = parts[3]
    for (const key of extra ? Object.keys(extra.record()) : []) kwargs[key] = { literal: (extra as Cursor).get(key).value }
    return { tensor: readReference(parts.slice(0, 3), entry) }
  })
  const [only] = inputs
  return { args: only && inputs.length === 1 ? [only] : [{ list: inputs }], kwargs, where: node.where }
}

function readReference(parts: readonly Cursor[], place: Cursor): Reference {
  const [layer, call, output] = parts
  if (!layer || !call || !output) return place.fail('should be [layer, call, output]')
  return { layer: layer.string(), call: call.index(), output: output.index(), where: place.where }
}

function readArgument(value: Cursor): Argument {
  if (value.isList) return { list: value.list().map(readArgument) }
  if (!value.isRecord) return { literal: value.value }
  const className = value.at('class_name')
  if (className?.value === '__keras_tensor__') {
    const history = value.get('config').get('keras_history')
    return { tensor: readReference(history.list(), history) }
  }
  if (typeof className?.value === 'string') return { literal: value.value }
  return { record: Object.fromEntries(Object.keys(value.record()).map(key => [key, readArgument(value.get(key))])) }
}

function readNest(nest: Cursor): ReferenceNest {
  if (nest.isRecord) return { byName: Object.fromEntries(Object.keys(nest.record()).map(key => [key, readNest(nest.get(key))])) }
  const parts = nest.list()
  return typeof parts[0]?.value === 'string' ? readReference(parts, nest) : parts.map(readNest)
}
