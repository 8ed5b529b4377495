// The workloads: chains of layers as plain data, with seeded weights and inputs, the same for every peer.

import { conv1d, depthwise, mnistCnn, mobileNetV1, resblock } from './networks.js'
import type { Step } from './steps.js'
import { uniform } from './uniform.js'

export interface Workload {
  readonly name: string
  readonly batch: number
  /** The shape of one row of the input. */
  readonly shape: readonly number[]
  readonly x: Float32Array
  readonly steps: readonly Step[]
}

/** A layer with weights of Glorot's size, so that values keep their magnitude from layer to layer. */
function dense(inputs: number, units: number, activation: 'relu' | 'softmax' | null, useBias = true): Step {
  const limit = Math.sqrt(6 / (inputs + units))
  const scaled = (size: number, seed: number) => uniform(size, seed).map(value => value * limit)
  const kernel = { data: scaled(inputs * units, inputs * 17 + units), shape: [inputs, units] }
  const bias = { data: scaled(units, inputs * 31 + units), shape: [units] }
  return { kind: 'dense', units, activation, weights: useBias ? [kernel, bias] : [kernel] }
}

function workload(name: string, batch: number, shape: readonly number[], steps: readonly Step[], scale = 1): Workload {
  const x = uniform(batch * shape.reduce((product, size) => product * size, 1)).map(value => value * scale)
  return { name, batch, shape, x, steps }
}

const mlp784 = () => [dense(784, 512, 'relu'), dense(512, 256, 'relu'), dense(256, 10, 'softmax')]

/** Made when asked for: a run of one row needs the weights of one. */
export const workloads = {
  mlp16: name => workload(name, 1, [16], [dense(16, 32, 'relu'), dense(32, 4, 'softmax')]),
  'mlp784-b1': name => workload(name, 1, [784], mlp784()),
  'mlp784-b32': name => workload(name, 32, [784], mlp784()),
  matmul512: name => workload(name, 512, [512], [dense(512, 512, null, false)]),
  softmax64x1000: name => workload(name, 64, [1000], [{ kind: 'softmax' }], 8),
  gelu64k: name => workload(name, 64, [1024], [{ kind: 'gelu' }], 4),
  shapes: name =>
    workload(
      name,
      16,
      [1024],
      [
        { kind: 'reshape', shape: [16, 64] },
        { kind: 'permute', dims: [2, 1] },
        { kind: 'flatten' },
        { kind: 'repeat', times: 4 },
        { kind: 'reshape', shape: [64, 64] },
        { kind: 'flatten' },
      ],
    ),
  'mnist-cnn-b1': name => workload(name, 1, [28, 28, 1], mnistCnn()),
  'mnist-cnn-b32': name => workload(name, 32, [28, 28, 1], mnistCnn()),
  'mobilenetv1-b1': name => workload(name, 1, [224, 224, 3], mobileNetV1()),
  resblock: name => workload(name, 1, [56, 56, 64], resblock()),
  depthwise: name => workload(name, 1, [112, 112, 32], depthwise()),
  conv1d: name => workload(name, 1, [1000, 64], conv1d()),
} as const satisfies Record<string, (name: string) => Workload>

export type WorkloadName = keyof typeof workloads

/** Floating-point operations of the matrix products of dense layers. */
export function productFlops({ batch, steps }: Workload): number {
  return steps.reduce((sum, step) => sum + (step.kind === 'dense' ? 2 * batch * (step.weights[0]?.data.length ?? 0) : 0), 0)
}
