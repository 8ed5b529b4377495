// Predicts thousands of times on one backend; prints the bytes that stay per phase, as JSON.

import { clearSession, input, layers, sequential } from '../../../lib/index.js'

const [backend = 'auto', warmUp = '1000', count = '10000', ...shapes] = process.argv.slice(2)

/** Heap and what it holds outside, after the collector has had its say. */
function held(): number {
  for (let k = 0; k < 3; k++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

clearSession()
const net = sequential({
  layers: [
    input({ shape: [8] }),
    layers.dense({ units: 16, activation: 'relu' }),
    layers.batchNormalization(),
    layers.dense({ units: 4, activation: 'softmax' }),
  ],
})
/** One row each time, or rows that come round, so that programs are evicted and compiled again. */
const sizes = shapes.length > 0 ? shapes.map(Number) : [1]
const predict = async (times: number) => {
  for (let k = 0; k < times; k++) await net.predict(new Float32Array(8 * (sizes[k % sizes.length] as number)), { backend, batchSize: 1000 })
}

await predict(Number(warmUp))
const before = held()
await predict(Number(count))
process.stdout.write(JSON.stringify(held() - before))
