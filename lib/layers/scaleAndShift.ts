// ScaleAndShift: the learned gamma and beta that normalisations of single samples end with.

import { normalizeAxis } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { type CallContext, Layer } from './layer.js'
import { type ConstraintLike, constraint } from './parts/constraints.js'
import { type InitializerLike, initializer } from './parts/initializers.js'
import { type RegularizerLike, regularizer } from './parts/regularizers.js'
import { boolean, number, optional } from './schema.js'
import type { Variable } from './variable.js'

export interface ScaleAndShiftOptions extends LayerOptions {
  /** Added to the variance; 0.001 by default. */
  readonly epsilon?: number
  /** Whether to add beta. */
  readonly center?: boolean
  /** Whether to multiply by gamma. */
  readonly scale?: boolean
  /** zeros by default. */
  readonly betaInitializer?: InitializerLike
  /** ones by default. */
  readonly gammaInitializer?: InitializerLike
  readonly betaRegularizer?: RegularizerLike | null
  readonly gammaRegularizer?: RegularizerLike | null
  readonly betaConstraint?: ConstraintLike | null
  readonly gammaConstraint?: ConstraintLike | null
}

export const scaleAndShiftSchema = {
  epsilon: optional(number(), () => 0.001),
  center: optional(boolean(), () => true),
  scale: optional(boolean(), () => true),
  betaInitializer: initializer('zeros'),
  gammaInitializer: initializer('ones'),
  betaRegularizer: regularizer(),
  gammaRegularizer: regularizer(),
  betaConstraint: constraint(),
  gammaConstraint: constraint(),
}

export abstract class ScaleAndShift extends Layer {
  private readonly affine = this.parse(scaleAndShiftSchema)
  private gamma: Variable | undefined
  private beta: Variable | undefined

  /** Makes gamma where there is a scale, beta where there is a center. */
  protected buildScaleAndShift(shape: readonly number[], { scale, center }: { readonly scale: boolean; readonly center: boolean }): void {
    const { gammaInitializer, gammaRegularizer, gammaConstraint, betaInitializer, betaRegularizer, betaConstraint } = this.affine
    const ofGamma = { shape, initializer: gammaInitializer, regularizer: gammaRegularizer, constraint: gammaConstraint }
    const ofBeta = { shape, initializer: betaInitializer, regularizer: betaRegularizer, constraint: betaConstraint }
    this.gamma = scale ? this.addWeight('gamma', ofGamma) : undefined
    this.beta = center ? this.addWeight('beta', ofBeta) : undefined
  }

  protected readScaleAndShift({ weight }: CallContext): { gamma: TracedTensor | null; beta: TracedTensor | null } {
    return { gamma: this.gamma ? weight(this.gamma) : null, beta: this.beta ? weight(this.beta) : null }
  }
}

/** Values along some axes of x, shaped to broadcast over the others. */
export function alongAxes(values: TracedTensor, x: TracedTensor, axes: readonly number[]): TracedTensor {
  const along = axes.map(axis => normalizeAxis(axis, x.rank))
  return K.reshape(
    values,
    x.type.shape.map((size, axis) => (along.includes(axis) ? size : 1)),
  )
}
