// Times one row through a 16-32-4 MLP, ours and tfjs-layers' in turn; prints the least microseconds of each as JSON.

import { tfjsLayersTwin } from '../../../examples/digits/tfjsTwin.js'
import { input, layers, sequential } from '../../../lib/index.js'

const [rounds, runs] = [40, 300]
const net = sequential({
  layers: [input({ shape: [16] }), layers.dense({ units: 32, activation: 'relu' }), layers.dense({ units: 4, activation: 'softmax' })],
})
const exe = await net.lower({ backend: 'wasm' })
const twin = await tfjsLayersTwin(net)
const row = Float32Array.from({ length: 16 }, (_, k) => Math.sin(k))

function time(run: () => unknown, count: number): number {
  const start = performance.now()
  for (let k = 0; k < count; k++) run()
  return ((performance.now() - start) * 1000) / count
}

const [ours, theirs] = [() => exe.run(row), () => twin.predict(row)]
time(ours, 5000)
time(theirs, 1000)
let best = { ours: Number.POSITIVE_INFINITY, theirs: Number.POSITIVE_INFINITY }
for (let round = 0; round < rounds; round++) {
  best = { ours: Math.min(best.ours, time(ours, runs)), theirs: Math.min(best.theirs, time(theirs, runs / 6)) }
}
process.stdout.write(JSON.stringify(best))
