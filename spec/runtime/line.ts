// What specs of executables share: the backends, a model whose results are known, and how results are read.

import { backends } from '../../backends/select.js'
import { input, layers, type NDArray, sequential } from '../../lib/index.js'

export const names = Object.keys(backends)
export const values = (array: NDArray) => [...array.data].map(value => Math.round(value * 1e4) / 1e4)

/** y = 2x + 1 per feature, by a dense layer with the weights as given. */
export function line(units = 1) {
  const dense = layers.dense({ units, name: 'line' })
  const net = sequential({ layers: [input({ shape: [1], name: 'x' }), dense] })
  net.setWeights([[new Array<number>(units).fill(2)], new Array<number>(units).fill(1)])
  return { net, dense }
}
