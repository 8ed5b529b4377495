// ZeroPadding and Cropping: cells added around the spatial axes, or cut off.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import { showGiven } from '../ir/options.js'
import type { TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import * as K from '../ops/functional/index.js'
import type { LayerOptions } from './baseOptions.js'
import { dataFormat } from './dataFormat.js'
import { type Field, integer, list, optional } from './schema.js'
import { SpatialLayer } from './spatialLayer.js'

/** Cells before and after. */
type Pair = readonly [before: number, after: number]

/** One number for all sides, one for both sides of each axis, or a pair for each axis. */
export type Margins = number | readonly (number | Pair)[]

const cells = integer({ min: 0 })

function pairOf(value: unknown, where: string): Pair {
  if (!Array.isArray(value)) {
    const both = cells.parse(value, where)
    return [both, both]
  }
  const [before, after] = list(cells).parse(value, where)
  if (value.length !== 2 || before === undefined || after === undefined)
    throw new ArgumentError(`${where} should be a whole number ≥ 0 or a pair of them, got ${showGiven(value)}`)
  return [before, after]
}

/** Margins of `rank` axes as pairs. JSON has the pairs, or for one axis the one pair. */
function margins(rank: number): Field<readonly Pair[]> {
  return {
    parse(value, where) {
      if (rank === 1) return [pairOf(value, where)]
      if (!Array.isArray(value)) return Array.from({ length: rank }, () => pairOf(value, where))
      if (value.length === rank) return value.map((part, axis) => pairOf(part, `${where}[${axis}]`))
      throw new ArgumentError(`${where} should have an entry for each of ${rank} axes, got ${showGiven(value)}`)
    },
    toJson: pairs => (rank === 1 ? (pairs[0] as Pair) : pairs),
  }
}

function marginsOf(rank: number, fallback: number): Field<readonly Pair[]> {
  return optional(margins(rank), () => Array.from({ length: rank }, (): Pair => [fallback, fallback]))
}

export interface ZeroPaddingOptions extends LayerOptions {
  /** Rows and columns (steps, planes) of zeros; 1 on every side by default. */
  readonly padding?: Margins
  /** Where the channels are; K.imageDataFormat() by default. */
  readonly dataFormat?: K.DataFormat | null
}

function paddingSchema(rank: number) {
  return { padding: marginsOf(rank, 1), dataFormat: dataFormat() }
}

const padding1 = paddingSchema(1)

/** Adds zeros around the spatial axes. */
abstract class ZeroPadding extends SpatialLayer {
  private readonly options = this.parse(padding1)

  constructor(options: ZeroPaddingOptions = {}) {
    super(options)
  }

  protected override get spatialRank(): number {
    return this.options.padding.length
  }

  protected override get dataFormat(): K.DataFormat {
    return this.options.dataFormat
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return K.pad(
      x,
      x.type.shape.map((_, axis): Pair => this.options.padding[axis - this.firstSpatialAxis] ?? [0, 0]),
    )
  }
}

/** Source: keras/src/layers/reshaping/zero_padding1d.py. */
export class ZeroPadding1D extends ZeroPadding {
  static override readonly className = 'ZeroPadding1D'
  static override readonly schema = padding1
}

/** Source: keras/src/layers/reshaping/zero_padding2d.py. */
export class ZeroPadding2D extends ZeroPadding {
  static override readonly className = 'ZeroPadding2D'
  static override readonly schema = paddingSchema(2)
}

/** Source: keras/src/layers/reshaping/zero_padding3d.py. */
export class ZeroPadding3D extends ZeroPadding {
  static override readonly className = 'ZeroPadding3D'
  static override readonly schema = paddingSchema(3)
}

export interface Cropping1DOptions extends LayerOptions {
  /** Steps to cut off: 1 on either side by default. */
  readonly cropping?: number | Pair
}

export interface CroppingOptions extends LayerOptions {
  /** Rows and columns (planes) to cut off; none by default in 2-D, 1 on every side in 3-D. */
  readonly cropping?: Margins
  /** Where the channels are; K.imageDataFormat() by default. */
  readonly dataFormat?: K.DataFormat | null
}

const cropping1 = { cropping: marginsOf(1, 1) }
const cropping2 = { cropping: marginsOf(2, 0), dataFormat: dataFormat() }
const cropping3 = { cropping: marginsOf(3, 1), dataFormat: dataFormat() }

/** Cuts off cells at both ends of the spatial axes; something must be left. */
abstract class Cropping extends SpatialLayer {
  protected readonly margins = this.parse(cropping1).cropping

  protected override get spatialRank(): number {
    return this.margins.length
  }

  protected override checkInputs(inputs: readonly TensorType[]): void {
    super.checkInputs(inputs)
    const [input] = inputs as readonly [TensorType]
    this.margins.forEach(([before, after], k) => {
      const axis = this.firstSpatialAxis + k
      const size = input.shape[axis]
      if (typeof size === 'number' && before + after >= size)
        throw new ShapeError(`cropping ${before} + ${after} leaves nothing of axis ${axis} of size ${size}`, { input })
    })
  }

  protected override call([x]: readonly [TracedTensor]): TracedTensor {
    return K.getItem(
      x,
      x.type.shape.map((_, axis) => {
        const [before, after] = this.margins[axis - this.firstSpatialAxis] ?? [0, 0]
        return { start: before, stop: after === 0 ? null : -after }
      }),
    )
  }
}

/** Source: keras/src/layers/reshaping/cropping1d.py. */
export class Cropping1D extends Cropping {
  static override readonly className = 'Cropping1D'
  static override readonly schema = cropping1
  protected override readonly dataFormat = 'channels_last'

  constructor(options: Cropping1DOptions = {}) {
    super(options)
  }
}

/** Source: keras/src/layers/reshaping/cropping2d.py. */
export class Cropping2D extends Cropping {
  static override readonly className = 'Cropping2D'
  static override readonly schema = cropping2
  protected override readonly dataFormat = this.parse(cropping2).dataFormat

  constructor(options: CroppingOptions = {}) {
    super(options)
  }
}

/** Source: keras/src/layers/reshaping/cropping3d.py. */
export class Cropping3D extends Cropping {
  static override readonly className = 'Cropping3D'
  static override readonly schema = cropping3
  protected override readonly dataFormat = this.parse(cropping3).dataFormat

  constructor(options: CroppingOptions = {}) {
    super(options)
  }
}
