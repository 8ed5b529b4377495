// Lowers and runs two small models; KERAFOLD_DUMP, if it is set, names where the passes are written.

import { input, layers, sequential } from '../../../lib/index.js'

for (const name of ['first', 'second']) {
  const net = sequential({
    name,
    layers: [input({ shape: [3] }), layers.dense({ units: 2, name: `${name}_dense` }), layers.dropout({ rate: 0.5 }), layers.reLU()],
  })
  await net.predict([[1, 2, 3]], { backend: 'reference' })
}
