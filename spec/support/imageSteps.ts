// The steps of random graphs that work on images: convolutions, pools, pads, crops, resizing, other layouts.

import type { Shape, TensorType } from '../../lib/ir/types.js'
import type { Padding } from '../../lib/ir/vocabulary.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import type { GraphMaker, Picks, Step } from './graphMaker.js'

const images: readonly TensorType[] = [
  { dtype: 'float32', shape: ['batch', 4, 4, 2] },
  { dtype: 'float32', shape: ['batch', 5, 2] },
  { dtype: 'float32', shape: ['batch', 3, 4, 4] },
]

/** [batch, ...spatial, channels] with all sizes but the first known and small. */
function isImage({ dtype, shape }: TensorType): boolean {
  const [, ...known] = shape
  const cells = known.reduce<number>((product, size) => product * (typeof size === 'number' ? size : Number.NaN), 1)
  return dtype === 'float32' && shape.length >= 3 && shape.length <= 4 && cells >= 1 && cells <= 200
}

const takeImage = (maker: GraphMaker, picks: Picks): TracedTensor => maker.take(picks, picks.of(images), isImage)
const spatialOf = ({ type }: TracedTensor): number[] => type.shape.slice(1, -1).map(Number)
const weight = (maker: GraphMaker, stem: string, shape: Shape) => maker.variable(stem, { dtype: 'float32', shape }, 'weight')
const zero = (maker: GraphMaker) => maker.emit('constant', [], { data: [0], dtype: 'float32', shape: [] })

/** Padding and a window no larger than the padded axes. */
function windowsOf(picks: Picks, sizes: readonly number[]): { padding: Padding; window: number[]; strides: number[] } {
  const same = picks.next(3) === 1
  const pads = sizes.map(() => [picks.next(2), picks.of([0, 1, 0, 2])] as const)
  const plain = picks.next(2) === 0
  const padding = same ? 'same' : plain ? sizes.map(() => [0, 0] as const) : pads
  const room = sizes.map((size, axis) => size + (same || plain ? 0 : (pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0)))
  return { padding, window: room.map(size => Math.min(size, picks.of([3, 2, 1]))), strides: sizes.map(() => picks.of([1, 2, 1, 3])) }
}

function convOf(maker: GraphMaker, picks: Picks, x: TracedTensor): TracedTensor {
  const sizes = spatialOf(x)
  const channels = Number(x.type.shape.at(-1))
  const groups = picks.of([1, channels, 1])
  const { padding, window, strides } = windowsOf(picks, sizes)
  const ones = sizes.map(() => 1)
  const kernel = weight(maker, 'kernel', [...window, channels / groups, groups * picks.of([2, 1])])
  const attrs = { strides, padding, inputDilation: picks.next(5) === 4 ? sizes.map(() => 2) : ones, kernelDilation: ones, groups }
  const product = maker.emit('conv', [x, kernel], attrs)
  return picks.next(2) === 0 ? product : maker.emit('add', [product, weight(maker, 'bias', [product.type.shape.at(-1) ?? 1])], {})
}

function poolOf(maker: GraphMaker, picks: Picks, x: TracedTensor): TracedTensor {
  const { padding, window, strides } = windowsOf(picks, spatialOf(x))
  // an average over no cell is NaN
  const op = picks.of(['window_max', padding === 'same' ? 'avg_pool' : 'window_sum', 'window_max'] as const)
  return maker.emit(op, [x], { window, strides, padding: op === 'window_max' && padding !== 'same' ? window.map(() => [0, 0]) : padding })
}

/** A scale or shift of each channel, now and then by a batch normalisation. */
function channelsOf(maker: GraphMaker, picks: Picks, x: TracedTensor): TracedTensor {
  const size = x.type.shape.at(-1) ?? 1
  const op = picks.of(['multiply', 'add', 'batch_norm'] as const)
  if (op !== 'batch_norm') return maker.emit(op, [x, weight(maker, 'scale', picks.of<Shape>([[size], [], [1, size]]))], {})
  const vectors = ['gamma', 'beta', 'mean', 'variance'].map(name => weight(maker, name, [size]))
  return maker.emit('batch_norm', [x, ...vectors], { axis: -1, epsilon: 0.001 })
}

function surround(maker: GraphMaker, picks: Picks, x: TracedTensor): TracedTensor {
  const spatial = (pick: () => number) => x.type.shape.map((_, axis) => (axis === 0 || axis === x.type.shape.length - 1 ? 0 : pick()))
  if (picks.next(3) < 2)
    return maker.emit('pad', [x, zero(maker)], { low: spatial(() => picks.next(2)), high: spatial(() => picks.next(3)) })
  const cuts = spatial(() => picks.next(2))
  const end = x.type.shape.map((size, axis) => (axis > 0 && Number(size) > 2 && (cuts[axis] ?? 0) > 0 ? -1 : null))
  return maker.emit('slice', [x], {
    begin: cuts.map((cut, axis) => (Number(x.type.shape[axis]) > 2 ? cut : 0)),
    end,
    strides: cuts.map(() => 1),
  })
}

const rectify = (maker: GraphMaker, _: Picks, x: TracedTensor): TracedTensor => maker.emit('relu', [x], {})

/** Several layers in a row, each reading only the one before. */
const chain =
  (...layers: readonly ((maker: GraphMaker, picks: Picks, x: TracedTensor) => TracedTensor)[]): Step =>
  (maker, picks) => {
    maker.pool.push(layers.reduce((x, layer) => layer(maker, picks, x), takeImage(maker, picks)))
  }

const mean = (maker: GraphMaker, picks: Picks, x: TracedTensor): TracedTensor =>
  maker.emit('reduce_mean', [x], { axes: spatialOf(x).map((_, k) => k + 1), keepdims: picks.next(2) === 1 })

const grown = (maker: GraphMaker, picks: Picks, x: TracedTensor): TracedTensor =>
  picks.next(2) === 0
    ? maker.emit('resize', [x], { factors: spatialOf(x).map(() => picks.of([2, 1])), method: picks.of(['nearest', 'bilinear']) })
    : maker.emit('normalize', [x], { axes: [x.type.shape.length - 1], epsilon: 0.001 })

/** Layers for channels behind the pixels, around which an image with channels before them is turned. */
const channelsFirst: Step = (maker, picks) => {
  const x = takeImage(maker, picks)
  const axes = x.type.shape.map((_, axis) => axis)
  const [toLast, toFirst] = [
    [0, ...axes.slice(2), 1],
    [0, axes.length - 1, ...axes.slice(1, -1)],
  ]
  let image = x
  for (let count = 1 + picks.next(3); count > 0; count--) {
    const layer = picks.of([convOf, poolOf, surround])
    image = maker.emit('transpose', [layer(maker, picks, maker.emit('transpose', [image], { perm: toLast }))], { perm: toFirst })
    if (picks.next(2) === 1) image = maker.emit('relu', [image], {})
  }
  maker.pool.push(image)
}

/** Steps whose values move a little when their operands do. */
export const imageSteps: readonly Step[] = [
  chain(convOf),
  chain(convOf, channelsOf),
  chain(channelsOf, convOf),
  chain(convOf, mean, channelsOf),
  chain(convOf, surround, channelsOf),
  chain(surround, convOf),
  chain(rectify, surround, poolOf),
  chain(poolOf),
  chain(grown),
  channelsFirst,
]
