// Activations: the functions by Keras' names, and the field that layers read them with.

import { ArgumentError, UnknownNameError } from '../../ir/errors.js'
import type { TracedTensor } from '../../ops/builder.js'
import * as K from '../../ops/functional/index.js'
import { type Field, isRecord, type Json, number, parseOptions, toSnake } from '../schema.js'
import { callTraced, functionJson, type OptionsOf, toCamel } from './partTable.js'

/** A function that a layer applies to its result. */
export interface Activation {
  readonly name: string
  apply(x: TracedTensor): TracedTensor
  /** Keras' JSON: the name of a function of Keras', an object for any other. */
  toJson(): Json
}

type ActivationFunction = (x: TracedTensor) => TracedTensor

/** x, unchanged. */
function linear(x: TracedTensor): TracedTensor {
  return x
}

/** x · Φ(x); exact by default, where keras.ops.gelu is approximate. */
function gelu(x: TracedTensor, options: { readonly approximate?: boolean } = {}): TracedTensor {
  return K.gelu(x, { approximate: false, ...options })
}

const thresholdSchema = { threshold: number(), defaultValue: number() }

/**
 * x where it is above the threshold, defaultValue elsewhere.
 * @throws ArgumentError unless both are given: Keras has no defaults for them.
 */
function threshold(x: TracedTensor, options: OptionsOf<typeof thresholdSchema> = {}): TracedTensor {
  const { threshold, defaultValue } = parseOptions('activations.threshold', thresholdSchema, options)
  return K.threshold(x, threshold, defaultValue)
}

/** clip(0.2 · x + 0.5, 0, 1): what hard_sigmoid was in Keras 2, whose models need it. */
function hardSigmoidKeras2(x: TracedTensor): TracedTensor {
  return K.clip(K.add(K.multiply(x, 0.2), 0.5), 0, 1)
}

/** Every activation function, to be called on traced tensors: `activations.leakyRelu(x, { negativeSlope: 0.1 })`. */
export const activations = {
  celu: K.celu,
  elu: K.elu,
  exponential: K.exp,
  gelu,
  glu: K.glu,
  hardShrink: K.hardShrink,
  hardSigmoid: K.hardSigmoid,
  hardSilu: K.hardSilu,
  hardSwish: K.hardSilu,
  hardTanh: K.hardTanh,
  leakyRelu: K.leakyRelu,
  linear,
  logSigmoid: K.logSigmoid,
  logSoftmax: K.logSoftmax,
  mish: K.mish,
  relu: K.relu,
  relu6: K.relu6,
  selu: K.selu,
  sigmoid: K.sigmoid,
  silu: K.silu,
  softShrink: K.softShrink,
  softmax: K.softmax,
  softplus: K.softplus,
  softsign: K.softsign,
  sparsePlus: K.sparsePlus,
  sparseSigmoid: K.sparseSigmoid,
  sparsemax: K.sparsemax,
  squareplus: K.squareplus,
  swish: K.silu,
  tanh: K.tanh,
  tanhShrink: K.tanhShrink,
  threshold,
} as const satisfies Record<string, ActivationFunction>

/** hardShrink → hard_shrink */
type Snake<S extends string> = S extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${Snake<Tail>}`
  : S

/** Keras' name of an activation; camelCase is understood as well. */
export type ActivationName = Snake<keyof typeof activations>

/** The two names that Keras saves under another. */
const savedAs: Readonly<Record<string, string>> = { swish: 'silu', hard_swish: 'hard_silu' }

/** Ours, for configs of Keras 2; saved as a function that Keras 3 does not know. */
const keras2Name = 'hard_sigmoid_keras2'

const byName = new Map<string, Activation>()
const byFunction = new Map<unknown, Activation>()
for (const [key, apply] of Object.entries<ActivationFunction>(activations)) {
  const name = toSnake(key)
  const activation: Activation = { name, apply: x => apply(x), toJson: () => savedAs[name] ?? name }
  byName.set(name, activation).set(key, activation)
  if (!byFunction.has(apply)) byFunction.set(apply, activation)
}
const keras2: Activation = { name: keras2Name, apply: x => hardSigmoidKeras2(x), toJson: () => functionJson(keras2Name, 'activation') }
byName.set(keras2Name, keras2).set(toCamel(keras2Name), keras2)

/** What an activation may be given as: a name in either case, null for none, a function, an Activation, or Keras' JSON. */
export type ActivationLike = ActivationName | (string & {}) | ActivationFunction | Activation | { readonly class_name: string } | null

function isActivation(value: object): value is Activation {
  return 'apply' in value && typeof value.apply === 'function' && 'toJson' in value && typeof value.toJson === 'function' && 'name' in value
}

function named(name: string, where: string): Activation {
  const found = byName.get(name)
  if (found) return found
  throw new UnknownNameError(
    `${where}: there is no activation ${JSON.stringify(name)}`,
    `known are ${Object.keys(activations).map(toSnake).join(', ')}`,
  )
}

/**
 * The activation that a value stands for; `where` begins the message of an error.
 * @throws UnknownNameError for a name that is none, ArgumentError for any other value.
 */
export function toActivation(value: unknown, where: string): Activation {
  if (value === null) return named('linear', where)
  if (typeof value === 'string') return named(value, where)
  if (typeof value === 'function') {
    const fn = value as ActivationFunction
    const own: Activation = {
      name: fn.name,
      apply: x => callTraced('activation', fn, x),
      toJson: () => functionJson(fn.name, 'activation'),
    }
    return byFunction.get(fn) ?? own
  }
  if (typeof value === 'object' && isActivation(value)) return value
  if (isRecord(value) && typeof value.class_name === 'string') {
    return named(value.class_name === 'function' && typeof value.config === 'string' ? value.config : value.class_name, where)
  }
  throw new ArgumentError(`${where} should be an activation: a name, a function of a tensor, or null`)
}

/** An activation of a layer's schema; `fallback` is a name, linear by default. */
export function activation(fallback: ActivationName = 'linear'): Field<Activation> {
  return { fallback: () => named(fallback, 'default'), parse: toActivation, toJson: value => value.toJson() }
}
