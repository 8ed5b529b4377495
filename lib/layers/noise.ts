// GaussianNoise, GaussianDropout, AlphaDropout: random changes of the input, in training only.

import { ArgumentError } from '../ir/errors.js'
import type { Shape } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import { randomOps } from '../ops/rareOps.js'
import type { LayerOptions } from './baseOptions.js'
import { noiseShapeField, noiseSizes } from './dropout.js'
import type { CallContext } from './layer.js'
import { nextSeed } from './parts/random.js'
import { type Draw, RandomLayer, seed } from './randomLayer.js'
import { alias, number } from './schema.js'

/** A random change of the size that one option says; 0 changes nothing. Integers become float32. */
abstract class Noise extends RandomLayer {
  protected abstract readonly amount: number

  protected override call([x]: readonly [TracedTensor], context: CallContext): TracedTensor {
    if (this.amount === 0) return x
    const floats = K.cast(x, 'float32')
    return context.phase(this.change(floats, this.nextDraw(context)), floats)
  }

  protected abstract change(x: TracedTensor, draw: Draw): TracedTensor
}

function normal(x: TracedTensor, draw: Draw): TracedTensor {
  return x.builder.emitFrom(randomOps, 'random_normal', draw, { shape: x.type.shape })
}

/** Keras divides by 1 − rate when it trains. @throws ArgumentError */
function checkRate(rate: number): void {
  if (rate === 1) throw new ArgumentError('rate 1 leaves nothing to scale up', 'use a rate below 1')
}

export interface GaussianNoiseOptions extends LayerOptions {
  /** The standard deviation, from 0 to 1. */
  readonly stddev: number
  readonly seed?: number | null
}

const noiseSchema = { stddev: alias(number({ min: 0, max: 1 }), 'sigma'), seed: seed() }

/** In training, adds normal numbers around 0. Source: keras/src/layers/regularization/gaussian_noise.py. */
export class GaussianNoise extends Noise {
  static override readonly className = 'GaussianNoise'
  static override readonly schema = noiseSchema
  private readonly options = this.parse(noiseSchema)
  protected override readonly streamSeed = this.options.seed ?? nextSeed()
  protected override readonly amount = this.options.stddev

  constructor(options: GaussianNoiseOptions) {
    super(options)
  }

  protected override change(x: TracedTensor, draw: Draw): TracedTensor {
    return K.add(x, K.multiply(normal(x, draw), this.amount))
  }
}

export interface GaussianDropoutOptions extends LayerOptions {
  /** As of Dropout: the deviation is √(rate / (1 − rate)). */
  readonly rate: number
  readonly seed?: number | null
}

const rate = alias(number({ min: 0, max: 1 }), 'p')
const dropoutSchema = { rate, seed: seed() }

/** In training, multiplies by normal numbers around 1. Source: keras/src/layers/regularization/gaussian_dropout.py. */
export class GaussianDropout extends Noise {
  static override readonly className = 'GaussianDropout'
  static override readonly schema = dropoutSchema
  private readonly options = this.parse(dropoutSchema)
  protected override readonly streamSeed = this.options.seed ?? nextSeed()
  protected override readonly amount = this.options.rate

  constructor(options: GaussianDropoutOptions) {
    super(options)
  }

  protected override change(x: TracedTensor, draw: Draw): TracedTensor {
    checkRate(this.amount)
    const deviation = Math.sqrt(this.amount / (1 - this.amount))
    return K.multiply(x, K.add(K.multiply(normal(x, draw), deviation), 1))
  }
}

export interface AlphaDropoutOptions extends GaussianDropoutOptions {
  /** The shape of the mask, batch axis included: 1 drops along a whole axis, null is the input's own size. */
  readonly noiseShape?: readonly (number | null)[] | null
}

const alphaSchema = { rate, seed: seed(), noiseShape: noiseShapeField() }

/** What selu tends to below 0. */
const saturation = -1.7580993408473766

/**
 * In training, sets entries to selu's saturation with probability `rate`, then scales and shifts so that mean and variance
 * of normal inputs stay. Source: keras/src/layers/regularization/alpha_dropout.py.
 */
export class AlphaDropout extends Noise {
  static override readonly className = 'AlphaDropout'
  static override readonly schema = alphaSchema
  private readonly options = this.parse(alphaSchema)
  protected override readonly streamSeed = this.options.seed ?? nextSeed()
  protected override readonly amount = this.options.rate

  constructor(options: AlphaDropoutOptions) {
    super(options)
  }

  protected override change(x: TracedTensor, draw: Draw): TracedTensor {
    checkRate(this.amount)
    const shape: Shape = noiseSizes(this.options.noiseShape, x.type)
    const kept = K.greaterEqual(x.builder.emitFrom(randomOps, 'random_uniform', draw, { shape }), this.amount)
    const scale = ((1 - this.amount) * (1 + this.amount * saturation ** 2)) ** -0.5
    return K.add(K.multiply(K.where(kept, x, saturation), scale), -scale * saturation * this.amount)
  }
}
