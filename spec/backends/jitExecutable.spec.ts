// Executables on the jit: chosen where it can run, weights that change, arrays in place, warming up, no growth.

import assert from 'node:assert/strict'
import { backends, selectBackend } from '../../backends/select.js'
import { ArgumentError, input, layers, model, NDArray, sequential } from '../../lib/index.js'

const numbers = (length: number, seed = 1) => Float32Array.from({ length }, (_, k) => Math.fround(Math.sin(k * 12.9898 + seed)))

/** Two dense layers with a batch normalisation between, which the passes fold into weights that `prepare` computes. */
function network() {
  return sequential({
    layers: [
      input({ shape: [6], name: 'x' }),
      layers.dense({ units: 9 }),
      layers.batchNormalization(),
      layers.activation({ activation: 'relu' }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  })
}

function assertNear(actual: NDArray, expected: NDArray): void {
  assert.deepEqual(actual.shape, expected.shape)
  actual.data.forEach((value, k) => {
    assert.ok(Math.abs(value - (expected.data[k] as number)) <= 2e-6, `${k}: ${value} is not ${expected.data[k]}`)
  })
}

describe('the jit as a choice', () => {
  it('comes first where there is WebAssembly SIMD, and gives way elsewhere with a reason', async () => {
    assert.equal((await selectBackend('auto', { platform: { webAssembly: true, simd: true } })).backend, backends.jit)
    const without = await selectBackend('auto', { platform: { webAssembly: true, simd: false } })
    assert.equal(without.backend, backends.wasm)
    assert.match(without.why, /passed over jit: .*no WebAssembly SIMD/)
    const forbidden = await selectBackend('auto', { platform: { webAssembly: false, simd: false } })
    assert.match(forbidden.why, /passed over jit: .*policy/)
    await assert.rejects(
      selectBackend('jit', { platform: { webAssembly: true, simd: false } }),
      /jit: this platform has no WebAssembly SIMD/,
    )
  })
})

describe('executables on jit', () => {
  it('follow setWeights, also where weights are folded and packed', async () => {
    const net = network()
    const [exe, reference] = [await net.lower({ backend: 'jit' }), await net.lower({ backend: 'reference' })]
    for (let seed = 0; seed < 4; seed++) {
      net.setWeights(net.getWeights().map((weight, k) => new NDArray(numbers(weight.data.length, seed + k).map(Math.abs), weight.shape)))
      for (const rows of [1, 5]) assertNear(exe.run(numbers(rows * 6, seed)), reference.run(numbers(rows * 6, seed)))
    }
    exe.dispose()
  })

  it('keep every result apart from the next', async () => {
    const exe = await network().lower({ backend: 'jit' })
    const first = exe.run(numbers(6, 1))
    const copy = [...first.data]
    exe.run(numbers(6, 2))
    assert.deepEqual([...first.data], copy)
  })

  it('run in place on arrays of their own memory', async () => {
    const net = network()
    const exe = await net.lower({ backend: 'jit', sizes: { batch: 2 } })
    const [x] = Object.values(exe.inputs)
    const [y] = Object.values(exe.outputs)
    assert.ok(x && y)
    assert.equal(x.buffer, y.buffer)
    for (let seed = 0; seed < 3; seed++) {
      x.set(numbers(12, seed))
      exe.call()
      assertNear(new NDArray(y.slice(), [2, 3]), exe.run(numbers(12, seed)))
    }
    net.setWeights(net.getWeights().map(weight => new NDArray(numbers(weight.data.length, 7).map(Math.abs), weight.shape)))
    exe.call()
    assertNear(new NDArray(y.slice(), [2, 3]), exe.run(new NDArray(x.slice() as Float32Array, [2, 6])))
  })

  it('say so when the arrays have moved', async () => {
    const net = sequential({ layers: [input({ shape: [64], name: 'x' }), layers.softmax(), layers.dense({ units: 64 }), layers.softmax()] })
    const rows = 20_000
    const exe = await net.lower({ backend: 'jit', sizes: { batch: rows } })
    const stale = Object.values(exe.inputs)
    exe.call()
    await exe.profile(numbers(64 * rows), { runs: 1 })
    assert.ok(stale.every(data => data.length === 0))
    assert.throws(() => exe.call(), /have moved\n.*take inputs and outputs again after .* profile\(\)/)
    exe.inputs.x?.set(numbers(64 * rows))
    exe.call()
    assertNear(new NDArray(Object.values(exe.outputs)[0]?.slice() as Float32Array, [rows, 64]), exe.run(numbers(64 * rows)))
    exe.dispose()
  })

  it('copy where an array cannot be used as it is', async () => {
    const x = input({ shape: [3], name: 'x', dtype: 'bool' })
    const exe = await model({ inputs: x, outputs: layers.reshape({ targetShape: [3, 1] }).apply(x) }).lower({
      backend: 'jit',
      sizes: { batch: 1 },
    })
    exe.inputs.x?.set([1, 0, 1])
    exe.call()
    assert.deepEqual([...(Object.values(exe.outputs)[0] as Uint8Array)], [1, 0, 1])
  })

  it('warm up without touching state, and compile new shapes without blocking', async () => {
    const net = network()
    const exe = await net.lower({ backend: 'jit' })
    await assert.rejects(exe.warmup(), ArgumentError)
    const before = net.getWeights().map(weight => [...weight.data])
    await exe.warmup({ batch: 3 })
    assert.deepEqual(
      net.getWeights().map(weight => [...weight.data]),
      before,
    )
    const reference = await net.lower({ backend: 'reference' })
    const results = await Promise.all([1, 2, 3, 2].map(rows => exe.runAsync(numbers(rows * 6))))
    results.forEach(([result], k) => {
      assertNear(result as NDArray, reference.run(numbers(([1, 2, 3, 2][k] as number) * 6)))
    })
    exe.dispose()
    await assert.rejects(exe.warmup({ batch: 1 }), /disposed/)
  })

  it('do not grow with runs', async () => {
    const exe = await network().lower({ backend: 'jit' })
    const x = numbers(6)
    const run = (count: number) => {
      for (let k = 0; k < count; k++) exe.run(x)
    }
    run(20_000)
    const before = process.memoryUsage().arrayBuffers
    run(50_000)
    assert.ok(process.memoryUsage().arrayBuffers - before < 50_000 * 12)
  })
})
