// Exports a model with ops from several families in a fresh process, and prints the module's size.

import { input, layers, sequential } from '../../../lib/index.js'
import { standalone } from '../../../lib/runtime/standalone.js'

const net = sequential({
  layers: [
    input({ shape: [4, 4, 2] }),
    layers.permute({ dims: [2, 1, 3] }),
    layers.flatten(),
    layers.dense({ units: 3, activation: 'tanh' }),
    layers.activation({ activation: 'log_softmax' }),
  ],
})
const made = await standalone(net.trace(), { batch: 1 })
console.log(JSON.stringify(made.outputs.map(({ shape }) => shape)))
