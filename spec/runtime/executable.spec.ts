// The executable: fresh results, the zero-copy path, what lowering refuses, the end of its life.

import assert from 'node:assert/strict'
import { BackendError, DisposedError, input, layers, model, type NDArray, ShapeError, sequential } from '../../lib/index.js'
import { line, names, values } from './line.js'

describe('results', () => {
  for (const backend of names) {
    it(`are fresh arrays on ${backend}: neither the next run nor the user changes another's`, async () => {
      const { net } = line()
      const exe = await net.lower({ backend })
      const first = exe.run([[1]])
      const second = exe.run([[2]])
      assert.deepEqual([values(first), values(second)], [[3], [5]])
      first.data[0] = 77
      assert.deepEqual(values(exe.run([[1]])), [3])
    })

    it(`are not the input, even where the model gives it back, on ${backend}`, async () => {
      const x = input({ shape: [2] })
      const net = model({
        inputs: x,
        outputs: [x, layers.dropout({ rate: 0.5 }).apply(x), layers.reshape({ targetShape: [2, 1] }).apply(x)],
      })
      const data = Float32Array.of(1, 2)
      for (const out of (await net.predict(data, { backend })) as NDArray[]) {
        out.data[0] = 9
        assert.deepEqual([...data], [1, 2])
      }
    })
  }

  it('come alone from run() for one output, as a list from runAll()', async () => {
    const x = input({ shape: [1] })
    const net = model({ inputs: x, outputs: [layers.reLU().apply(x), layers.elu().apply(x)] })
    const exe = await net.lower({ backend: 'reference' })
    assert.throws(() => exe.run([[1]]), /has 2 outputs\n {2}hint: runAll\(\)/)
    assert.equal(exe.runAll([[1]]).length, 2)
    assert.equal((await exe.runAsync([[1]])).length, 2)
  })
})

describe('call(), the path without copies', () => {
  for (const backend of names) {
    it(`reads exe.inputs and writes exe.outputs on ${backend}, the same arrays each time`, async () => {
      const { net } = line(2)
      const exe = await net.lower({ backend, sizes: { batch: 2 } })
      const { x } = exe.inputs
      const { line: y } = exe.outputs
      assert.ok(x && y)
      assert.deepEqual([x.length, y.length], [2, 4])
      x.set([1, 2])
      exe.call()
      assert.deepEqual([...y], [3, 3, 5, 5])
      exe.inputs.x?.set([0, -1])
      exe.call()
      assert.deepEqual([...y], [1, 1, -1, -1])
      assert.equal(exe.outputs.line, y)
      net.setWeights([[[1, 1]], [0, 0]])
      exe.call()
      assert.deepEqual([...y], [0, 0, -1, -1], 'new weights are seen')
      exe.dispose()
    })
  }

  it('needs every size bound, and says which are not', async () => {
    const exe = await line().net.lower({ backend: 'reference' })
    for (const use of [() => exe.call(), () => exe.inputs, () => exe.outputs]) {
      assert.throws(use, /call\(\) needs every size bound; unknown are batch\n {2}hint: lower\(\{ sizes: \{ batch: 1 \} \}\)/)
    }
  })

  it('holds run() to the sizes that were bound', async () => {
    const exe = await line().net.lower({ backend: 'reference', sizes: { batch: 2 } })
    assert.deepEqual(values(exe.run([[1], [2]])), [3, 5])
    assert.throws(
      () => exe.run([[1]]),
      (error: Error) => error instanceof ShapeError && /batch was bound to 2 by lower\(\), got 1/.test(error.message),
    )
  })
})

describe('lowering', () => {
  it('is synchronous for a backend that is loaded', async () => {
    const { net } = line()
    assert.deepEqual(values(net.lowerSync({ backend: 'reference' }).run([[1]])), [3])
    await net.lower({ backend: 'cpu' })
    assert.deepEqual(values(net.lowerSync({ backend: 'cpu' }).run([[1]])), [3])
  })

  it('says which backend it took, and why', async () => {
    const { net } = line()
    const named = net.lowerSync({ backend: 'reference' })
    assert.deepEqual([named.backend, named.why], ['reference', 'reference was asked for by name'])
    const auto = await net.lower()
    assert.match(auto.why, new RegExp(`^${auto.backend} is the first of `))
  })

  it('refuses unknown backends, passes, sizes and options before anything is compiled', async () => {
    const { net } = line()
    const lower = (options: object) => () => net.lowerSync({ backend: 'reference', ...options })
    assert.throws(lower({ backend: 'gpu' }), /there is no backend "gpu"/)
    assert.throws(lower({ passes: 'all' }), /lower\(\): passes should be one of "default", "none", got "all"/)
    assert.throws(lower({ sizes: { rows: 1 } }), /no size named "rows"\n {2}hint: its unknown sizes are batch/)
    for (const size of [-1, 0.5, '2', Number.NaN])
      assert.throws(lower({ sizes: { batch: size } }), /sizes\.batch should be a whole number ≥ 0/)
    assert.throws(lower({ batchSize: 3 }), /lower\(\) has no option "batchSize"\n {2}hint: its options are backend/)
    await assert.rejects(net.run([[1]], { trainig: true } as object), /run\(\) has no option "trainig"/)
    await assert.rejects(net.predict([[1]], { batchsize: 1 } as object), /predict\(\) has no option "batchsize"/)
    for (const batchSize of [0, -1, 1.5, Number.NaN])
      await assert.rejects(net.predict([[1]], { batchSize }), /batchSize should be a whole number ≥ 1/)
  })

  it('says what to do where the engine has no memory left', async () => {
    const { Memory } = WebAssembly
    WebAssembly.Memory = class {
      constructor() {
        throw new RangeError('could not allocate memory')
      }
    } as never
    try {
      await assert.rejects(line().net.lower({ backend: 'jit' }), /^BackendError: .*could not allocate memory\n {2}hint: dispose\(\)/)
    } finally {
      WebAssembly.Memory = Memory
    }
  })

  it('refuses a backend that the platform lacks', async () => {
    const platform = { simd: false, wasm: false, relaxedSimd: false }
    await assert.rejects(line().net.lower({ backend: 'wasm', platform: platform as never }), BackendError)
  })
})

describe('after dispose()', () => {
  for (const backend of names) {
    it(`an executable on ${backend} refuses to run; a second dispose does nothing`, async () => {
      const { net } = line()
      const exe = await net.lower({ backend, sizes: { batch: 1 } })
      exe.run([[1]])
      exe.call()
      exe.dispose()
      exe.dispose()
      const uses = [() => exe.run([[1]]), () => exe.runAll([[1]]), () => exe.runWithLosses([[1]]), () => exe.call(), () => exe.inputs]
      for (const use of uses)
        assert.throws(use, (error: Error) => error instanceof DisposedError && /hint: lower the model again/.test(error.message))
      await assert.rejects(exe.runAsync([[1]]), DisposedError)
      assert.deepEqual(values(net.lowerSync({ backend }).run([[1]])), [3], 'the model lives on')
    })
  }

  it('an executable that is still known holds no memory on the jit, whatever it ran before', async () => {
    const { Memory } = WebAssembly
    const made: WeakRef<WebAssembly.Memory>[] = []
    class Watched extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor)
        made.push(new WeakRef(this))
      }
    }
    const net = sequential({ layers: [input({ shape: [4] }), layers.batchNormalization(), layers.dense({ units: 3 })] })
    const use = async () => {
      const exe = await net.lower({ backend: 'jit', sizes: { batch: 1 } })
      exe.run(new Float32Array(4))
      exe.call()
      await exe.profile(new Float32Array(4), { runs: 1 })
      await exe.warmup()
      exe.dispose()
      return exe
    }
    WebAssembly.Memory = Watched
    try {
      const known = await use()
      assert.ok(made.length > 0)
      for (let k = 0; k < 20 && made.some(memory => memory.deref()); k++) {
        await new Promise(resolve => setTimeout(resolve, 10)) // a WeakRef holds what it refers to until the end of its turn
        globalThis.gc?.()
      }
      assert.ok(made.every(memory => memory.deref() === undefined))
      assert.throws(() => known.run(new Float32Array(4)), DisposedError)
    } finally {
      WebAssembly.Memory = Memory
    }
  })

  for (const backend of names) {
    it(`what waits for a program on ${backend} is told so`, async () => {
      const exe = await line().net.lower({ backend })
      const waiting = [exe.runAsync([[1]]), exe.warmup({ batch: 2 })]
      exe.dispose()
      for (const use of waiting) await assert.rejects(use, DisposedError)
    })
  }

  it('a model refuses everything, but its layers and weights live on', async () => {
    const { net, dense } = line()
    const other = sequential({ layers: [input({ shape: [1] }), layers.reLU()] })
    const exe = await net.lower({ backend: 'reference' })
    await net.predict([[1]])
    net.dispose()
    net.dispose()
    for (const use of [() => net.lowerSync({ backend: 'reference' }), () => net.trace(), () => net.graphText()])
      assert.throws(use, DisposedError)
    for (const use of [net.predict([[1]]), net.run([[1]]), net.lower(), net.losses([[1]])]) {
      await assert.rejects(use, (error: Error) => error instanceof DisposedError && /"line"|Sequential/.test(error.message))
    }
    assert.deepEqual(values(exe.run([[1]])), [3], "an executable of one's own is one's own to dispose of")
    assert.deepEqual(dense.getWeights().map(values), [[2], [1]])
    assert.deepEqual(values(await other.predict([[-1]])), [0])
  })
})
