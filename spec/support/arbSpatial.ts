// Random legal options of the layers over space, for an input of a given shape.

import fc from 'fast-check'
import type { LayerClassName } from '../../lib/layers/classNames.js'
import type { KerasShape } from '../../lib/layers/layer.js'

type Options = Record<string, unknown>
type Candidates = Partial<Record<LayerClassName, fc.Arbitrary<Options>>>

/** An input as a layer of one data format sees it. */
interface Image {
  readonly dataFormat: 'channels_last' | 'channels_first'
  readonly sizes: KerasShape
  readonly channels: number | null
}

function imagesOf(shape: KerasShape): readonly Image[] {
  return [
    { dataFormat: 'channels_last', sizes: shape.slice(1, -1), channels: shape.at(-1) ?? null },
    { dataFormat: 'channels_first', sizes: shape.slice(2), channels: shape[1] ?? null },
  ]
}

const padding = fc.constantFrom('valid', 'same')
const activation = fc.constantFrom('linear', 'relu', 'tanh')

/** One number for each axis, or where all are the same, that number. */
function perAxis(axes: readonly fc.Arbitrary<number>[]): fc.Arbitrary<number | readonly number[]> {
  return fc.tuple(fc.tuple(...axes), fc.boolean()).map(([list, short]) => {
    const [first] = list
    return short && first !== undefined && list.every(part => part === first) ? first : list
  })
}

/** Windows that fit: an unknown size may turn out as 1. */
function taps(size: number | null, same: boolean, atMost = 4): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: same ? atMost : Math.min(atMost, size ?? 1) })
}

/** The window of a convolution, with strides or dilation but not both. */
function geometry({ sizes, dataFormat }: Image): fc.Arbitrary<Options> {
  return fc.tuple(padding, fc.constantFrom('strides', 'dilation')).chain(([padding, more]) => {
    const same = padding === 'same'
    const reach = (size: number | null) => (same ? 2 : Math.min(2, Math.ceil((size ?? 1) / 2)))
    const [one, several] = [fc.constant(1), fc.integer({ min: 1, max: 5 })]
    return fc.record({
      padding: fc.constant(padding),
      dataFormat: fc.constant(dataFormat),
      kernelSize: perAxis(sizes.map(size => (more === 'dilation' ? taps(size, same, reach(size)) : taps(size, same)))),
      strides: perAxis(sizes.map(() => (more === 'strides' ? several : one))),
      dilationRate: perAxis(sizes.map(size => (more === 'dilation' && (same || (size ?? 1) >= 3) ? fc.constantFrom(1, 2) : one))),
    })
  })
}

function convolutions(image: Image, rank: number): Candidates {
  const { sizes, channels } = image
  if (channels === null) return {}
  const divisors = [1, 2, 3, 4].filter(groups => channels % groups === 0)
  const shared = fc.record({ activation, useBias: fc.boolean() })
  const merged = (...parts: readonly fc.Arbitrary<Options>[]) => fc.tuple(...parts).map(list => Object.assign({}, ...list) as Options)
  const filters = fc.record({ filters: fc.integer({ min: 1, max: 3 }) })
  const grouped = fc
    .tuple(fc.constantFrom(...divisors), fc.integer({ min: 1, max: 2 }))
    .map(([groups, times]): Options => ({ groups, filters: groups * times }))
  const multiplier = fc.record({ depthMultiplier: fc.integer({ min: 1, max: 2 }) })
  const causal = geometry(image).map((options): Options => ({ ...options, padding: 'causal' }))
  // a transposed kernel reaches over a whole result, whatever its size; but added cells instead of size · strides leave an
  // even one a cell less, which is none of a size of 1
  const transposed = fc.tuple(geometry({ ...image, sizes: sizes.map(() => 4) }), fc.boolean()).map(([options, add]): Options => {
    const onAxes = (name: string) => sizes.map((_, axis) => [options[name]].flat()[axis] ?? [options[name]].flat()[0]) as number[]
    const [strides, kernel, dilation] = [onAxes('strides'), onAxes('kernelSize'), onAxes('dilationRate')] as [number[], number[], number[]]
    const reaches = strides.every((stride, axis) => stride > 1 || (((kernel[axis] as number) - 1) * (dilation[axis] as number)) % 2 === 0)
    return add && reaches ? { ...options, outputPadding: strides.map(stride => stride - 1) } : options
  })
  return {
    [`Conv${rank}D`]: merged(rank === 1 ? fc.oneof(geometry(image), causal) : geometry(image), shared, grouped),
    [`Conv${rank}DTranspose`]: merged(transposed, shared, filters),
    ...(rank <= 2 && {
      [`DepthwiseConv${rank}D`]: merged(geometry(image), shared, multiplier),
      [`SeparableConv${rank}D`]: merged(geometry(image), shared, multiplier, filters),
    }),
  }
}

function pools({ sizes, dataFormat }: Image, rank: number): Candidates {
  const window = padding.chain(padding =>
    fc.record(
      {
        padding: fc.constant(padding),
        dataFormat: fc.constant(dataFormat),
        poolSize: perAxis(sizes.map(size => taps(size, padding === 'same'))),
        strides: fc.option(perAxis(sizes.map(() => fc.integer({ min: 1, max: 5 })))),
      },
      { requiredKeys: ['padding', 'dataFormat', 'poolSize'] },
    ),
  )
  const whole = fc.record({ dataFormat: fc.constant(dataFormat), keepdims: fc.boolean() })
  return {
    [`MaxPooling${rank}D`]: window,
    [`AveragePooling${rank}D`]: window,
    [`GlobalMaxPooling${rank}D`]: whole,
    [`GlobalAveragePooling${rank}D`]: whole,
  }
}

function margins({ sizes, dataFormat }: Image, rank: number): Candidates {
  const cells = fc.integer({ min: 0, max: 2 })
  const padding = fc.tuple(...sizes.map(() => fc.oneof(cells, fc.tuple(cells, cells))))
  const cropping = fc.tuple(
    ...sizes.map(size =>
      fc
        .integer({ min: 0, max: (size ?? 1) - 1 })
        .chain(total => fc.integer({ min: 0, max: total }).map((before): [number, number] => [before, total - before])),
    ),
  )
  const only = <T>(list: fc.Arbitrary<readonly T[]>) => (rank === 1 ? list.map(([first]) => first) : list)
  const format = fc.constant(dataFormat)
  return {
    [`ZeroPadding${rank}D`]: fc.record({ padding: only(padding), dataFormat: format }),
    ...((rank > 1 || dataFormat === 'channels_last') && {
      [`Cropping${rank}D`]: fc.record({ cropping: only(cropping), ...(rank > 1 && { dataFormat: format }) }),
    }),
  }
}

function upSamplings({ sizes, dataFormat }: Image, rank: number): Candidates {
  const factor = fc.integer({ min: 1, max: 3 })
  const [size, format] = [perAxis(sizes.map(() => factor)), fc.constant(dataFormat)]
  if (rank === 1) return dataFormat === 'channels_last' ? { UpSampling1D: fc.record({ size: factor }) } : {}
  if (rank === 3) return { UpSampling3D: fc.record({ size, dataFormat: format }) }
  const interpolation = fc.constantFrom('nearest', 'bilinear', 'bicubic', 'lanczos3')
  return { UpSampling2D: fc.record({ size, dataFormat: format, interpolation }) }
}

/** The options of every layer over space that may be called on this shape: batch axis included, null unknown. */
export function spatialCandidates(shape: KerasShape): Candidates {
  const rank = shape.length - 2
  if (rank < 1 || rank > 3) return {}
  const all: Record<string, fc.Arbitrary<Options>[]> = {}
  for (const image of imagesOf(shape)) {
    const found = { ...convolutions(image, rank), ...pools(image, rank), ...margins(image, rank), ...upSamplings(image, rank) }
    for (const [name, options] of Object.entries(found)) all[name] = [...(all[name] ?? []), options]
  }
  return Object.fromEntries(Object.entries(all).map(([name, options]) => [name, fc.oneof(...options)]))
}
