// The tfjs engines: right results, no leaks, nothing of a host's own tfjs touched.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { loadEngine } from '../../backends/tfjs/engine.js'
import type { Engine, EngineName, KernelAttrs, KernelInputs, TensorInfo } from '../../backends/tfjs/kernel.js'
import { single } from '../../backends/tfjs/kernel.js'
import { engineProblem } from '../../backends/tfjs/problem.js'
import { hostState, tf } from './tfjsHost.js'

const noTranspose = { transposeA: false, transposeB: false }

function floats(engine: Engine, shape: number[], ...values: number[]): TensorInfo {
  return engine.upload(Float32Array.from(values), shape, 'float32')
}

function run(engine: Engine, name: string, inputs: KernelInputs, attrs?: KernelAttrs): TensorInfo {
  const kernel = engine.kernels[name]
  assert.ok(kernel, `${engine.name} has no kernel ${name}`)
  return single(kernel(inputs, attrs))
}

/** Reads a tensor and disposes of it. */
function take(engine: Engine, tensor: TensorInfo): number[] {
  const values = Array.from(engine.read(tensor))
  engine.dispose(tensor)
  return values
}

/** Runs `script`, an ES module that stands in this folder, in a process of its own; gives what it printed. */
function inFreshProcess(script: string): string {
  const source = script.replaceAll(/import\('(\..*?)'\)/g, (_, path) => `import(${JSON.stringify(new URL(path, import.meta.url))})`)
  const options = [...process.execArgv, '--input-type=module', '--eval', source]
  const { stdout, stderr, status } = spawnSync(process.execPath, options, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout.trim()
}

describe('tfjs engines', () => {
  for (const name of ['wasm', 'cpu'] satisfies EngineName[]) {
    describe(name, () => {
      let engine: Engine
      before(async () => {
        engine = await loadEngine(name)
      })
      afterEach(() => assert.equal(engine.memory().tensors, 0))

      it('loads once', async () => {
        assert.equal(await loadEngine(name), engine)
      })

      it('multiplies matrices, adds the bias and clamps', () => {
        const a = floats(engine, [1, 2, 3], 1, -2, 3, -4, 5, -6)
        const b = floats(engine, [1, 3, 2], 1, 2, -3, 4, 5, -6)
        const bias = floats(engine, [2], 0.5, -0.5)
        const product = run(engine, '_FusedMatMul', { a, b, bias }, { ...noTranspose, activation: 'relu' })
        assert.deepEqual(product.shape, [1, 2, 2])
        assert.deepEqual(take(engine, product), [22.5, 0, 0, 47.5])
        for (const tensor of [a, b, bias]) engine.dispose(tensor)
      })

      it('adds with broadcasting', () => {
        const a = floats(engine, [2, 2], 1, 2, 3, 4)
        const b = floats(engine, [2], 10, 20)
        const sum = run(engine, 'Add', { a, b })
        assert.deepEqual(sum.shape, [2, 2])
        assert.deepEqual(take(engine, sum), [11, 22, 13, 24])
        for (const tensor of [a, b]) engine.dispose(tensor)
      })

      it('computes a softmax', () => {
        const logits = floats(engine, [2, 3], 1, 2, 3, 0, 0, 0)
        const got = take(engine, run(engine, 'Softmax', { logits }, { dim: 1 }))
        const total = Math.exp(1) + Math.exp(2) + Math.exp(3)
        const expected = [Math.exp(1) / total, Math.exp(2) / total, Math.exp(3) / total, 1 / 3, 1 / 3, 1 / 3]
        for (const [i, value] of expected.entries()) {
          assert.ok(Math.abs((got[i] ?? Number.NaN) - value) < 1e-6, `${got[i]} should be ${value}`)
        }
        engine.dispose(logits)
      })

      it('keeps every dtype', () => {
        for (const [data, dtype] of [
          [Float32Array.of(1.5, -2), 'float32'],
          [Int32Array.of(7, -(2 ** 31)), 'int32'],
          [Uint8Array.of(1, 0), 'bool'],
        ] as const) {
          const tensor = engine.upload(data, [2], dtype)
          assert.deepEqual(engine.read(tensor), data)
          engine.dispose(tensor)
        }
      })

      it('copies at both ends', () => {
        const data = Float32Array.of(1, 2)
        const tensor = engine.upload(data, [2], 'float32')
        data[0] = 9
        const read = engine.read(tensor)
        read[1] = 9
        const target = new Float32Array(2)
        assert.equal(engine.read(tensor, target), target)
        assert.deepEqual(target, Float32Array.of(1, 2))
        engine.dispose(tensor)
      })

      it('computes with what was written last, also where the first value was packed', () => {
        const a = floats(engine, [1, 1, 2], 1, 1)
        const b = floats(engine, [1, 2, 1], 1, 2)
        const attrs = { ...noTranspose, activation: 'linear' }
        assert.deepEqual(take(engine, run(engine, '_FusedMatMul', { a, b }, attrs)), [3])
        engine.write(b, Float32Array.of(10, 20))
        assert.deepEqual(take(engine, run(engine, '_FusedMatMul', { a, b }, attrs)), [30])
        for (const tensor of [a, b]) engine.dispose(tensor)
      })

      it('multiplies by two views of one tensor', () => {
        const weights = floats(engine, [1, 2, 3], 1, 2, 3, 4, 5, 6)
        const tall = run(engine, 'Reshape', { x: weights }, { shape: [1, 3, 2] })
        const pair = floats(engine, [1, 1, 2], 1, 10)
        const triple = floats(engine, [1, 1, 3], 1, 10, 100)
        const attrs = { ...noTranspose, activation: 'linear' }
        assert.deepEqual(take(engine, run(engine, '_FusedMatMul', { a: pair, b: weights }, attrs)), [41, 52, 63])
        engine.dispose(weights) // the view keeps the elements
        assert.deepEqual(take(engine, run(engine, '_FusedMatMul', { a: triple, b: tall }, attrs)), [531, 642])
        for (const tensor of [tall, pair, triple]) engine.dispose(tensor)
      })

      it('leaves no tensor and no memory behind in 10,000 runs', () => {
        const rows = name === 'wasm' ? 16 : 1 // 50 MB of results in all: more than the heap has to spare
        const input = Float32Array.from({ length: rows * 16 }, (_, i) => i / 256 - 0.5)
        const x = floats(engine, [1, rows, 16], ...input)
        const w = floats(engine, [1, 16, 32], ...Array.from({ length: 512 }, (_, i) => ((i * 7) % 11) / 11 - 0.5))
        const bias = floats(engine, [32], ...Array.from({ length: 32 }, (_, i) => i / 32))
        const attrs = { ...noTranspose, activation: 'relu' }
        const once = () => {
          engine.write(x, input)
          const hidden = run(engine, '_FusedMatMul', { a: x, b: w, bias }, attrs)
          const column = run(engine, 'Reshape', { x: hidden }, { shape: [1, 32, rows] })
          const square = run(engine, 'BatchMatMul', { a: hidden, b: column }, noTranspose) // packs a new operand each time
          const softmax = run(engine, 'Softmax', { logits: hidden }, { dim: 2 })
          for (const tensor of [column, square, hidden]) engine.dispose(tensor)
          return take(engine, softmax)
        }
        const first = once()
        const { tensors, heapBytes } = engine.memory()
        for (let i = 0; i < 10_000; i++) once()
        assert.deepEqual(engine.memory(), { tensors, heapBytes })
        assert.deepEqual(once(), first)
        for (const tensor of [x, w, bias]) engine.dispose(tensor)
      })

      it('refuses what would corrupt its memory', () => {
        assert.throws(
          () => engine.upload(new Float32Array(3), [2], 'float32'),
          /internal: Float32Array\(3\) is not the data of a float32\[2\]/,
        )
        assert.throws(() => engine.upload(new Float32Array(2), [2], 'int32'), /internal/)
        const tensor = floats(engine, [2], 1, 2)
        assert.throws(() => engine.write(tensor, new Float32Array(3)), /internal/)
        engine.dispose(tensor)
        assert.throws(() => engine.dispose(tensor), /internal/)
        assert.throws(() => engine.read(tensor), /internal/)
        assert.throws(() => run(engine, 'Add', { a: tensor, b: tensor }))
      })
    })
  }

  it('turns a complaint of XNNPACK into an error', async () => {
    const engine = await loadEngine('wasm')
    const logits = floats(engine, [1, 2], 1, 2)
    assert.throws(() => run(engine, 'Softmax', { logits }, { dim: -1 }), /internal: tfjs kernel Softmax: XNN status/)
    engine.dispose(logits)
    assert.equal(engine.memory().tensors, 0)
  })

  it('grows its heap under live tensors', async () => {
    const engine = await loadEngine('wasm')
    const small = floats(engine, [2], 1, 2)
    const size = engine.memory().heapBytes / 4
    const large = engine.upload(new Float32Array(size).fill(3), [size], 'float32')
    assert.ok(engine.memory().heapBytes > 4 * size)
    const sum = run(engine, 'Add', { a: small, b: small })
    assert.deepEqual(take(engine, sum), [2, 4])
    assert.equal(engine.read(large).at(-1), 3)
    for (const tensor of [small, large]) engine.dispose(tensor)
  })

  it('says why an engine cannot run', () => {
    assert.equal(engineProblem('wasm', { webAssembly: true, simd: false }), undefined)
    assert.match(engineProblem('wasm', { webAssembly: false, simd: false }) ?? '', /no WebAssembly here, or a policy forbids/)
    assert.equal(engineProblem('cpu', { webAssembly: false, simd: false }), undefined)
  })

  describe('beside a host that uses tfjs', () => {
    it('leaves it as it was by being loaded', () => {
      const script = `
        import assert from 'node:assert/strict'
        const { hostState, tf } = await import('./tfjsHost.ts')
        await tf.setBackend('cpu')
        tf.tensor1d([1, 2, 3])
        const before = hostState()
        const { loadEngine } = await import('../../backends/tfjs/engine.ts')
        for (const name of ['wasm', 'cpu']) {
          const { kernels, upload } = await loadEngine(name)
          const a = upload(Float32Array.of(1, 2, 3), [3], 'float32')
          kernels.Add({ a, b: a })
          assert.deepEqual(hostState(), before)
        }
        console.log('same')`
      assert.equal(inFreshProcess(script), 'same')
    })

    for (const name of ['cpu', 'wasm']) {
      it(`computes in turn with its ${name} backend`, async () => {
        assert.ok(await tf.setBackend(name))
        const kept = tf.tensor1d([1, 2, 3])
        const before = hostState()
        for (const engine of [await loadEngine('wasm'), await loadEngine('cpu')]) {
          const ours = floats(engine, [1, 1, 1], 5)
          const product = run(engine, '_FusedMatMul', { a: ours, b: ours }, { ...noTranspose, activation: 'linear' })
          assert.deepEqual(hostState(), before)
          const theirs = tf.tidy(() => Array.from(tf.mul(tf.add(kept, 1), 2).dataSync()))
          assert.deepEqual(theirs, [4, 6, 8])
          assert.deepEqual(take(engine, product), [25])
          engine.dispose(ours)
        }
        assert.deepEqual(hostState(), before)
        kept.dispose()
      })
    }
  })

  it('leaves no trace in a process, and runs without SIMD', () => {
    const script = `
      import assert from 'node:assert/strict'
      const trace = () => [Reflect.ownKeys(globalThis), process.eventNames().map(event => [event, process.listenerCount(event)])]
      WebAssembly.validate = () => false
      const before = trace()
      const { loadEngine } = await import('../../backends/tfjs/engine.ts')
      const { kernels, upload, read } = await loadEngine('wasm')
      await loadEngine('cpu')
      const a = upload(Float32Array.of(1, 2, 3), [3], 'float32')
      console.log(read(kernels.Add({ a, b: a })).join())
      assert.deepEqual(trace(), before)`
    assert.equal(inFreshProcess(script), '2,4,6')
  })
})
