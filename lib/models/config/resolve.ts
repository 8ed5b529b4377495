// What the names in a config mean: Kerafold's classes and functions, or those the caller passes. Nothing else is ever called.

import { FileError, UnknownNameError } from '../../ir/errors.js'
import { Layer, type LayerClass } from '../../layers/layer.js'
import { layerClasses } from '../../layers/registry.js'
import type { Cursor } from '../../saving/cursor.js'
import { dtypeOf } from './dtypes.js'
import { currentClassName, repairConfig } from './keras2.js'
import { operations } from './operations.js'
import type { LayerTree, ModelTree } from './tree.js'

/** A function on tensors, or from a Keras config to what it describes. */
export type CustomFunction = (...args: never[]) => unknown

/**
 * What stands for names that Kerafold does not know: by class name or `package>Name` a Layer class or a function from
 * config to layer; by function name a function on tensors; by a Lambda layer's name the function it computes.
 */
export type CustomObjects = Readonly<Record<string, LayerClass | CustomFunction>>

export interface ResolveContext {
  readonly customObjects: CustomObjects
  /** Whether Keras 2 wrote the file. */
  readonly legacy: boolean
}

/** Layers and their calls in one file; the largest model of keras.applications has about a thousand. */
const maxCalls = 20_000

/**
 * Checks every name in the tree, before anything is built.
 * @throws UnknownNameError naming layer, class and path; FileError for dtypes and sizes that are not supported.
 */
export function checkNames(tree: ModelTree, context: ResolveContext): void {
  if (countCalls(tree) > maxCalls) throw new FileError(`${tree.where} describes more than ${maxCalls} calls of layers`)
  for (const layer of tree.layers) {
    if (layer.model) {
      checkNames(layer.model, context)
      continue
    }
    if (layer.isOperation) {
      if (!Object.hasOwn(operations, layer.className)) throw unknown(layer, 'operation')
      continue
    }
    if (!customOf(layer, context) && !builtIn(layer.className)) throw unknown(layer, 'layer class')
    configOf(layer, context)
  }
}

/** Calls that a trace of the model replays, nested models once per call. */
function countCalls(tree: ModelTree): number {
  let count = 0
  for (const { model, calls } of tree.layers) {
    count += (model ? 1 + countCalls(model) : 1) * Math.max(1, calls.length)
    if (count > maxCalls) break
  }
  return count
}

/** Makes the layer that a config describes. */
export function makeLayer(layer: LayerTree, context: ResolveContext): Layer {
  const config = configOf(layer, context)
  const custom = customOf(layer, context)
  const make = custom ?? builtIn(layer.className)
  if (!make) throw unknown(layer, 'layer class')
  if (isLayerClass(make)) return new make(make.optionsFromConfig(config) as never)
  const made = call(make, config)
  if (made instanceof Layer) return made
  throw new UnknownNameError(`${layer.where}: the customObjects entry for ${JSON.stringify(layer.className)} gave no Layer`)
}

function builtIn(className: string): LayerClass | undefined {
  const table: Readonly<Record<string, LayerClass>> = layerClasses
  const name = currentClassName(className)
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function customOf({ className, registeredName }: LayerTree, { customObjects }: ResolveContext): LayerClass | CustomFunction | undefined {
  return own(customObjects, registeredName) ?? own(customObjects, className)
}

function own(customObjects: CustomObjects, name: string | null | undefined): LayerClass | CustomFunction | undefined {
  return name != null && Object.hasOwn(customObjects, name) ? customObjects[name] : undefined
}

function isLayerClass(value: LayerClass | CustomFunction): value is LayerClass {
  return value.prototype instanceof Layer
}

function call(custom: CustomFunction, config: unknown): unknown {
  return (custom as (config: unknown) => unknown)(config)
}

function unknown(layer: LayerTree, what: string): UnknownNameError {
  const hint =
    what === 'operation'
      ? 'it has no counterpart among the K functions'
      : `pass customObjects: { ${JSON.stringify(layer.className)}: a Layer class or a function from config to layer }`
  return new UnknownNameError(
    `${layer.where}: layer ${JSON.stringify(layer.name)} is of the unknown ${what} ${JSON.stringify(layer.className)}`,
    hint,
  )
}

/** The layer's config with its dtype checked, names of functions resolved and old spellings repaired. */
function configOf(layer: LayerTree, context: ResolveContext): Readonly<Record<string, unknown>> {
  const { config } = layer
  const entries = Object.keys(config.record()).flatMap((key): [string, unknown][] => {
    const value = config.get(key)
    if (layer.className === 'InputLayer' && (key === 'ragged' || key === 'optional')) {
      return value.value === true ? value.fail(`is true, but ${key} inputs are not supported`) : []
    }
    if (key === 'dtype' && value.value !== null) return [[key, dtypeOf(value)]]
    if (layer.className === 'Lambda' && key === 'function') return [[key, lambdaFunction(layer, value, context)]]
    if (layer.className === 'Lambda' && key === 'output_shape' && isPythonCode(value)) return [[key, null]] // tracing tells
    return [[key, revive(layer, value, context, key)]]
  })
  return repairConfig(currentClassName(layer.className), Object.fromEntries(entries), context.legacy)
}

/** Replaces what stands for a function or a custom object; the rest is left to the layer's schema. */
function revive(layer: LayerTree, value: Cursor, context: ResolveContext, key: string): unknown {
  if (value.isList) return value.list().map(item => revive(layer, item, context, ''))
  if (!value.isRecord)
    return (key.endsWith('activation') && typeof value.value === 'string' && own(context.customObjects, value.value)) || value.value
  const className = value.at('class_name')?.value
  if (className === '__lambda__') throw pythonCode(layer, value)
  if (className === 'function') return namedFunction(value, context) ?? value.value
  const custom = typeof className === 'string' ? own(context.customObjects, className) : undefined
  if (custom && !isLayerClass(custom)) return call(custom, value.at('config')?.value ?? {})
  return Object.fromEntries(Object.keys(value.record()).map(inner => [inner, revive(layer, value.get(inner), context, inner)]))
}

function namedFunction(value: Cursor, { customObjects }: ResolveContext): unknown {
  const registered = value.at('registered_name')?.value
  const name = value.at('config')?.value
  return (
    own(customObjects, typeof registered === 'string' ? registered : null) ?? own(customObjects, typeof name === 'string' ? name : null)
  )
}

/** A Lambda's function: one the caller passes under the layer's or the function's name. */
function lambdaFunction(layer: LayerTree, value: Cursor, context: ResolveContext): unknown {
  const byLayer = own(context.customObjects, layer.name)
  if (byLayer) return byLayer
  if (value.isRecord && value.at('class_name')?.value === '__kerafold_graph__') return value.value
  const name = value.isRecord ? value.at('config')?.value : value.value
  if (isPythonCode(value) || typeof name !== 'string') throw pythonCode(layer, value)
  const found = value.isRecord ? namedFunction(value, context) : own(context.customObjects, name)
  if (found) return found
  throw new UnknownNameError(
    `${value.where}: layer ${JSON.stringify(layer.name)} (Lambda) calls the Python function ${JSON.stringify(name)}`,
    `pass customObjects: { ${JSON.stringify(name)}: the same function in JavaScript }`,
  )
}

/** Keras 3's `__lambda__`, or Keras 2's list of code, defaults and closure. */
function isPythonCode(value: Cursor): boolean {
  return value.isList ? typeof value.list()[0]?.value === 'string' : value.isRecord && value.at('class_name')?.value === '__lambda__'
}

function pythonCode(layer: LayerTree, value: Cursor): UnknownNameError {
  return new UnknownNameError(
    `${value.where}: layer ${JSON.stringify(layer.name)} (${layer.className}) holds compiled Python code, which is never run`,
    `pass customObjects: { ${JSON.stringify(layer.name)}: the same function in JavaScript }`,
  )
}
