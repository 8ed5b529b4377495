// Dot: for each sample, the sum of products over one axis of each of two tensors.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import { normalizeAxis, type TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { Layer } from './layer.js'
import { boolean, type Field, integer, oneOrMany, optional } from './schema.js'

export interface DotOptions extends LayerOptions {
  /** The axis to sum over, counted with the batch axis: one for both tensors, or one for each. Not the batch axis. */
  readonly axes: number | readonly [number, number]
  /** Whether to divide by the norms along the axes first, which gives the cosine; false by default. */
  readonly normalize?: boolean
}

const several = oneOrMany(integer())

const axes: Field<number | readonly number[]> = {
  ...several,
  parse(value, where) {
    const parsed = several.parse(value, where)
    if (typeof parsed === 'number' || parsed.length === 2) return parsed
    throw new ArgumentError(`${where} should be one axis or two, got [${parsed.join(', ')}]`)
  },
}

const schema = { axes, normalize: optional(boolean(), () => false) }

/**
 * (batch, a…, n) · (batch, n, b…) → (batch, a…, b…), or (batch, 1) where nothing is left. Masks end here.
 * Source: keras/src/layers/merging/dot.py.
 */
export class Dot extends Layer {
  static override readonly className = 'Dot'
  static override readonly schema = schema
  override readonly supportsMasking = true
  protected override readonly takesList = true
  private readonly options = this.parse(schema)

  constructor(options: DotOptions) {
    super(options)
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    const [x, y, ...more] = inputs
    if (!x || !y || more.length > 0) throw new ShapeError(`should be called on exactly 2 tensors, got ${inputs.length}`)
    const [of1, of2] = this.axesOf(x, y)
    const [m, n, batch1, batch2] = [x.shape[of1], y.shape[of2], x.shape[0], y.shape[0]]
    if (typeof m === 'number' && typeof n === 'number' && m !== n)
      throw new ShapeError(`axis ${of1} of the first input has size ${m}, but axis ${of2} of the second ${n}`, { x, y })
    if (typeof batch1 === 'number' && typeof batch2 === 'number' && batch1 !== batch2)
      throw new ShapeError('cannot multiply tensors of different batch sizes', { x, y })
  }

  /** The axes counted from the front. @throws ShapeError for one that a tensor lacks, or the batch axis. */
  private axesOf(x: TensorType, y: TensorType): [number, number] {
    const given = this.options.axes
    const [first, second] = (typeof given === 'number' ? [given, given] : given) as readonly [number, number]
    const [of1, of2] = [normalizeAxis(first, x.shape.length), normalizeAxis(second, y.shape.length)]
    if (of1 && of2) return [of1, of2]
    throw new ShapeError(`axes ${first} and ${second} should be axes of the inputs, and not the batch axis`, { x, y })
  }

  protected override call([x, y]: readonly [TracedTensor, TracedTensor]): TracedTensor {
    const axes = this.axesOf(x.type, y.type)
    if (!this.options.normalize) return K.batchDot(x, y, axes)
    return K.batchDot(K.normalize(x, axes[0]), K.normalize(y, axes[1]), axes)
  }

  protected override computeMask(): readonly null[] {
    return []
  }
}
