// Lowers networks that are not plain without waiting in a fresh process, and prints what they compute and what was missing.

import { loadable } from '../../../backends/jit/lowerings/families.js'
import { input, layers, NDArray, sequential } from '../../../lib/index.js'

const missing = loadable.flatMap(part => (part.isLoaded ? [] : [part.name]))
const dense = sequential({
  layers: [
    input({ shape: [7, 6] }),
    layers.dense({ units: 5, activation: 'tanh' }),
    layers.batchNormalization(),
    layers.softmax({ axis: 1 }),
    layers.flatten(),
    layers.dense({ units: 4, activation: 'sigmoid' }),
  ],
})
const conv = sequential({
  name: 'conv',
  layers: [
    input({ shape: [7, 6] }),
    layers.conv1d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' }),
    layers.batchNormalization(),
    layers.maxPooling1d(),
    layers.flatten(),
    layers.dense({ units: 4 }),
  ],
})
const x = Float32Array.from({ length: 7 * 6 }, (_, k) => Math.sin(k))
const run = (net: typeof dense, backend: string): number[] => {
  const output = net.lowerSync({ backend }).run(x)
  return output instanceof NDArray ? [...output.data].map(Number) : []
}
const attempt = (): unknown => {
  try {
    return run(conv, 'jit')
  } catch (error) {
    return String(error)
  }
}

const found = { missing, dense: { jit: run(dense, 'jit'), reference: run(dense, 'reference') }, conv: run(conv, 'reference') }
const before = attempt()
await conv.lower({ backend: 'jit' })
console.log(JSON.stringify({ ...found, before, after: attempt() }))
