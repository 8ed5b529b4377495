// Steps of random models over space: convolutions of all kinds, pools, margins, up-sampling; odd sizes, strides beyond the window.

import * as layers from '../../lib/layers/index.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { KerasShape, Layer } from '../../lib/layers/layer.js'
import type { Picks } from './graphMaker.js'
import { type Fits, isFloat, type ModelMaker } from './modelMaker.js'

/** A step picks its kind first: a short list of numbers gives zeros at its end. */
type Step = (maker: ModelMaker, picks: Picks) => void
type DataFormat = 'channels_last' | 'channels_first'

const image = [5, 3, 2]
/** An odd sample of each rank, for models without a tensor of that rank. */
const samples: Readonly<Record<number, KerasShape>> = { 3: [7, 2], 4: image, 5: [3, 2, 3, 2] }
/** At most this many values per sample, so that models stay quick. */
const most = 60

const sampleSize = (x: KerasTensor) => x.shape.slice(1).reduce<number>((product, size) => product * (size ?? 1), 1)

function isImage(...ranks: readonly number[]): Fits {
  return x => isFloat(x) && ranks.includes(x.shape.length) && typeof x.shape.at(-1) === 'number' && sampleSize(x) <= most
}

/** A tensor as a layer of a data format sees it. */
interface View {
  readonly x: KerasTensor
  readonly rank: number
  readonly dataFormat: DataFormat
  readonly sizes: KerasShape
  readonly channels: number
}

/** An image, now and then seen as one with channels first. */
function view(maker: ModelMaker, picks: Picks, ...ranks: readonly number[]): View {
  const wanted = picks.of(ranks)
  const x = maker.take(picks, isImage(wanted), samples[wanted] ?? image)
  const rank = x.shape.length - 2
  const first = x.shape[1]
  if (typeof first === 'number' && first <= 4 && picks.next(4) === 3)
    return { x, rank, dataFormat: 'channels_first', sizes: x.shape.slice(2), channels: first }
  return { x, rank, dataFormat: 'channels_last', sizes: x.shape.slice(1, -1), channels: x.shape.at(-1) as number }
}

/** A window that fits, strides that may be longer than it, or dilation. */
function geometry(picks: Picks, { sizes, dataFormat }: Pick<View, 'sizes' | 'dataFormat'>) {
  const padding = picks.of(['same', 'valid'] as const)
  const fits = (reach: number) => padding === 'same' || sizes.every(size => (size ?? 1) >= reach)
  const kernelSize = picks.of([1, 2, 3].filter(fits))
  const dilationRate = kernelSize > 1 && fits(2 * kernelSize - 1) && picks.next(3) === 2 ? 2 : 1
  const strides = dilationRate > 1 ? 1 : picks.of([1, 2, 1, 4])
  return { padding, kernelSize, strides, dilationRate, dataFormat }
}

const activations = [null, 'relu', 'tanh'] as const

const convolution: Step = (maker, picks) => {
  const seen = view(maker, picks, 3, 4, 4, 5)
  const groups = picks.of([1, 1, 2].filter(count => seen.channels % count === 0))
  const options = {
    ...geometry(picks, seen),
    groups,
    filters: groups * picks.of([1, 2]),
    activation: picks.of(activations),
    useBias: picks.next(3) !== 2,
    name: maker.name('conv'),
  }
  const make = [layers.conv1d, layers.conv2d, layers.conv3d][seen.rank - 1] ?? layers.conv2d
  maker.applyShareable(make(options), seen.x)
}

const causal: Step = (maker, picks) => {
  const x = maker.take(picks, isImage(3), [5, 4])
  const options = { filters: 2, kernelSize: 3, padding: 'causal' as const, dilationRate: picks.of([1, 2]), name: maker.name('causal') }
  maker.applyShareable(layers.conv1d({ ...options, dataFormat: 'channels_last' }), x)
}

const separable: Step = (maker, picks) => {
  const kind = picks.next(2)
  const seen = view(maker, picks, 3, 4)
  const options = { ...geometry(picks, seen), depthMultiplier: picks.of([1, 2]), activation: picks.of(activations) }
  const kinds: readonly (() => Layer)[] = [
    () => (seen.rank === 1 ? layers.depthwiseConv1d : layers.depthwiseConv2d)({ ...options, name: maker.name('depthwise') }),
    () => (seen.rank === 1 ? layers.separableConv1d : layers.separableConv2d)({ ...options, filters: 2, name: maker.name('separable') }),
  ]
  maker.applyShareable((kinds[kind] as () => Layer)(), seen.x)
}

const transposed: Step = (maker, picks) => {
  const seen = view(maker, picks, 3, 4, 5)
  if (sampleSize(seen.x) > 36) return convolution(maker, picks)
  const options = {
    filters: picks.of([1, 2]),
    kernelSize: picks.of([1, 2, 3]),
    strides: picks.of([1, 2]),
    padding: picks.of(['same', 'valid'] as const),
    dataFormat: seen.dataFormat,
    name: maker.name('transposed'),
  }
  const make = [layers.conv1dTranspose, layers.conv2dTranspose, layers.conv3dTranspose][seen.rank - 1] ?? layers.conv2dTranspose
  maker.applyShareable(make(options), seen.x)
}

const pool: Step = (maker, picks) => {
  const kind = picks.next(2)
  const seen = view(maker, picks, 3, 4, 4, 5)
  const { padding, kernelSize: poolSize, strides, dataFormat } = geometry(picks, seen)
  const options = { padding, poolSize, strides: picks.of([strides, null]), dataFormat, name: maker.name('pool') }
  const kinds: readonly (readonly ((given: typeof options) => Layer)[])[] = [
    [layers.maxPooling1d, layers.averagePooling1d],
    [layers.maxPooling2d, layers.averagePooling2d],
    [layers.maxPooling3d, layers.averagePooling3d],
  ]
  maker.apply((kinds[seen.rank - 1]?.[kind] ?? layers.maxPooling2d)(options), seen.x)
}

const globalPool: Step = (maker, picks) => {
  const kind = picks.next(2)
  const seen = view(maker, picks, 3, 4, 5)
  const keepdims = picks.next(2) === 1
  // a mask counts the first axis after the batch, which are the steps only if channels come last
  const dataFormat = seen.x.mask ? 'channels_last' : seen.dataFormat
  const options = { keepdims, dataFormat, name: maker.name('global') } as const
  const kinds: readonly (readonly ((given: typeof options) => Layer)[])[] = [
    [layers.globalAveragePooling1d, layers.globalMaxPooling1d],
    [layers.globalAveragePooling2d, layers.globalMaxPooling2d],
    [layers.globalAveragePooling3d, layers.globalMaxPooling3d],
  ]
  maker.apply((kinds[seen.rank - 1]?.[kind] ?? layers.globalMaxPooling2d)(options), seen.x)
}

const margins: Step = (maker, picks) => {
  const kind = picks.next(2)
  const seen = view(maker, picks, 3, 4, 4, 5)
  const { dataFormat, sizes, rank } = seen
  const pair = (before: number, after: number): [number, number] => [before, after]
  const around = sizes.map(() => pair(picks.of([0, 1]), picks.of([1, 0, 2])))
  const off = sizes.map(size => ((size ?? 1) > 2 ? pair(picks.of([1, 0]), picks.of([0, 1])) : pair(0, 0)))
  const name = maker.name('margins')
  const [first = pair(1, 1), firstOff = pair(0, 0)] = [around[0], off[0]]
  const kinds: readonly (readonly (() => Layer)[])[] = [
    [() => layers.zeroPadding1d({ padding: first, dataFormat, name }), () => layers.cropping1d({ cropping: firstOff, name })],
    [() => layers.zeroPadding2d({ padding: around, dataFormat, name }), () => layers.cropping2d({ cropping: off, dataFormat, name })],
    [() => layers.zeroPadding3d({ padding: around, dataFormat, name }), () => layers.cropping3d({ cropping: off, dataFormat, name })],
  ]
  const isOneFirst = rank === 1 && dataFormat === 'channels_first' // Cropping1D knows channels last alone
  maker.apply((kinds[rank - 1]?.[isOneFirst ? 0 : kind] as () => Layer)(), seen.x)
}

const upSampling: Step = (maker, picks) => {
  const seen = view(maker, picks, 3, 4, 5)
  if (sampleSize(seen.x) > 36) return pool(maker, picks)
  const { dataFormat, rank } = seen
  const options = { size: picks.of([2, 1]), name: maker.name('up') }
  const kinds = [
    () => layers.upSampling1d(options),
    () => layers.upSampling2d({ ...options, dataFormat, interpolation: picks.of(['nearest', 'bilinear', 'bicubic'] as const) }),
    () => layers.upSampling3d({ ...options, dataFormat }),
  ]
  maker.apply((kinds[rank - 1] ?? (() => layers.upSampling2d(options)))(), seen.x)
}

const imageInput: Step = (maker, picks) => {
  maker.input(picks.of<KerasShape>([image, [null, 5, 2], [7, 2], [3, 2, 3, 2], [null, null, 3]]))
}

/** What is common in images stands more than once. */
export const spatialSteps: readonly Step[] = [
  convolution,
  pool,
  separable,
  transposed,
  globalPool,
  margins,
  upSampling,
  causal,
  imageInput,
  convolution,
  pool,
  margins,
]
