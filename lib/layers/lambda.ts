// Lambda: a function of the user's as a layer, traced into ops that passes can see and files can hold.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import type { Graph } from '../ir/graph.js'
import { NDArray, type Nested, ndarray } from '../ir/ndarray.js'
import { showKerasShape, type TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import type { LayerOptions } from './baseOptions.js'
import { copyPlain } from './copyPlain.js'
import { type Code, parseBody, TracedFunction } from './lambdaBody.js'
import { type CallContext, type KerasShape, Layer } from './layer.js'
import { alias, type Field, isRecord, type Json, nullable, optional, toJsonValue } from './schema.js'
import { onUndo } from './undo.js'

/** What the function gets: one tensor, or the list of them where the layer is called on several. */
export type LambdaInput = readonly [TracedTensor, TracedTensor, ...TracedTensor[]] & TracedTensor

type LambdaMask = TracedTensor | null | readonly (TracedTensor | null)[]

/** The second argument of the function: the layer's `arguments`, the mask, and the mode. */
export interface LambdaCall {
  /** The input's mask or null; a list for several inputs. */
  readonly mask: LambdaMask
  /** Whether this is a training run. A function that reads it is traced for both modes. */
  readonly training: boolean
  readonly [argument: string]: unknown
}

export type LambdaFunction = (x: LambdaInput, call: LambdaCall) => TracedTensor | readonly TracedTensor[]
export type LambdaMaskFunction = (x: LambdaInput, mask: LambdaMask) => LambdaMask
export type LambdaShapeFunction = (inputShape: KerasShape & readonly KerasShape[]) => KerasShape | readonly KerasShape[]

export interface LambdaOptions extends LayerOptions {
  /** Called once with tensors without values; computes with K functions. */
  readonly function?: LambdaFunction
  /** Another name for `function`. */
  readonly fn?: LambdaFunction
  /** The shape of one sample, or a function from the input's whole shape to the output's; checked against the traced one. */
  readonly outputShape?: KerasShape | readonly KerasShape[] | LambdaShapeFunction | null
  /** The output's mask: a constant, or a function of the input and its mask. Without it, masks end here. */
  readonly mask?: LambdaMaskFunction | NDArray | Nested | null
  /** More arguments for the function. */
  readonly arguments?: Readonly<Record<string, unknown>> | null
}

/** Code, or bodies traced before. */
type Source<F> = { readonly code: F } | { readonly bodies: readonly Graph[] }

const graphClass = '__kerafold_graph__'

/** Reads a JavaScript function, or the graph text that a config holds in its place. Python code is never run. */
function source<F>(value: unknown, where: string): Source<F> | undefined {
  if (typeof value === 'function') return { code: value as F }
  const saved = isRecord(value) ? value : {}
  if (saved.class_name === graphClass) {
    const texts: readonly unknown[] = Array.isArray(saved.config) && saved.config.length > 0 ? saved.config : [saved.config]
    return { bodies: texts.map(text => parseBody(typeof text === 'string' ? text : '', where)) }
  }
  const isPython =
    saved.class_name === '__lambda__' || saved.class_name === 'function' || (Array.isArray(value) && typeof value[0] === 'string')
  if (!isPython) return undefined
  const what = saved.class_name === 'function' ? `names the Python function ${JSON.stringify(saved.config)}` : 'holds Python bytecode'
  throw new ArgumentError(`${where} ${what}, which is never run`, 'give a JavaScript function in its place, by the name of the layer')
}

const functionField: Field<Source<LambdaFunction>> = {
  omit: () => true,
  parse(value, where) {
    const found = source<LambdaFunction>(value, where)
    if (!found) throw new ArgumentError(`${where} should be a function, got ${isRecord(value) ? 'an object' : String(value)}`)
    return found
  },
  toJson: () => null,
}

const maskField: Field<Source<LambdaMaskFunction> | NDArray> = {
  omit: () => true,
  parse(value, where) {
    const found = source<LambdaMaskFunction>(value, where)
    if (found) return found
    const saved = isRecord(value) && isRecord(value.config) ? value.config.value : value
    if (saved instanceof NDArray) return ndarray(saved.toArray(), 'bool')
    if (typeof saved === 'boolean' || typeof saved === 'number' || Array.isArray(saved)) return ndarray(saved as Nested, 'bool')
    throw new ArgumentError(`${where} should be a function, a constant or null`)
  },
  toJson: () => null,
}

type ShapeOption = LambdaShapeFunction | readonly KerasShape[]

const isShape = (value: unknown): value is KerasShape =>
  Array.isArray(value) && value.every(size => size === null || Number.isSafeInteger(size))

/** One shape is kept as a list of one. A Python function in a config says nothing that tracing does not. */
const shapeField: Field<ShapeOption | null> = {
  ...nullable({
    parse(value, where): ShapeOption | null {
      if (typeof value === 'function') return value as LambdaShapeFunction
      if (isShape(value)) return [value]
      if (Array.isArray(value) && value.every(isShape)) return value
      if (isRecord(value)) return null
      throw new ArgumentError(`${where} should be a list of sizes, a function or null`)
    },
    toJson: () => null,
  }),
  omit: () => true,
}

const argumentsField: Field<Readonly<Record<string, unknown>>> = {
  parse(value, where) {
    if (value === null) return {}
    if (!isRecord(value)) throw new ArgumentError(`${where} should be an object`)
    const reserved = ['mask', 'training'].find(name => Object.hasOwn(value, name))
    if (reserved) throw new ArgumentError(`${where}: ${reserved} is passed by the layer itself`)
    return copyPlain(value)
  },
  toJson: toJsonValue,
}

const schema = {
  function: alias(functionField, 'fn'),
  outputShape: shapeField,
  mask: nullable(maskField),
  arguments: optional(argumentsField, () => ({})),
}

/**
 * A function of tensors as a layer. It is called once per kind of input, with tensors that have no values; what it
 * computes becomes a graph that is inlined wherever the layer is called, and is saved as text.
 * Source: keras/src/layers/core/lambda_layer.py.
 */
export class Lambda extends Layer {
  static override readonly className = 'Lambda'
  static override readonly schema = schema
  private readonly options = this.parse(schema)
  override readonly supportsMasking = this.options.mask !== null
  private readonly body = traced<LambdaFunction>(`lambda "${this.name}"`, this.options.function, fn => (given, training) => {
    // the function may scribble on what it is given
    const call = { ...copyPlain(this.options.arguments), mask: oneOrList(given.masks) }
    return fn(asInput(given.inputs), Object.defineProperty(call, 'training', { get: training, enumerable: true }) as LambdaCall)
  })
  private readonly maskBody = this.makeMaskBody()
  private declared: readonly KerasShape[] | undefined

  constructor(options: LambdaOptions) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    if (inputs.length < 1) throw new ShapeError('needs at least 1 input')
  }

  private makeMaskBody(): TracedFunction | undefined {
    const { mask } = this.options
    if (mask === null || mask instanceof NDArray) return undefined
    return traced<LambdaMaskFunction>(
      `mask of lambda "${this.name}"`,
      mask,
      fn => given => fn(asInput(given.inputs), oneOrList(given.masks)),
    )
  }

  protected override call(inputs: readonly TracedTensor[], { trace, masks }: CallContext): readonly TracedTensor[] {
    const outputs = this.body.inline(trace.builder, { inputs, masks })
    const declared = this.declaredShapes(inputs)
    if (declared && declared.length !== outputs.length) {
      throw new ShapeError(`outputShape says ${declared.length} outputs, but the function gives ${outputs.length}`)
    }
    return declared ? outputs.map((output, k) => asDeclared(output, declared[k] as KerasShape)) : outputs
  }

  protected override computeMask(
    inputs: readonly TracedTensor[],
    masks: readonly (TracedTensor | null)[],
    outputs: readonly TracedTensor[],
    { trace }: CallContext,
  ): readonly (TracedTensor | null)[] {
    const { mask } = this.options
    if (mask instanceof NDArray) {
      const constant = trace.builder.constant(Array.from(mask.data), { dtype: 'bool', shape: mask.shape })
      return outputs.map(() => constant)
    }
    return this.maskBody ? this.maskBody.inline(trace.builder, { inputs, masks }) : outputs.map(() => null)
  }

  /** The shapes that `outputShape` asks for, batch axis included. */
  private declaredShapes(inputs: readonly TracedTensor[]): readonly KerasShape[] | undefined {
    const { outputShape } = this.options
    if (outputShape === null) return undefined
    const given = inputs.map(input => input.shape)
    const batch = given[0]?.[0] ?? null
    const found = typeof outputShape === 'function' ? outputShape(oneOrList(given) as never) : outputShape.map(shape => [batch, ...shape])
    const shapes = isShape(found) ? [found] : found
    if (!Array.isArray(shapes) || !shapes.every(isShape))
      throw new ArgumentError('outputShape should give a list of sizes', 'null stands for an unknown one')
    if (!this.declared) {
      this.declared = shapes
      onUndo(() => {
        this.declared = undefined
      })
    }
    return shapes
  }

  /**
   * Keras' keys, with the traced bodies as graph text where Keras writes Python code.
   * @throws ArgumentError before the first call.
   */
  override getConfig(): Record<string, Json> {
    const { mask } = this.options
    const shapes = this.declared?.map(shape => shape.slice(1))
    const declared = shapes && { output_shape: oneOrList(shapes) }
    const maskConfig = mask instanceof NDArray ? { mask: toJsonValue(mask) } : this.maskBody && { mask: asConfig(this.maskBody) }
    return { ...super.getConfig(), function: asConfig(this.body), ...declared, ...maskConfig }
  }

  static override optionsFromConfig(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const kept = Object.entries(config).filter(([key]) => !keras2Keys.includes(key))
    // biome-ignore lint/complexity/noThisInStatic: super keeps the class it is called on
    return super.optionsFromConfig(Object.fromEntries(kept))
  }
}

/** What Keras 2 writes beside functions, to find them again in Python modules. */
const keras2Keys = ['function_type', 'output_shape_type', 'module', 'output_shape_module']

function traced<F>(purpose: string, from: Source<F>, code: (fn: F) => Code): TracedFunction {
  return 'code' in from ? new TracedFunction(purpose, code(from.code)) : new TracedFunction(purpose, undefined, from.bodies)
}

function asConfig(body: TracedFunction): Json {
  return { class_name: graphClass, config: oneOrList(body.texts()) }
}

function asInput(tensors: readonly TracedTensor[]): LambdaInput {
  return oneOrList(tensors) as LambdaInput
}

function oneOrList<T>(list: readonly T[]): T | readonly T[] {
  return list.length === 1 ? (list[0] as T) : list
}

/** The output with the sizes that are declared; a size that tracing does not know is checked when it runs. */
function asDeclared(output: TracedTensor, declared: KerasShape): TracedTensor {
  const traced = output.type.shape
  const fits =
    traced.length === declared.length && traced.every((size, axis) => typeof size === 'string' || (declared[axis] ?? size) === size)
  if (!fits) {
    throw new ShapeError(`outputShape says ${showKerasShape(declared.map(size => size ?? '?'))}, but the function gives another shape`, {
      traced: output.type,
    })
  }
  const shape = traced.map((size, axis) => declared[axis] ?? size)
  return shape.every((size, axis) => size === traced[axis]) ? output : output.builder.emit('reshape', [output], { shape })
}
