// Convolutional networks as steps: seeded weights that keep values at one size from layer to layer.

import type { Step, Weights } from './steps.js'
import { uniform } from './uniform.js'

/** Weights uniform in ±limit, another list for each seed. */
function drawn(shape: readonly number[], limit: number, seed: number): Weights {
  const size = shape.reduce((product, extent) => product * extent, 1)
  return { data: uniform(size, seed * 2654435761 + 12345).map(value => value * limit), shape }
}

/** Makes layers whose weights differ from layer to layer. */
class Maker {
  private seed = 1

  /** He's size, for layers that relu follows. */
  conv(
    size: readonly number[],
    channels: number,
    filters: number,
    options: { strides?: number; padding?: 'same' | 'valid'; bias?: boolean; activation?: 'relu' | null } = {},
  ): Step {
    const { strides = 1, padding = 'same', bias = false, activation = null } = options
    const fan = size.reduce((product, taps) => product * taps, channels)
    const kernel = drawn([...size, channels, filters], Math.sqrt(6 / fan), this.seed++)
    const weights = bias ? [kernel, drawn([filters], 0.1, this.seed++)] : [kernel]
    return { kind: 'conv', size, strides, padding, filters, activation, weights }
  }

  depthwise(channels: number, strides: number, padding: 'same' | 'valid'): Step {
    const kernel = drawn([3, 3, channels, 1], Math.sqrt(6 / 9), this.seed++)
    return { kind: 'depthwise', size: 3, strides, padding, weights: [kernel] }
  }

  /** Statistics that are not quite 0 and 1, so that folding them has something to do. */
  batchNorm(channels: number): Step {
    const line = (middle: number, spread: number): Weights => {
      const { data, shape } = drawn([channels], spread, this.seed++)
      return { data: data.map(value => middle + value), shape }
    }
    return { kind: 'batchNorm', epsilon: 1e-3, weights: [line(1, 0.2), line(0, 0.1), line(0, 0.1), line(1, 0.3)] }
  }

  dense(inputs: number, units: number, activation: 'relu' | 'softmax' | null): Step {
    const kernel = drawn([inputs, units], Math.sqrt(6 / (inputs + units)), this.seed++)
    return { kind: 'dense', units, activation, weights: [kernel, drawn([units], 0.1, this.seed++)] }
  }
}

const relu: Step = { kind: 'relu', most: null }
const relu6: Step = { kind: 'relu', most: 6 }

/** Keras' mnist_convnet of 28×28×1 images, with the dense layer of 128 that most tutorials give it. */
export function mnistCnn(): Step[] {
  const m = new Maker()
  return [
    m.conv([3, 3], 1, 32, { padding: 'valid', bias: true, activation: 'relu' }),
    m.conv([3, 3], 32, 64, { padding: 'valid', bias: true, activation: 'relu' }),
    { kind: 'maxPool', size: 2 },
    { kind: 'flatten' },
    m.dense(12 * 12 * 64, 128, 'relu'),
    m.dense(128, 10, 'softmax'),
  ]
}

/** Two 3×3 convolutions over 56×56×64 with normalisation, and the shortcut. */
export function resblock(): Step[] {
  const m = new Maker()
  const body = [m.conv([3, 3], 64, 64), m.batchNorm(64), relu, m.conv([3, 3], 64, 64), m.batchNorm(64)]
  return [{ kind: 'residual', steps: body }, relu]
}

/** One depthwise layer over 112×112×32 as MobileNet has it. */
export function depthwise(): Step[] {
  const m = new Maker()
  return [m.depthwise(32, 1, 'same'), m.batchNorm(32), relu6]
}

/** One convolution over 1,000 steps of 64 channels. */
export function conv1d(): Step[] {
  return [new Maker().conv([5], 64, 64, { bias: true, activation: 'relu' })]
}

/** Filters and strides of the thirteen blocks. Source: keras/src/applications/mobilenet.py. */
const blocks = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const

/** keras.applications.MobileNet for 224×224×3 images and 1,000 classes, with its layers and their order. */
export function mobileNetV1(): Step[] {
  const m = new Maker()
  const steps: Step[] = [m.conv([3, 3], 3, 32, { strides: 2 }), m.batchNorm(32), relu6]
  let channels = 32
  for (const [filters, strides] of blocks) {
    if (strides === 2) steps.push({ kind: 'zeroPad', cells: [0, 1] })
    steps.push(m.depthwise(channels, strides, strides === 2 ? 'valid' : 'same'), m.batchNorm(channels), relu6)
    steps.push(m.conv([1, 1], channels, filters), m.batchNorm(filters), relu6)
    channels = filters
  }
  return [
    ...steps,
    { kind: 'globalAverage' },
    { kind: 'reshape', shape: [1, 1, channels] },
    m.conv([1, 1], channels, 1000, { bias: true }),
    { kind: 'reshape', shape: [1000] },
    { kind: 'softmax' },
  ]
}
