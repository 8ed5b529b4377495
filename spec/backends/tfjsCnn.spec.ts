// A small CNN beside a host that uses tfjs itself: thousands of predicts leave the host's engine and our memory as they were.

import assert from 'node:assert/strict'
import { loadEngine } from '../../backends/tfjs/engine.js'
import type { EngineName } from '../../backends/tfjs/kernel.js'
import { clearSession, input, layers, sequential } from '../../lib/index.js'
import { hostState, tf } from './tfjsHost.js'

/** Ten times as many in the long run. */
const predicts = process.env.KERAFOLD_RUNS ? 100_000 : 10_000

function cnn() {
  clearSession()
  return sequential({
    layers: [
      input({ shape: [6, 6, 2] }),
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.depthwiseConv2d({ kernelSize: 2, activation: 'sigmoid' }),
      layers.conv2d({ filters: 4, kernelSize: 2, groups: 2 }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  })
}

for (const name of ['wasm', 'cpu'] satisfies EngineName[]) {
  describe(`a small CNN on ${name}`, () => {
    it(`leaves no tensor, no heap and no trace in the host's tfjs after ${predicts} predicts`, async () => {
      await tf.setBackend('cpu')
      const kept = tf.tensor1d([1, 2, 3])
      const exe = await cnn().lower({ backend: name })
      const [two, one] = [2, 1].map(rows => Float32Array.from({ length: rows * 72 }, (_, k) => Math.sin(k))) as [Float32Array, Float32Array]
      const outputs = () => [two, one].map(x => [...exe.run(x).data])
      const first = outputs()
      const engine = await loadEngine(name)
      const [host, ours] = [hostState(), engine.memory()]
      for (let k = 0; k < predicts / 2; k++) {
        exe.run(two)
        exe.run(one)
      }
      assert.deepEqual(hostState(), host)
      assert.deepEqual(engine.memory(), ours)
      assert.deepEqual(outputs(), first)
      assert.equal(tf.getBackend(), 'cpu')
      kept.dispose()
      exe.dispose()
    })
  })
}
