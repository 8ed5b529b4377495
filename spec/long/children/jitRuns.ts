// Runs a tiny network many times on the jit; prints the bytes that stay, of heap and external and of WebAssembly memory, as JSON.

import { input, layers, sequential } from '../../../lib/index.js'

const [warmUp = '20000', count = '1000000'] = process.argv.slice(2)

const memories: WebAssembly.Memory[] = []
class Counted extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor)
    memories.push(this)
  }
}
WebAssembly.Memory = Counted

/** Heap and what it holds outside, after the collector has had its say; and the sum of all WebAssembly memories. */
function held(): { managed: number; wasm: number } {
  for (let k = 0; k < 3; k++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return { managed: heapUsed + external, wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) }
}

const net = sequential({
  layers: [
    input({ shape: [16] }),
    layers.dense({ units: 32, activation: 'relu' }),
    layers.batchNormalization(),
    layers.dense({ units: 4, activation: 'softmax' }),
  ],
})
const exe = await net.lower({ backend: 'jit' })
const x = Float32Array.from({ length: 16 }, (_, k) => Math.sin(k))
let sum = 0
const run = (times: number) => {
  for (let k = 0; k < times; k++) {
    x[k % 16] = Math.cos(k)
    sum += exe.run(x).data[k % 4] as number
  }
}

run(Number(warmUp))
const before = held()
run(Number(count))
const after = held()
process.stdout.write(
  JSON.stringify({ managed: after.managed - before.managed, wasm: after.wasm - before.wasm, memories: memories.length, sum }),
)
