// Random initializers: normal, uniform, truncated, and scaled by fan. Source: keras/src/initializers/random_initializers.py.

import { ArgumentError } from '../../ir/errors.js'
import type { DType } from '../../ir/types.js'
import { type Field, integer, type Json, list, nullable, number, oneOf, optional, type Parsed, parseOptions, toConfig } from '../schema.js'
import { RandomInitializer } from './initializer.js'
import type { OptionsOf } from './partTable.js'
import { normalQuantile, seedField, truncatedDeviation, truncatedNormalQuantile } from './random.js'

const withDefault = (value: number): Field<number> => optional(number(), () => value)
const normalSchema = { seed: seedField(), mean: withDefault(0), stddev: withDefault(0.05) }

/** A normal distribution; mean 0 and standard deviation 0.05 by default. */
export class RandomNormal extends RandomInitializer {
  static override readonly className = 'RandomNormal'
  static readonly schema = normalSchema
  private readonly options: Parsed<typeof normalSchema>

  /** @throws ArgumentError for ill-typed options. */
  constructor(options: OptionsOf<typeof normalSchema> = {}) {
    const parsed = parseOptions('RandomNormal', normalSchema, options)
    super(parsed.seed)
    this.options = parsed
  }
  override draw(shape: readonly number[], dtype: DType): Float32Array {
    const { mean, stddev } = this.options
    return this.fill(shape, dtype, u => mean + stddev * normalQuantile(u))
  }
  override getConfig(): Record<string, Json> {
    return toConfig(normalSchema, this.options)
  }
}

/** A normal distribution without what is beyond two standard deviations; `stddev` is the one before the cut. */
export class TruncatedNormal extends RandomInitializer {
  static override readonly className = 'TruncatedNormal'
  static readonly schema = normalSchema
  private readonly options: Parsed<typeof normalSchema>

  /** @throws ArgumentError for ill-typed options. */
  constructor(options: OptionsOf<typeof normalSchema> = {}) {
    const parsed = parseOptions('TruncatedNormal', normalSchema, options)
    super(parsed.seed)
    this.options = parsed
  }
  override draw(shape: readonly number[], dtype: DType): Float32Array {
    const { mean, stddev } = this.options
    return this.fill(shape, dtype, u => mean + stddev * truncatedNormalQuantile(u))
  }
  override getConfig(): Record<string, Json> {
    return toConfig(normalSchema, this.options)
  }
}

const uniformSchema = { seed: seedField(), minval: withDefault(-0.05), maxval: withDefault(0.05) }

/** A uniform distribution from minval to maxval, ±0.05 by default. */
export class RandomUniform extends RandomInitializer {
  static override readonly className = 'RandomUniform'
  static readonly schema = uniformSchema
  private readonly options: Parsed<typeof uniformSchema>

  /** @throws ArgumentError for ill-typed options. */
  constructor(options: OptionsOf<typeof uniformSchema> = {}) {
    const parsed = parseOptions('RandomUniform', uniformSchema, options)
    super(parsed.seed)
    this.options = parsed
  }
  override draw(shape: readonly number[], dtype: DType): Float32Array {
    const { minval, maxval } = this.options
    return this.fill(shape, dtype, u => minval + (maxval - minval) * u)
  }
  override getConfig(): Record<string, Json> {
    return toConfig(uniformSchema, this.options)
  }
}

const fanSchema = { inputAxes: nullable(list(integer())), outputAxes: nullable(list(integer())) }
type Fans = Parsed<typeof fanSchema>

/**
 * How many inputs and outputs a weight of this shape connects: the last two axes times the window before them, or the
 * products of the axes named.
 * @throws ArgumentError for an axis that the shape does not have.
 */
export function computeFans(shape: readonly number[], { inputAxes = null, outputAxes = null }: Partial<Fans> = {}): [number, number] {
  if (inputAxes && outputAxes) {
    const product = (axes: readonly number[]): number => axes.reduce((size, axis) => size * sizeAt(shape, axis), 1)
    return [product(inputAxes), product(outputAxes)]
  }
  if (shape.length === 0) return [1, 1]
  if (shape.length === 1) return [sizeAt(shape, 0), sizeAt(shape, 0)]
  const window = shape.slice(0, -2).reduce((size, next) => size * next, 1)
  return [window * sizeAt(shape, -2), window * sizeAt(shape, -1)]
}

function sizeAt(shape: readonly number[], axis: number): number {
  const size = shape.at(axis)
  if (size === undefined) throw new ArgumentError(`a weight of shape [${shape.join(', ')}] has no axis ${axis} to scale by`)
  return size
}

type Mode = 'fan_in' | 'fan_out' | 'fan_avg'
type Distribution = 'uniform' | 'truncated_normal' | 'untruncated_normal'

interface Scaling {
  readonly scale: number
  readonly mode: Mode
  readonly distribution: Distribution
}

/** Values of variance scale / fan, the fan being at least 1. */
abstract class Scaled extends RandomInitializer {
  protected abstract readonly scaling: Scaling
  protected abstract readonly fans: Fans

  override draw(shape: readonly number[], dtype: DType): Float32Array {
    const { scale, mode, distribution } = this.scaling
    const [fanIn, fanOut] = computeFans(shape, this.fans)
    const fan = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[mode]
    const stddev = Math.sqrt(scale / Math.max(1, fan))
    const laws = {
      uniform: (u: number) => stddev * Math.sqrt(3) * (2 * u - 1),
      truncated_normal: (u: number) => (stddev / truncatedDeviation) * truncatedNormalQuantile(u),
      untruncated_normal: (u: number) => stddev * normalQuantile(u),
    } satisfies Record<Distribution, (u: number) => number>
    return this.fill(shape, dtype, laws[distribution])
  }
}

const scale: Field<number> = {
  ...withDefault(1),
  parse(value, where) {
    const checked = number().parse(value, where)
    if (checked > 0) return checked
    throw new ArgumentError(`${where} should be a number > 0, got ${checked}`)
  },
}

const distributionNames = oneOf<Distribution>('uniform', 'truncated_normal', 'untruncated_normal')

/** In any case; Keras 2's `normal` means truncated_normal. */
const distribution: Field<Distribution> = {
  ...optional<Distribution>(distributionNames, () => 'truncated_normal'),
  parse(value, where) {
    const name = typeof value === 'string' ? value.toLowerCase() : value
    return name === 'normal' ? 'truncated_normal' : distributionNames.parse(name, where)
  },
}

const varianceScalingSchema = {
  seed: seedField(),
  scale,
  mode: optional<Mode>(oneOf('fan_in', 'fan_out', 'fan_avg'), () => 'fan_in'),
  distribution,
  ...fanSchema,
}

/** Values of variance scale / fan, by any of three distributions. */
export class VarianceScaling extends Scaled {
  static override readonly className = 'VarianceScaling'
  static readonly schema = varianceScalingSchema
  protected override readonly scaling: Scaling
  protected override readonly fans: Fans
  private readonly options: Parsed<typeof varianceScalingSchema>

  /** @throws ArgumentError for ill-typed options, or a scale that is not positive. */
  constructor(options: OptionsOf<typeof varianceScalingSchema> = {}) {
    const parsed = parseOptions('VarianceScaling', varianceScalingSchema, options)
    super(parsed.seed)
    this.options = this.scaling = this.fans = parsed
  }
  override getConfig(): Record<string, Json> {
    return toConfig(varianceScalingSchema, this.options)
  }
}

const namedSchema = { seed: seedField(), ...fanSchema }

/** A variance scaling with a name of its own, which leaves only the seed and the axes to choose. */
export abstract class NamedScaling extends Scaled {
  static override readonly className: string
  static readonly schema = namedSchema
  protected override readonly fans: Fans
  private readonly options: Parsed<typeof namedSchema>

  /** @throws ArgumentError for ill-typed options. */
  constructor(options: OptionsOf<typeof namedSchema> = {}) {
    const parsed = parseOptions(new.target.className, namedSchema, options)
    super(parsed.seed)
    this.options = this.fans = parsed
  }
  override getConfig(): Record<string, Json> {
    return toConfig(namedSchema, this.options)
  }
}

/** Uniform with variance 2 / (fan in + fan out). Glorot and Bengio (2010). */
export class GlorotUniform extends NamedScaling {
  static override readonly className = 'GlorotUniform'
  protected override readonly scaling: Scaling = { scale: 1, mode: 'fan_avg', distribution: 'uniform' }
}

/** Truncated normal with variance 2 / (fan in + fan out). Glorot and Bengio (2010). */
export class GlorotNormal extends NamedScaling {
  static override readonly className = 'GlorotNormal'
  protected override readonly scaling: Scaling = { scale: 1, mode: 'fan_avg', distribution: 'truncated_normal' }
}

/** Uniform with variance 2 / fan in. He et al. (2015). */
export class HeUniform extends NamedScaling {
  static override readonly className = 'HeUniform'
  protected override readonly scaling: Scaling = { scale: 2, mode: 'fan_in', distribution: 'uniform' }
}

/** Truncated normal with variance 2 / fan in. He et al. (2015). */
export class HeNormal extends NamedScaling {
  static override readonly className = 'HeNormal'
  protected override readonly scaling: Scaling = { scale: 2, mode: 'fan_in', distribution: 'truncated_normal' }
}

/** Uniform with variance 1 / fan in. LeCun et al. (1998). */
export class LecunUniform extends NamedScaling {
  static override readonly className = 'LecunUniform'
  protected override readonly scaling: Scaling = { scale: 1, mode: 'fan_in', distribution: 'uniform' }
}

/** Truncated normal with variance 1 / fan in. LeCun et al. (1998). */
export class LecunNormal extends NamedScaling {
  static override readonly className = 'LecunNormal'
  protected override readonly scaling: Scaling = { scale: 1, mode: 'fan_in', distribution: 'truncated_normal' }
}
