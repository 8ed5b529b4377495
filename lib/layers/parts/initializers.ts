// Initializers: the table of all by Keras' names, the field that layers read them with, and the public namespace.

import { ArgumentError } from '../../ir/errors.js'
import { dtypeOf, NDArray, type TypedData } from '../../ir/ndarray.js'
import { type DType, sizeOf } from '../../ir/types.js'
import { type Field, optional, type PartTable } from '../schema.js'
import { Initializer } from './initializer.js'
import { Constant, Identity, Ones, Zeros } from './initializersConstant.js'
import {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  RandomNormal,
  RandomUniform,
  TruncatedNormal,
  VarianceScaling,
} from './initializersRandom.js'
import { Orthogonal } from './orthogonal.js'
import { maker, partField, partTable } from './partTable.js'
import { STFT } from './stft.js'

export { Initializer }

export const initializerTable: PartTable<Initializer> = partTable<Initializer>('keras.initializers', 'initializer', [
  [Constant, 'constant'],
  [GlorotNormal, 'glorot_normal'],
  [GlorotUniform, 'glorot_uniform'],
  [HeNormal, 'he_normal'],
  [HeUniform, 'he_uniform'],
  [Identity, 'identity', 'IdentityInitializer'],
  [LecunNormal, 'lecun_normal'],
  [LecunUniform, 'lecun_uniform'],
  [Ones, 'ones', 'one'],
  [Orthogonal, 'orthogonal', 'OrthogonalInitializer'],
  [RandomNormal, 'random_normal', 'normal'],
  [RandomUniform, 'random_uniform', 'uniform'],
  [STFT, 'stft', 'STFTInitializer'],
  [TruncatedNormal, 'truncated_normal'],
  [VarianceScaling, 'variance_scaling'],
  [Zeros, 'zeros', 'zero'],
])

/** A function that gives the values of a weight. */
export type InitializerFunction = (shape: readonly number[], dtype: DType) => TypedData | NDArray

/** A plain function as an initializer; what it gives is checked. */
class FunctionInitializer extends Initializer {
  static override readonly className = 'function'
  readonly fn: InitializerFunction

  constructor(fn: InitializerFunction) {
    super()
    this.fn = fn
  }
  /** @throws ArgumentError when the function gives values of another dtype or number. */
  override draw(shape: readonly number[], dtype: DType): TypedData {
    const given = this.fn(shape, dtype)
    const data = given instanceof NDArray ? given.data : given
    if (data.length === sizeOf(shape) && dtypeOf(data) === dtype) return data
    throw new ArgumentError(
      `initializer function "${this.fn.name}" should give ${sizeOf(shape)} values of ${dtype} for shape [${shape.join(', ')}], ` +
        `got ${data.length} of ${dtypeOf(data)}`,
    )
  }
}

/** What an initializer may be given as: an instance, a name in either case, Keras' JSON, or a function of shape and dtype. */
export type InitializerLike = Initializer | string | { readonly class_name: string } | InitializerFunction

const field: Field<Initializer> = partField(initializerTable, value => value instanceof Initializer, {
  wrap: (fn: InitializerFunction) => new FunctionInitializer(fn),
  unwrap: value => (value instanceof FunctionInitializer ? value.fn : undefined),
})

/** An initializer of a layer's schema; `fallback` is a name, and each default is a new one with a seed of its own. */
export function initializer(fallback: string): Field<Initializer> {
  return optional(field, () => field.parse(fallback, 'default'))
}

/** Every initializer, as a class and as a function that makes one from options: `initializers.heNormal({ seed: 1 })`. */
export const initializers = {
  Constant,
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  Identity,
  IdentityInitializer: Identity,
  Initializer,
  LecunNormal,
  LecunUniform,
  Ones,
  Orthogonal,
  OrthogonalInitializer: Orthogonal,
  RandomNormal,
  RandomUniform,
  STFT,
  STFTInitializer: STFT,
  TruncatedNormal,
  VarianceScaling,
  Zeros,
  constant: maker(Constant),
  glorotNormal: maker(GlorotNormal),
  glorotUniform: maker(GlorotUniform),
  heNormal: maker(HeNormal),
  heUniform: maker(HeUniform),
  identity: maker(Identity),
  lecunNormal: maker(LecunNormal),
  lecunUniform: maker(LecunUniform),
  ones: maker(Ones),
  orthogonal: maker(Orthogonal),
  randomNormal: maker(RandomNormal),
  randomUniform: maker(RandomUniform),
  stft: maker(STFT),
  truncatedNormal: maker(TruncatedNormal),
  varianceScaling: maker(VarianceScaling),
  zeros: maker(Zeros),
} as const
