// Cnn: convolutional networks as layers trace them, in both data formats, without the layers.

import type { Graph } from '../../lib/ir/graph.js'
import type { Shape } from '../../lib/ir/types.js'
import type { OpName, Padding } from '../../lib/ir/vocabulary.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'

const toLast = [0, 2, 3, 1] as const
const toFirst = [0, 3, 1, 2] as const

export interface ConvOptions {
  readonly filters: number
  readonly taps?: number
  readonly strides?: number
  readonly padding?: Padding
  readonly depthwise?: boolean
}

/** Traces two-dimensional layers; with `channelsFirst` every layer turns its image around, as Keras layers of that format do. */
export class Cnn {
  readonly builder = new GraphBuilder('test network')
  private readonly channelsFirst: boolean
  private count = 0

  constructor(channelsFirst = false) {
    this.channelsFirst = channelsFirst
  }

  get channelAxis(): number {
    return this.channelsFirst ? 1 : 3
  }

  image(name: string, batch: string | number, [height, width, channels]: readonly [number, number, number]): TracedTensor {
    const shape = this.channelsFirst ? [batch, channels, height, width] : [batch, height, width, channels]
    return this.builder.input(name, { dtype: 'float32', shape })
  }

  channelsOf(x: TracedTensor): number {
    return Number(x.type.shape[this.channelAxis])
  }

  weight(stem: string, shape: Shape): TracedTensor {
    return this.builder.variable(`${stem}_${this.count++}`, { dtype: 'float32', shape }, 'weight')
  }

  conv(x: TracedTensor, { filters, taps = 3, strides = 1, padding = 'same', depthwise = false }: ConvOptions): TracedTensor {
    const channels = this.channelsOf(x)
    const kernel = this.weight('kernel', [taps, taps, depthwise ? 1 : channels, filters])
    const pair = [1, 1]
    const groups = depthwise ? channels : 1
    const attrs = { strides: [strides, strides], padding, inputDilation: pair, kernelDilation: pair, groups }
    return this.turned(x, image => this.builder.emitAny('conv', [image, kernel], attrs))
  }

  bias(x: TracedTensor): TracedTensor {
    const vector = this.weight('bias', [this.channelsOf(x)])
    const shape = x.type.shape.slice(this.channelAxis).map((size, k) => (k === 0 ? size : 1))
    return this.builder.emit('add', [x, this.channelsFirst ? this.builder.emit('reshape', [vector], { shape }) : vector], {})
  }

  batchNorm(x: TracedTensor): TracedTensor {
    const vectors = ['gamma', 'beta', 'mean', 'variance'].map(stem => this.weight(stem, [this.channelsOf(x)]))
    return this.builder.emitAny('batch_norm', [x, ...vectors], { axis: this.channelAxis, epsilon: 0.001 })
  }

  pool(x: TracedTensor, op: 'window_max' | 'avg_pool', size: number, padding: Padding = 'same'): TracedTensor {
    return this.turned(x, image => this.builder.emitAny(op, [image], { window: [size, size], strides: [size, size], padding }))
  }

  pad(x: TracedTensor, cells: number): TracedTensor {
    const zero = this.builder.constant([0], { dtype: 'float32', shape: [] })
    const around = x.type.shape.map((_, axis) => (axis === 0 || axis === this.channelAxis ? 0 : cells))
    return this.builder.emitAny('pad', [x, zero], { low: around, high: around })
  }

  unary(op: 'relu' | 'relu6' | 'negate' | 'tanh', x: TracedTensor): TracedTensor {
    return this.builder.emit(op, [x], {})
  }

  /** The mean of each channel. */
  globalMean(x: TracedTensor, keepdims = false): TracedTensor {
    return this.builder.emit('reduce_mean', [x], { axes: this.channelsFirst ? [2, 3] : [1, 2], keepdims })
  }

  dense(x: TracedTensor, units: number): TracedTensor {
    const product = this.builder.emit('matmul', [x, this.weight('kernel', [Number(x.type.shape.at(-1)), units])], {})
    return this.builder.emit('add', [product, this.weight('bias', [units])], {})
  }

  /** All axes after the first as one. */
  flatten(x: TracedTensor): TracedTensor {
    const [batch = 1, ...rest] = x.type.shape
    return this.builder.emit('reshape', [x], { shape: [batch, rest.reduce<number>((product, size) => product * Number(size), 1)] })
  }

  build(...outputs: readonly TracedTensor[]): Graph {
    return this.builder.build({ outputs: outputs.map((value, k) => ({ name: `y${k}`, value })) })
  }

  private turned(x: TracedTensor, layer: (image: TracedTensor) => TracedTensor): TracedTensor {
    if (!this.channelsFirst) return layer(x)
    const image = this.builder.emit('transpose', [x], { perm: toLast })
    return this.builder.emit('transpose', [layer(image)], { perm: toFirst })
  }
}

/** MobileNetV1 by its layers: explicit pads where the strides are 2, a batch normalisation and relu6 behind each convolution. */
export function mobileNet({ channelsFirst = false, size = 224, alpha = 1 } = {}): Graph {
  const net = new Cnn(channelsFirst)
  const act = (x: TracedTensor) => net.unary('relu6', net.batchNorm(x))
  const valid = [
    [0, 0],
    [0, 0],
  ] as const
  let x = act(net.conv(net.pad(net.image('x', 'batch', [size, size, 3]), 1), { filters: 32 * alpha, strides: 2, padding: valid }))
  for (const [filters, strides] of [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
    ...new Array<[number, number]>(5).fill([512, 1]),
    [1024, 2],
    [1024, 1],
  ] as const) {
    const channels = net.channelsOf(x)
    const image = strides === 2 ? net.pad(x, 1) : x
    x = act(net.conv(image, { filters: channels, depthwise: true, strides, padding: strides === 2 ? valid : 'same' }))
    x = act(net.conv(x, { filters: filters * alpha, taps: 1 }))
  }
  const logits = net.dense(net.globalMean(x), 1000)
  return net.build(net.builder.emit('softmax', [logits], { axis: -1 }))
}

/** How often each op occurs, weights and constants left out. */
export function opCounts(graph: Graph): Partial<Record<OpName, number>> {
  const counts: Partial<Record<OpName, number>> = {}
  for (const { op } of Object.values(graph.nodes)) if (op !== 'variable' && op !== 'constant') counts[op] = (counts[op] ?? 0) + 1
  return counts
}
