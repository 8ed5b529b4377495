// Merge layers that work element by element: Add, Subtract, Multiply, Average, Maximum, Minimum.

import { ShapeError } from '../ir/errors.js'
import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import { broadcastShapes } from '../ops/shapes.js'
import type { LayerOptions } from './baseOptions.js'
import { type CallContext, Layer } from './layer.js'

type Mask = TracedTensor | null
interface Merged {
  readonly value: TracedTensor
  readonly mask: Mask
}

/**
 * A list of tensors merged into one: sizes of 1 and missing axes after the batch axis broadcast, dtypes are promoted.
 * The masks are joined by OR, unless one is missing. Source: keras/src/layers/merging/base_merge.py.
 */
export abstract class Merge extends Layer {
  override readonly supportsMasking = true
  protected override readonly takesList = true

  constructor(options: LayerOptions = {}) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    const named = Object.fromEntries(inputs.map((type, k) => [`input ${k}`, type]))
    if (inputs.length < 1) throw new ShapeError('should be called on a list of at least 1 tensor')
    const batches = new Set(inputs.map(type => type.shape[0]).filter(size => typeof size === 'number'))
    if (batches.size > 1) throw new ShapeError('cannot merge tensors of different batch sizes', named)
    const samples = Object.fromEntries(inputs.map(({ dtype, shape }, k) => [`input ${k}, one sample`, { dtype, shape: shape.slice(1) }]))
    broadcastShapes('merge', samples, { fresh: axis => `axis ${axis}` })
  }

  protected override call(inputs: readonly TracedTensor[], { masks }: CallContext): TracedTensor {
    const rank = Math.max(...inputs.map(input => input.type.shape.length))
    const raised = inputs.map(input => raise(input, rank))
    // a tensor that Keras has to reshape loses its mask, for the values alone: computeMask joins all masks
    return this.merge(
      raised,
      masks.map((mask, k) => (raised[k] === inputs[k] ? mask : null)),
    )
  }

  /** Merges tensors of one rank; a mask says which steps of its tensor count. */
  protected abstract merge(inputs: readonly TracedTensor[], masks: readonly Mask[]): TracedTensor

  protected override computeMask(_inputs: readonly TracedTensor[], masks: readonly Mask[]): readonly Mask[] {
    const present = masks.filter(mask => mask !== null)
    return [present.length === masks.length ? present.reduce((joined, mask) => K.logicalOr(joined, mask)) : null]
  }
}

/** New axes of size 1 after the batch axis. */
function raise(x: TracedTensor, rank: number): TracedTensor {
  const { shape } = x.type
  if (shape.length === rank) return x
  const added = new Array<number>(rank - shape.length).fill(1)
  return x.builder.emit('reshape', [x], { shape: [...shape.slice(0, 1), ...added, ...shape.slice(1)] })
}

/** A mask of steps as a mask of the entries of its tensor. */
function overEntries(mask: TracedTensor, x: TracedTensor): TracedTensor {
  const { shape } = x.type
  if (mask.type.shape.length !== shape.length - 1) {
    throw new ShapeError('needs masks with one axis less than their tensors', { mask: mask.type, input: x.type })
  }
  return K.broadcastTo(K.expandDims(mask, -1), shape)
}

function folded(inputs: readonly TracedTensor[], f: (x: TracedTensor, y: TracedTensor) => TracedTensor): TracedTensor {
  return inputs.reduce((merged, input) => f(merged, input))
}

/** The sum of its inputs. */
export class Add extends Merge {
  static override readonly className = 'Add'
  protected override merge(inputs: readonly TracedTensor[]): TracedTensor {
    return folded(inputs, K.add)
  }
}

/** The first input minus the second. */
export class Subtract extends Merge {
  static override readonly className = 'Subtract'
  protected override checkInputs(inputs: readonly TensorType[]): void {
    if (inputs.length !== 2) throw new ShapeError(`should be called on exactly 2 tensors, got ${inputs.length}`)
    super.checkInputs(inputs)
  }
  protected override merge(inputs: readonly TracedTensor[]): TracedTensor {
    return folded(inputs, K.subtract)
  }
}

/** The product of its inputs; what a mask leaves out counts as 1, and as 0 where all masks leave it out. */
export class Multiply extends Merge {
  static override readonly className = 'Multiply'
  protected override merge(inputs: readonly TracedTensor[], masks: readonly Mask[]): TracedTensor {
    const entries = masks.map((mask, k) => mask && overEntries(mask, inputs[k] as TracedTensor))
    const factors = inputs.map((x, k) => (entries[k] ? K.where(entries[k], x, K.onesLike(x)) : x))
    const product = folded(factors, K.multiply)
    const present = entries.filter(mask => mask !== null)
    if (present.length < entries.length) return product
    return K.where(folded(present, K.logicalOr), product, K.zerosLike(product))
  }
}

/** The mean of its inputs, as float32. */
export class Average extends Merge {
  static override readonly className = 'Average'
  protected override merge(inputs: readonly TracedTensor[]): TracedTensor {
    return K.divide(folded(inputs, K.add), inputs.length)
  }
}

/** Merges by a function without a neutral element: where one side is left out, the other is taken. */
abstract class Extreme extends Merge {
  protected abstract readonly pick: (x: TracedTensor, y: TracedTensor) => TracedTensor

  protected override merge(inputs: readonly TracedTensor[], masks: readonly Mask[]): TracedTensor {
    const parts = inputs.map((value, k): Merged => ({ value, mask: masks[k] ? overEntries(masks[k], value) : null }))
    return parts.reduce((merged, part): Merged => {
      const right = part.mask ? K.where(part.mask, part.value, merged.value) : part.value
      const left = merged.mask ? K.where(merged.mask, merged.value, right) : merged.value
      return { value: this.pick(left, right), mask: merged.mask && part.mask && K.logicalOr(merged.mask, part.mask) }
    }).value
  }
}

/** The greatest of its inputs, leaving out what their masks leave out. */
export class Maximum extends Extreme {
  static override readonly className = 'Maximum'
  protected override readonly pick = K.maximum
}

/** The least of its inputs, leaving out what their masks leave out. */
export class Minimum extends Extreme {
  static override readonly className = 'Minimum'
  protected override readonly pick = K.minimum
}
