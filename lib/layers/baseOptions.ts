// The options that every layer takes, in Keras 3's and Keras 2's spellings.

import { ArgumentError } from '../ir/errors.js'
import type { NDArray, Nested, TypedData } from '../ir/ndarray.js'
import { showGiven } from '../ir/options.js'
import { type DType, dtypes } from '../ir/types.js'
import { copyPlain } from './copyPlain.js'
import { type Regularizer, regularizer } from './parts/regularizers.js'
import {
  alias,
  boolean,
  codeOnly,
  type Field,
  integer,
  isRecord,
  nullable,
  optional,
  type Parsed,
  parseOptions,
  type Schema,
  sizes,
  spellingsOf,
  string,
} from './schema.js'

/** Options of every layer. A first layer may say its input's shape. */
export interface LayerOptions {
  readonly name?: string
  readonly trainable?: boolean
  readonly dtype?: DType
  readonly activityRegularizer?: Regularizer | string | null
  /** The shape of one sample, without the batch axis; null where unknown. */
  readonly inputShape?: readonly (number | null)[] | null
  /** The shape with the batch axis. */
  readonly batchInputShape?: readonly (number | null)[] | null
  readonly inputDim?: number | null
  readonly batchSize?: number | null
  /** Values for the weights, set when they are made. */
  readonly weights?: readonly (NDArray | TypedData | Nested)[] | null
}

/** Keras 3 forbids `/` in names: it separates the parts of a weight's path. Names are keys of plain objects, which `__proto__` cannot be. */
const layerName: Field<string> = {
  ...string(),
  parse(value, where) {
    const name = string().parse(value, where)
    if (name === '__proto__') throw new ArgumentError(`${where} cannot be "__proto__"`)
    if (name === '' || name.includes('/')) {
      throw new ArgumentError(`${where} should be non-empty and without "/", got ${JSON.stringify(name)}`)
    }
    return name
  },
}

/** Other widths of Keras, by the dtype that stands in for them here. */
const widths: Readonly<Record<string, DType>> = {
  float64: 'float32',
  int64: 'int32',
  int16: 'int32',
  int8: 'int32',
  uint32: 'int32',
  uint16: 'int32',
  uint8: 'int32',
}

/** A dtype name, or Keras' DTypePolicy object; other widths become float32 and int32, 16-bit floats are refused. */
const dtypeField: Field<DType> = {
  parse(value, where) {
    const policy = isRecord(value) && isRecord(value.config) ? value.config.name : value
    const name = typeof policy === 'string' ? policy : ''
    const dtype = dtypes.find(known => known === name) ?? (Object.hasOwn(widths, name) ? widths[name] : undefined)
    if (dtype) return dtype
    const hint = name.includes('16') ? 'there are no 16-bit floats here; load the model with dtype float32' : undefined
    throw new ArgumentError(`${where} should be one of ${dtypes.join(', ')}, got ${JSON.stringify(policy)}`, hint)
  },
  toJson: value => value,
}

const isWeightList = (value: unknown): value is readonly (NDArray | TypedData | Nested)[] => Array.isArray(value)
const weightList = codeOnly(isWeightList, 'a list of weights')

export const baseSchema = {
  name: nullable(layerName),
  trainable: optional(boolean(), () => true),
  dtype: optional(dtypeField, (): DType => 'float32'),
  activityRegularizer: regularizer(),
  inputShape: nullable(sizes()),
  batchInputShape: alias(nullable(sizes()), 'batchShape'),
  inputDim: nullable(integer({ min: 1 })),
  batchSize: nullable(integer({ min: 1 })),
  weights: { ...weightList, parse: (value: unknown, where: string) => copyPlain(weightList.parse(value, where)) },
} satisfies Schema

export type BaseOptions = Parsed<typeof baseSchema>

export interface ReadOptions {
  readonly base: BaseOptions
  readonly own: Parsed<Schema>
  /** Whose options they are, for messages: the layer if it has a name, else its class. */
  readonly owner: string
}

/**
 * Checks the options of a layer, separating those of every layer from its own: a name that both have, as Embedding's
 * inputDim, is the layer's own.
 */
export function readOptions(kind: string, className: string, schema: Schema, options: object): ReadOptions {
  if (!isRecord(options)) throw new ArgumentError(`${className} takes an object of options, got ${showGiven(options)}`)
  const { name } = options
  const owner = typeof name === 'string' && name !== '' ? `${kind} ${JSON.stringify(name)} (${className})` : className
  const [baseNames, ownNames] = [spellingsOf(baseSchema), spellingsOf(schema)]
  const isBase = (key: string) => baseNames.has(key) && !ownNames.has(key)
  const entries = Object.entries(options)
  const base = Object.fromEntries(entries.filter(([key]) => isBase(key)))
  const own = Object.fromEntries(entries.filter(([key]) => !isBase(key)))
  const parsed = parseOptions(owner, schema, own, baseSchema)
  return { base: parseOptions(owner, baseSchema, base), own: parsed, owner }
}

/** The batch shape that a first layer's options ask for, or null. */
export function sizesFromOptions({ inputShape, batchInputShape, inputDim, batchSize }: BaseOptions): readonly (number | null)[] | null {
  if (batchInputShape) return batchInputShape
  if (inputShape) return [batchSize, ...inputShape]
  return inputDim ? [batchSize, inputDim] : null
}
