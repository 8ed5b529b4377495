// Builds a model from its checked tree: layers first, then their calls as soon as what they read exists.

import { FileError, KerafoldError, UnknownNameError } from '../../ir/errors.js'
import { InputLayer } from '../../layers/inputLayer.js'
import type { KerasTensor } from '../../layers/kerasTensor.js'
import type { ApplyOptions, Layer } from '../../layers/layer.js'
import { Operation } from '../../layers/operation.js'
import type { Json } from '../../layers/schema.js'
import { Model } from '../model.js'
import { Sequential } from '../sequential.js'
import type { TensorStructure } from '../structure.js'
import { fill, OpArguments } from './opArguments.js'
import { operationModule } from './operationModules.js'
import { operations } from './operations.js'
import { makeLayer, type ResolveContext } from './resolve.js'
import type { Argument, CallTree, LayerTree, ModelTree, Reference, ReferenceNest } from './tree.js'

/**
 * Makes the model of a tree whose names have been checked.
 * @throws FileError naming the path, for whatever the layers refuse and for graphs that do not close.
 */
export function buildModel(tree: ModelTree, context: ResolveContext): Model<unknown> | Sequential {
  return tree.kind === 'Sequential' ? buildSequential(tree, context) : new FunctionalBuilder(tree, context).build()
}

function optionsOf(tree: ModelTree): { name?: string; trainable?: boolean } {
  return { ...(tree.name === undefined ? {} : { name: tree.name }), ...(tree.config.trainable === false ? { trainable: false } : {}) }
}

function buildSequential(tree: ModelTree, context: ResolveContext): Sequential {
  const model = attempt(tree.where, () => new Sequential(optionsOf(tree)))
  for (const layer of tree.layers) attempt(layer.where, () => model.add(buildLayer(layer, context)))
  const shape = tree.config.build_input_shape
  if (isShape(shape)) attempt(tree.where, () => model.build(shape))
  return model
}

function isShape(value: unknown): value is readonly (number | null)[] {
  return Array.isArray(value) && value.every(size => size === null || (Number.isSafeInteger(size) && size >= 0))
}

function buildLayer(layer: LayerTree, context: ResolveContext): Layer {
  return layer.model ? buildModel(layer.model, context) : attempt(layer.where, () => makeLayer(layer, context))
}

/** Says where in the file an error arose. */
function attempt<T>(where: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof FileError || (error instanceof UnknownNameError && error.message.startsWith(where))) throw error
    if (error instanceof UnknownNameError) throw new UnknownNameError(`${where}: ${error.message}`)
    if (error instanceof KerafoldError) throw new FileError(`${where}: ${error.message}`)
    throw error
  }
}

class FunctionalBuilder {
  private readonly tree: ModelTree
  private readonly context: ResolveContext
  private readonly layers = new Map<string, Layer>()
  /** The outputs of each layer's calls so far. */
  private readonly outputs = new Map<string, (readonly KerasTensor[])[]>()

  constructor(tree: ModelTree, context: ResolveContext) {
    this.tree = tree
    this.context = context
  }

  build(): Model<unknown> {
    const { tree } = this
    for (const layer of tree.layers) {
      this.outputs.set(layer.name, [])
      if (!layer.isOperation) this.addLayer(layer)
    }
    this.makeCalls()
    const inputs = this.structure(tree.inputs)
    const outputs = this.structure(tree.outputs)
    return attempt(tree.where, () => new Model<unknown>({ ...optionsOf(tree), inputs, outputs }))
  }

  private addLayer(tree: LayerTree): void {
    const layer = buildLayer(tree, this.context)
    this.layers.set(tree.name, layer)
    if (layer instanceof InputLayer) this.outputs.get(tree.name)?.push(layer.calls[0]?.outputs ?? [])
  }

  /** Keras 3 loads calls in the order of the file, as far as each goes; a call waits for the first it lacks. */
  private makeCalls(): void {
    const waiting = new Map<string, LayerTree[]>()
    const ready = this.tree.layers.toReversed()
    let open = this.tree.layers.reduce((sum, { calls }) => sum + calls.length, 0)
    for (let layer = ready.pop(); layer; layer = ready.pop()) {
      const done = this.outputs.get(layer.name) as (readonly KerasTensor[])[]
      for (let call = layer.calls[done.length]; call; call = layer.calls[done.length]) {
        const missing = referencesOf(call).find(reference => !this.find(reference, false))
        if (missing) {
          const key = this.keyOf(missing)
          waiting.set(key, [...(waiting.get(key) ?? []), layer])
          break
        }
        const made = done.push(this.makeCall(layer, call)) - 1
        open--
        const key = `${layer.name}#${made}`
        ready.push(...(waiting.get(key) ?? []))
        waiting.delete(key)
      }
    }
    if (open === 0) return
    const stuck = this.tree.layers.find(({ name, calls }) => (this.outputs.get(name)?.length ?? 0) < calls.length) as LayerTree
    const missing = referencesOf(stuck.calls[this.outputs.get(stuck.name)?.length ?? 0] as CallTree).find(
      reference => !this.find(reference, false),
    )
    throw new FileError(
      `${missing?.where ?? stuck.where}: layer "${stuck.name}" reads call ${missing?.call} of "${missing?.layer}", which does not exist or depends on it`,
    )
  }

  private makeCall(tree: LayerTree, call: CallTree): readonly KerasTensor[] {
    const tensors = (argument: Argument) => referencesIn(argument).map(reference => this.find(reference, false) as KerasTensor)
    if (tree.isOperation) {
      const inputs = Object.values(operandsOf(tree, call)).flatMap(tensors)
      return attempt(call.where, () => makeOperation(tree, call).applyAll(inputs))
    }
    const layer = this.layers.get(tree.name) as Layer
    const { mask, training, ...rest } = call.kwargs
    const [first, ...others] = [...call.args, ...Object.values(rest)].filter(argument => referencesIn(argument).length > 0)
    const strange = Object.entries(rest).find(([, argument]) => !('tensor' in argument) && !isNull(argument))
    if (!first || strange)
      throw new FileError(
        `${call.where}: layer "${tree.name}" is called with the argument ${strange?.[0] ?? 'of no tensor'}, which is not supported`,
      )
    const inputs = 'tensor' in first && others.length === 0 ? (tensors(first)[0] as KerasTensor) : [first, ...others].flatMap(tensors)
    return attempt(call.where, () => layer.applyAll(inputs, this.maskOption(mask, call)))
  }

  /** A mask in the file wins; null leaves the masks that the inputs carry. */
  private maskOption(mask: Argument | undefined, call: CallTree): ApplyOptions {
    if (mask === undefined || isNull(mask)) return {}
    const one = (argument: Argument): KerasTensor | null => {
      if ('tensor' in argument) return this.find(argument.tensor, false) as KerasTensor
      if (isNull(argument)) return null
      throw new FileError(`${call.where}: the mask should be a tensor or null`)
    }
    return { mask: 'list' in mask ? mask.list.map(one) : one(mask) }
  }

  private structure(nest: ReferenceNest): TensorStructure {
    const leaf = (item: ReferenceNest): KerasTensor => {
      if (!isReference(item)) throw new FileError(`${this.tree.where}: inputs and outputs nested in several levels are not supported`)
      return this.find(item, true) ?? this.refuse(item)
    }
    if (isReference(nest)) return leaf(nest)
    if ('byName' in nest) return Object.fromEntries(Object.entries(nest.byName).map(([key, item]) => [key, leaf(item)]))
    const [only] = nest
    return this.tree.legacy && only && nest.length === 1 ? leaf(only) : nest.map(leaf)
  }

  private refuse({ where, layer, call, output }: Reference): never {
    throw new FileError(`${where}: there is no output ${output} of call ${call} of a layer "${layer}"`)
  }

  private find(reference: Reference, isEnd: boolean): KerasTensor | undefined {
    return this.outputs.get(reference.layer)?.[this.callOf(reference, isEnd)]?.[reference.output]
  }

  private keyOf(reference: Reference): string {
    return `${reference.layer}#${this.callOf(reference, false)}`
  }

  /**
   * Files count a nested model's calls from 1, since call 0 is its own graph: Keras 2 everywhere, Keras 3 where a
   * Functional is an input or output of the model.
   */
  private callOf({ layer, call }: Reference, isEnd: boolean): number {
    const found = this.layers.get(layer)
    const fromOne = this.tree.legacy ? found instanceof Model || found instanceof Sequential : isEnd && found instanceof Model
    return fromOne ? call - 1 : call
  }
}

function makeOperation(tree: LayerTree, call: CallTree): Operation {
  if (tree.calls.length !== 1)
    throw new FileError(`${tree.where}: operation "${tree.name}" is called ${tree.calls.length} times, but each is called once`)
  const rule = operations[tree.className]
  if (!rule) throw new Error(`internal: operation ${tree.className} was not checked`)
  const operands = Object.entries(operandsOf(tree, call))
  return new Operation({
    name: tree.name,
    module: tree.module || operationModule(tree.className),
    operation: tree.className,
    config: tree.config.record(),
    compute: tensors => {
      const next = supply(tensors, tree)
      const args = new OpArguments(new Map(operands.map(([name, argument]) => [name, fill(argument, next)])), tree.config)
      const result = rule.compute(args)
      args.refuseUnread()
      return result
    },
    describe: tensors => {
      const next = supply(tensors, tree)
      const args = call.args.map(argument => fill(argument, next) as Json)
      return {
        args,
        kwargs: Object.fromEntries(Object.entries(call.kwargs).map(([name, argument]) => [name, fill(argument, next) as Json])),
      }
    },
  })
}

/** Gives one tensor after the other. */
function supply<T>(tensors: readonly T[], tree: LayerTree): () => T {
  let k = 0
  return () => tensors[k++] ?? tree.config.fail('belongs to an operation with too few tensors')
}

/** The arguments of an operation's call by their names in keras.ops. */
function operandsOf(tree: LayerTree, call: CallTree): Record<string, Argument> {
  const params = operations[tree.className]?.params ?? []
  const byPosition = call.args.map((argument, k) => [params[k] ?? `argument ${k}`, argument])
  return { ...Object.fromEntries(byPosition), ...call.kwargs }
}

function referencesOf({ args, kwargs }: CallTree): Reference[] {
  return [...args, ...Object.values(kwargs)].flatMap(referencesIn)
}

/** In the order in which Keras flattens: lists in theirs, objects by sorted keys. */
function referencesIn(argument: Argument): Reference[] {
  if ('tensor' in argument) return [argument.tensor]
  if ('literal' in argument) return []
  if ('list' in argument) return argument.list.flatMap(referencesIn)
  return Object.keys(argument.record)
    .sort()
    .flatMap(key => referencesIn(argument.record[key] as Argument))
}

function isNull(argument: Argument): boolean {
  return ('literal' in argument && argument.literal === null) || ('list' in argument && argument.list.every(isNull))
}

function isReference(nest: ReferenceNest): nest is Reference {
  return 'where' in nest
}
