// The script of a page that classifies 28×28 images: describe the network, give it weights, compile it, run it.

import { input, NDArray, sequential } from '../../lib/index.js'
import { dense } from '../../lib/layers/index.js' // a bundler keeps of it what is named

const sizes = [784, 512, 256, 10] as const

/**
 * Compiles the network once; what it gives turns 784 pixels into 10 probabilities.
 * `weights` are kernel and bias of each layer in turn, kernels as [inputs, units] row by row.
 */
export async function classifier(weights: readonly Float32Array[]): Promise<(pixels: Float32Array) => Float32Array> {
  const [pixels, ...units] = sizes
  const net = sequential({
    layers: [
      input({ shape: [pixels] }),
      ...units.map((size, k) => dense({ units: size, activation: k < units.length - 1 ? 'relu' : 'softmax' })),
    ],
  })
  const shapes = units.flatMap((size, k) => [[sizes[k] as number, size], [size]])
  net.setWeights(shapes.map((shape, k) => new NDArray(weights[k] as Float32Array, shape)))
  const exe = await net.lower({ backend: 'jit' })
  return image => exe.run(image).data as Float32Array
}
